"""Detectors in their rhythm, what they say when they fail, and what is no longer believed."""

import ctypes
import math
from collections import namedtuple
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from core.host.sensing.detector import FakeDetector, FirstThatWorks, Reading, Unknown
from core.host.sensing.everywhere import OtherPrograms, RunningPrograms, Temperature
from core.host.sensing.macos import MacIdle
from core.host.sensing.senses import Sensed, Senses, _unix, detectors_of_this_computer
from core.host.sensing.windows import (
    WindowsFullscreen,
    WindowsIdle,
    WindowsMetered,
    _Guid,
    _guid,
    idle_from_ticks,
    is_metered,
)

Times = namedtuple("Times", "user nice system idle iowait guest")
Part = namedtuple("Part", "label current high critical")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def senses(clock: Clock, **detectors: Any) -> Senses:
    return Senses(detectors, detectors.get("exclusive"), clock)


class TestSenses:
    def test_each_detector_is_read_in_its_own_rhythm(self):
        clock, idle, metered = (
            Clock(),
            FakeDetector(Reading(3.0, "a"), period_s=2.0),
            FakeDetector(Reading(True, "b"), 30.0),
        )
        both = senses(clock, idle=idle, metered=metered)
        for _ in range(60):
            both.step()
            clock.now += 1
        assert (idle.reads, metered.reads) == (30, 2)
        assert both.sensed().metered is True

    def test_says_how_long_to_wait(self):
        clock = Clock()
        both = senses(clock, idle=FakeDetector(Reading(3.0, ""), 2.0), metered=FakeDetector(Reading(True, ""), 30.0))
        assert both.step() == 2.0

    def test_seconds_without_input_go_on_between_readings(self):
        clock = Clock()
        one = senses(clock, idle=FakeDetector(Reading(3.0, ""), 5.0))
        one.step()
        clock.now += 2.5
        assert one.sensed().idle_s == 5.5

    def test_a_reading_that_is_not_renewed_is_no_longer_believed(self):
        clock = Clock()
        one = senses(clock, temperature=FakeDetector(Reading(50.0, "")))
        one.step()
        clock.now += 29
        assert one.sensed().temperature == 50.0
        clock.now += 2
        assert one.sensed() == Sensed()
        assert not one.views()[0].works

    def test_a_detector_that_fails_blinds_nobody(self, caplog):
        class Broken(FakeDetector[float]):
            def read(self):
                raise RuntimeError("unforeseen")

        clock = Clock()
        both = senses(clock, idle=Broken(Reading(None, "")), temperature=FakeDetector(Reading(50.0, "")))
        both.step()
        assert both.sensed() == Sensed(temperature=50.0)
        assert "unforeseen" in caplog.text

    def test_views_say_what_works_and_why_not(self):
        clock = Clock()
        made = senses(
            clock,
            idle=FakeDetector(Reading(math.inf, "No desktop.")),
            fullscreen=FakeDetector(Reading(None, "Nobody tells.")),
            metered=FakeDetector(Reading(False, "NetworkManager tells.")),
            temperature=FakeDetector(Reading(61.4, "A sensor tells.")),
            others_cpu=FakeDetector(Reading(0.254, "Measured.")),
        )
        assert made.views()[0].sentence == "Not asked yet."
        made.step()
        assert [(view.name, view.works, view.reading, view.sentence) for view in made.views()] == [
            ("idle", True, "nobody", "No desktop."),
            ("fullscreen", False, "unknown", "Nobody tells."),
            ("metered", True, "no", "NetworkManager tells."),
            ("temperature", True, "61 °C", "A sensor tells."),
            ("others_cpu", True, "25 %", "Measured."),
        ]

    def test_new_names_are_looked_for_at_once(self):
        clock = Clock()
        programs = RunningPrograms(lambda _: [SimpleNamespace(info={"name": "Blender.exe"})])
        one = senses(clock, exclusive=programs)
        one.step()
        assert one.sensed().exclusive is None
        one.look_for(("blender", "steam"))
        one.step()
        assert one.sensed().exclusive == ("blender",)

    def test_the_thread_reads_and_ends(self):
        detector = FakeDetector(Reading(1.0, ""))
        one = Senses({"temperature": detector})
        one.start()
        one.close()
        assert detector.closed == 1
        assert not one._thread.is_alive()


