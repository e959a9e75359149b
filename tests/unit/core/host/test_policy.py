"""Every rule, alone and together with others; all reasons; no flapping."""

from datetime import datetime

import pytest

from core.control.commands import UNTIL_RESTART
from core.host.overrides import Overrides
from core.host.policy import Signals, clock_text, decide
from core.preferences_file import Preferences

NOON = datetime(2026, 3, 4, 12, 0).astimezone().timestamp()
GB = 10**9
FINE = Signals(on_battery=False, battery_percent=90.0, memory_available=8 * GB, disk_free=50 * GB)
UNKNOWN = Signals()
PAUSED = Overrides.pause(None, NOON)


def preferences(**values):
    return Preferences({"cpu_percent": 40, "min_free_memory_gb": 1.0, "min_free_disk_gb": 2.0, **values})


def signals(**values):
    return Signals(**{"on_battery": False, "memory_available": 8 * GB, "disk_free": 50 * GB, **values})


def run(sensed=FINE, prefs=None, overrides=None, now=NOON, held=None):
    return decide(sensed, prefs or preferences(), overrides or Overrides(), now, held)


def codes(decision):
    return [reason.code for reason in decision.reasons]


@pytest.mark.parametrize("sensed", [FINE, UNKNOWN])
def test_nothing_holds(sensed):
    decision = run(sensed)
    assert (decision.hold, decision.share, decision.reasons) == (None, 0.4, ())


@pytest.mark.parametrize(
    ("sensed", "prefs", "overrides", "hold", "expected"),
    [
        (FINE, {}, PAUSED, "paused", ["paused_by_user"]),
        (FINE, {"cpu_percent": 0}, None, "paused", ["no_budget"]),
        (signals(on_battery=True), {}, None, "guarded", ["on_battery"]),
        (signals(on_battery=True), {"run_on_battery": True}, None, None, []),
        (signals(on_battery=None), {}, None, None, []),
        (signals(memory_available=0.9 * GB), {}, None, "guarded", ["low_memory"]),
        (signals(memory_available=0), {"min_free_memory_gb": 0}, None, None, []),
        (signals(memory_available=1.1 * GB), {}, None, None, []),
        (signals(disk_free=1 * GB), {}, None, "guarded", ["low_disk"]),
        (signals(disk_free=0), {"min_free_disk_gb": 0}, None, None, []),
        (
            signals(on_battery=True, memory_available=0, disk_free=0),
            {"cpu_percent": 0},
            PAUSED,
            "paused",
            ["paused_by_user", "no_budget", "on_battery", "low_memory", "low_disk"],
        ),
    ],
)
def test_rules(sensed, prefs, overrides, hold, expected):
    decision = run(sensed, preferences(**prefs), overrides)
    assert decision.hold == hold
    assert codes(decision) == expected


def test_reasons_say_what_resolves_them():
    decision = run(
        signals(on_battery=True, battery_percent=41.6, memory_available=GB // 2, disk_free=GB),
        preferences(cpu_percent=0),
        PAUSED,
    )
    assert {reason.code: (reason.text, reason.fix) for reason in decision.reasons} == {
        "paused_by_user": ("you paused it until you resume", "resume"),
        "no_budget": ("the budget is 0 %", "preference:cpu_percent"),
        "on_battery": ("the computer runs on battery (42 %)", "preference:run_on_battery"),
        "low_memory": (
            "only 0.5 GB of memory are free, and 1 GB must stay free for other programs",
            "preference:min_free_memory_gb",
        ),
        "low_disk": (
            "only 1.0 GB of disk space are free, and 2 GB must stay free for other programs",
            "preference:min_free_disk_gb",
        ),
    }


def test_a_timed_pause_says_when_it_ends_and_ends():
    pause = Overrides.pause(2.5 * 3600, NOON)
    (reason,) = run(overrides=pause).reasons
    assert (reason.text, reason.until) == ("you paused it until 14:30", NOON + 9000)
    assert run(overrides=pause, now=NOON + 8999).hold == "paused"
    assert run(overrides=pause, now=NOON + 9000).hold is None


def test_a_pause_until_restart():
    (reason,) = run(overrides=Overrides.pause(UNTIL_RESTART, NOON)).reasons
    assert "started again" in reason.text
    assert reason.until == 0


def test_a_guard_lets_go_only_after_a_while():
    held = run(signals(on_battery=True)).held
    later = run(FINE, now=NOON + 4, held=held)
    assert codes(later) == ["on_battery"]
    assert later.reasons[0].until == NOON + 10
    assert later.reasons[0].text == "the computer was on battery until just now"
    assert run(FINE, now=NOON + 9.9, held=later.held).hold == "guarded"
    free = run(FINE, now=NOON + 10, held=later.held)
    assert (free.hold, dict(free.held)) == (None, {})


def test_a_flapping_sensor_does_not_flap_the_work():
    held, holds = {}, []
    for second in range(60):
        decision = run(signals(on_battery=second % 3 == 0), now=NOON + second, held=held)
        held = decision.held
        holds.append(decision.hold)
    assert holds == ["guarded"] * 60


def test_scarce_memory_must_recover_beyond_the_limit():
    held = run(signals(memory_available=int(0.9 * GB))).held
    assert run(signals(memory_available=int(1.2 * GB)), now=NOON + 60, held=held).hold == "guarded"
    assert run(signals(memory_available=int(1.3 * GB)), now=NOON + 60, held=held).hold is None
    assert run(signals(memory_available=int(1.2 * GB)), now=NOON + 60).hold is None


def test_switching_a_rule_off_lets_go_at_once():
    held = run(signals(on_battery=True, memory_available=0)).held
    decision = run(FINE, preferences(run_on_battery=True, min_free_memory_gb=0), now=NOON + 1, held=held)
    assert decision.hold is None


def test_a_clock_set_back_does_not_hold_work_for_long():
    held = run(signals(on_battery=True)).held
    first = run(FINE, now=NOON - 86400, held=held)
    assert first.hold == "guarded"
    assert run(FINE, now=NOON - 86400 + 10, held=first.held).hold is None


@pytest.mark.parametrize(
    ("hours", "text"), [(2, "14:00"), (13, "tomorrow 01:00"), (24, "tomorrow 12:00"), (48, "2026-03-06 12:00")]
)
def test_moments_as_people_say_them(hours, text):
    assert clock_text(NOON + hours * 3600, NOON) == text
