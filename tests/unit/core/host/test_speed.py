"""Speeds are measured once and remembered while they hold."""

import json
from dataclasses import replace

import pytest

from core.host.devices import DeviceInfo, FakeDevices
from core.host.hardware import Hardware
from core.host.speed import measured_speeds

HARDWARE = Hardware("Chip", 4, 10**10, 10**10, (DeviceInfo("cuda:0", "Card", 10**10, 10**10),))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "speed.json"


def devices(version: str = "2.9") -> FakeDevices:
    return FakeDevices(speeds={"cpu": 50.0, "cuda:0": 9000.0}, version=version)


def test_measured_once(path):
    first, second = devices(), devices()
    expected = {"cpu": 50.0, "cuda:0": 9000.0}
    assert measured_speeds(path, HARDWARE, first) == expected
    assert sorted(first.measured) == ["cpu", "cuda:0"]
    assert measured_speeds(path, HARDWARE, second) == expected
    assert second.measured == []


def test_another_version_or_number_of_cores_is_measured_again(path):
    measured_speeds(path, HARDWARE, devices())
    newer, wider = devices("3.0"), devices()
    measured_speeds(path, HARDWARE, newer)
    assert sorted(newer.measured) == ["cpu", "cuda:0"]
    measured_speeds(path, replace(HARDWARE, cores=8), wider)
    assert wider.measured == ["cpu"]


def test_a_device_that_cannot_compute_is_left_out(path):
    layer = FakeDevices(speeds={"cpu": 50.0})
    assert measured_speeds(path, HARDWARE, layer) == {"cpu": 50.0}


@pytest.mark.parametrize("content", ["", "[]", "{", '{"Chip × 4 | fake": "x"}', '{"Chip × 4 | fake": -1}', "\x00"])
def test_a_broken_file_is_measured_anew(path, content):
    path.write_text(content)
    layer = FakeDevices(speeds={"cpu": 50.0, "cuda:0": 1.0})
    assert measured_speeds(path, HARDWARE, layer)["cpu"] == 50.0
    assert json.loads(path.read_text())["Chip × 4 | fake"] == 50.0


def test_a_file_that_cannot_be_written_costs_only_the_memory(tmp_path, caplog):
    speeds = measured_speeds(tmp_path / "none" / "speed.json", HARDWARE, devices())
    assert speeds == {"cpu": 50.0, "cuda:0": 9000.0}
    assert "measured again" in caplog.text