def test_the_first_detector_that_works_is_asked_first_the_next_time():
    first, second = FakeDetector(Reading(None, "No.")), FakeDetector(Reading(4.0, "Yes."))
    chain = FirstThatWorks([first, second])
    assert [chain.read().value for _ in range(3)] == [4.0] * 3
    assert (first.reads, second.reads) == (1, 3)
    second.reading = Reading(None, "No more.")
    assert chain.read() == Reading(None, "No more. No.")
    chain.close()
    assert (first.closed, second.closed) == (1, 1)
    assert Unknown("Why.").read() == Reading(None, "Why.")


class TestEverywhere:
    def test_what_other_programs_take(self):
        clock, own = Clock(), [0.0]
        counted = [Times(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)]
        detector = OtherPrograms(clock, lambda: counted[0], lambda: own[0])
        assert detector.read().value is None
        for second in range(1, 31):
            clock.now += 1
            own[0] += 0.5  # of two cores: this program a half, others one, a half idle
            counted[0] = Times(1.2 * second, 0.0, 0.3 * second, 0.3 * second, 0.2 * second, 1.2 * second)
            value = detector.read().value
        assert value == pytest.approx(0.5)
        for second in range(1, 13):
            clock.now += 1
            counted[0] = counted[0]._replace(idle=counted[0].idle + 2.0)
            value = detector.read().value
            assert (value == 0.0) == (second >= 10)

    def test_this_computer(self):
        detector = OtherPrograms()
        detector.read()
        for _ in range(100_000):
            pass
        value = detector.read().value
        assert value is None or 0 <= value <= 1
        assert set(detectors_of_this_computer(RunningPrograms())) == {
            "idle", "fullscreen", "metered", "temperature", "others_cpu", "exclusive",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("chips", "value"),
        [
            ({}, None),
            ({"nvme": [Part("", 70.0, None, None)]}, None),
            ({"coretemp": [Part("a", 61.0, None, None), Part("b", 64.0, None, None)], "acpitz": []}, 64.0),
            ({"coretemp": [Part("a", 0.0, None, None)], "acpitz": [Part("", 40.0, None, None)]}, 40.0),
            ({"k10temp": [Part("a", 255.0, None, None)]}, None),
        ],
    )
    def test_temperatures(self, monkeypatch, chips, value):
        monkeypatch.setattr(psutil, "sensors_temperatures", lambda: chips, raising=False)
        assert Temperature().read().value == value

    def test_a_system_without_temperatures(self, monkeypatch):
        monkeypatch.delattr(psutil, "sensors_temperatures", raising=False)
        assert Temperature().read() == Reading(None, "This system shows its temperature to drivers alone.")

    def test_running_programs(self):
        programs = RunningPrograms()
        assert programs.read().value is None
        programs.names = (psutil.Process().name().lower().removesuffix(".exe"), "no such program")
        assert programs.read().value == programs.names[:1]


class TestOtherSystems:
    """What cannot run here is pure, or says so."""

    def test_elsewhere_they_say_so(self):
        if ctypes.sizeof(_Guid) and not hasattr(ctypes, "windll"):
            for detector in (WindowsIdle(), WindowsFullscreen(), WindowsMetered()):
                assert detector.read() == Reading(None, "This is not Windows.")
        if psutil.MACOS is False:
            assert MacIdle().read() == Reading(None, "This is not macOS.")

    def test_the_counter_of_windows_starts_anew(self):
        assert idle_from_ticks(5000, 2000) == 3.0
        assert idle_from_ticks(1000, 0xFFFFFFFF - 999) == 2.0

    @pytest.mark.parametrize(
        ("cost", "metered"), [(0, None), (1, False), (2, True), (4, True), (0x10001, True), (0x40001, True)]
    )
    def test_costs_of_windows(self, cost, metered):
        assert is_metered(cost) is metered

    def test_class_names_of_windows(self):
        made = _guid("DCB00C01570F4A9B8D69199FDBA5723B")
        assert (made.a & 0xFFFFFFFF, made.b, made.c) == (0xDCB00C01, 0x570F, 0x4A9B)
        assert bytes(made.d).hex() == "8d69199fdba5723b"

    def test_what_is_asked_depends_on_the_desktop(self):
        x11 = _unix({"DISPLAY": ":0"})["idle"]
        wayland = _unix({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": "/run/user/1"})["idle"]
        assert [type(each).__name__ for each in x11.choices] == ["X11Idle", "GnomeIdle", "LoginIdle"]
        assert [type(each).__name__ for each in wayland.choices] == ["GnomeIdle", "CompositorIdle", "LoginIdle"]
        nobody = _unix({})
        assert type(nobody["idle"]).__name__ == "LoginIdle"
        assert nobody["fullscreen"].read() == Reading(None, "There is no desktop here.")
