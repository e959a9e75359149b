"""Readings become rates and signals."""

from collections import namedtuple

import psutil
import pytest

from core.host.signals import Signals
from core.host.usage import FakeSensors, Power, SystemSensors, UsageSampler

Battery = namedtuple("Battery", "percent secsleft power_plugged")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_share_is_the_mean_of_the_last_seconds():
    clock, sensors = Clock(), FakeSensors(resident=5)
    sampler = UsageSampler(sensors, cores=2, clock=clock)
    assert sampler.usage().cpu_share == 0.0
    for _ in range(20):
        clock.now += 1
        sensors.cpu += 1.0
        usage = sampler.usage()
    assert (usage.cpu_share, usage.resident_bytes) == (pytest.approx(0.5), 5)
    for _ in range(6):
        clock.now += 1
        usage = sampler.usage()
    assert usage.cpu_share == 0.0


def test_asking_too_often_changes_nothing():
    clock, sensors = Clock(), FakeSensors()
    sampler = UsageSampler(sensors, cores=1, clock=clock)
    for _ in range(1000):
        clock.now += 0.01
        sensors.cpu += 0.005
        usage = sampler.usage()
    assert usage.cpu_share == pytest.approx(0.5)


def test_shares_stay_within_bounds():
    clock, sensors = Clock(), FakeSensors()
    sampler = UsageSampler(sensors, cores=1, clock=clock)
    clock.now += 1
    sensors.cpu += 5
    assert sampler.usage().cpu_share == 1.0
    clock.now += 1
    sensors.cpu = 0
    assert sampler.usage().cpu_share == 0.0


def test_signals():
    sensors = FakeSensors(memory=7, disk=None, battery=Power(True, 55.0))
    signals = UsageSampler(sensors, cores=1, clock=Clock()).signals()
    assert signals == Signals(on_battery=True, battery_percent=55.0, memory_available=7, disk_free=None)


def test_this_computer(tmp_path):
    sensors = SystemSensors(tmp_path)
    assert sensors.cpu_seconds() > 0
    assert sensors.resident_bytes() > 1_000_000
    assert (sensors.memory_available() or 0) > 1_000_000
    assert (sensors.disk_free() or 0) > 0
    assert sensors.power().on_battery in (None, True, False)
    assert SystemSensors(tmp_path / "none").disk_free() is None


@pytest.mark.parametrize(
    ("battery", "power"),
    [
        (None, Power(None, None)),
        (Battery(40, 0, False), Power(True, 40.0)),
        (Battery(40, 0, True), Power(False, 40.0)),
        (Battery(40, 0, None), Power(None, 40.0)),
    ],
)
def test_batteries(tmp_path, monkeypatch, battery, power):
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    assert SystemSensors(tmp_path).power() == power


def test_a_system_without_battery_readings(tmp_path, monkeypatch):
    def fail() -> None:
        raise FileNotFoundError("/sys/class/power_supply")

    monkeypatch.setattr(psutil, "sensors_battery", fail, raising=False)
    assert SystemSensors(tmp_path).power() == Power()
    monkeypatch.delattr(psutil, "sensors_battery")
    assert SystemSensors(tmp_path).power() == Power()
