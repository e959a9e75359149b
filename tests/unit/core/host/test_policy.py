"""Every rule, alone and together with others, in every mode; all reasons; no flapping; clocks that jump."""

import itertools
import math
from datetime import datetime

import pytest

from core.control.commands import COMMANDS, UNTIL_RESTART, Command
from core.host.overrides import Overrides
from core.host.policy import decide
from core.host.rules import RULES
from core.host.signals import Moment, Signals
from core.preferences import BY_NAME
from core.preferences_file import Preferences
from net.words import clock_text

NOON = datetime(2026, 3, 4, 12, 0).astimezone().timestamp()  # a Wednesday
GB = 10**9
UNKNOWN = Signals(idle_s=math.inf)
PAUSED = Overrides.pause(None, NOON)
FREE_NOON = "wed 12-14 0%"

# One signal, with the preferences that it needs, for the cause of each rule.
CAUSES = {
    "on_battery": ({"on_battery": True}, {}),
    "battery_low": ({"on_battery": True, "battery_percent": 15.0}, {"run_on_battery": True}),
    "too_hot": ({"temperature": 99.0}, {"temperature_target": 0}),
    "low_memory": ({"memory_available": GB // 2}, {}),
    "low_disk": ({"disk_free": GB}, {}),
    "metered": ({"metered": True}, {}),
    "traffic_cap": ({"traffic_month": 51 * GB}, {"monthly_traffic_gb": 50}),
    "schedule": ({}, {"schedule": FREE_NOON}),
    "in_use": ({"idle_s": 5.0}, {"cpu_percent_in_use": 0}),
    "fullscreen": ({"fullscreen": True}, {}),
    "exclusive_app": ({"exclusive": ("blender",)}, {"exclusive_apps": "steam, Blender"}),
    "busy": ({"others_cpu": 0.6}, {"busy_percent": 50}),
}
GUARDS = {rule.code for rule in RULES if rule.guard}
OFF = {
    "on_battery": {"run_on_battery": True},
    "battery_low": {"battery_min_percent": 0},
    "too_hot": {"temperature_max": 0},
    "low_memory": {"min_free_memory_gb": 0},
    "low_disk": {"min_free_disk_gb": 0},
    "metered": {"run_on_metered": True},
    "traffic_cap": {"monthly_traffic_gb": 0},
    "schedule": {"schedule": ""},
    "in_use": {"cpu_percent_in_use": 20},
    "fullscreen": {"pause_on_fullscreen": False},
    "exclusive_app": {"exclusive_apps": ""},
    "busy": {"busy_percent": 0},
}


def preferences(**values):
    return Preferences({"cpu_percent": 40, "min_free_memory_gb": 1.0, "min_free_disk_gb": 2.0, **values})


def signals(**values):
    fine = {
        "on_battery": False,
        "battery_percent": 90.0,
        "memory_available": 8 * GB,
        "disk_free": 50 * GB,
        "idle_s": math.inf,
        "others_cpu": 0.1,
        "temperature": 50.0,
        "fullscreen": False,
        "exclusive": (),
        "metered": False,
        "traffic_month": 0,
    }
    return Signals(**{**fine, **values})


FINE = signals()


def run(sensed=FINE, prefs=None, overrides=None, after=0.0, memory=None, jump=0.0):
    """after: seconds later, on both clocks; jump: how far the wall clock was set beside that."""
    now = Moment(NOON + after + jump, 1000.0 + after)
    return decide(sensed, prefs or preferences(), overrides or Overrides(), now, memory)


def holding(decision):
    return [reason.code for reason in decision.reasons if reason.holds]


@pytest.mark.parametrize("sensed", [FINE, UNKNOWN])
@pytest.mark.parametrize("mode", ["auto", "always"])
def test_nothing_holds(sensed, mode):
    decision = run(sensed, preferences(mode=mode))
    assert (decision.hold, decision.share, decision.reasons) == (None, 0.4, ())


def test_every_rule_has_its_row():
    assert set(CAUSES) == set(OFF) == {rule.code for rule in RULES}


@pytest.mark.parametrize("code", CAUSES)
class TestEachRule:
    def test_holds_in_the_mode_auto(self, code):
        sensed, prefs = CAUSES[code]
        decision = run(signals(**sensed), preferences(**prefs))
        assert (decision.hold, holding(decision)[0]) == ("guarded", code)

    def test_holds_in_the_mode_always_when_it_is_a_guard(self, code):
        sensed, prefs = CAUSES[code]
        decision = run(signals(**sensed), preferences(**prefs, mode="always"))
        assert holding(decision) == ([code] if code in GUARDS else [])
        assert decision.hold == ("guarded" if code in GUARDS else None)

    @pytest.mark.parametrize("mode", ["auto", "always", "paused"])
    @pytest.mark.parametrize("overrides", [Overrides(), PAUSED])
    def test_a_pause_comes_first_and_hides_nothing(self, code, mode, overrides):
        sensed, prefs = CAUSES[code]
        decision = run(signals(**sensed), preferences(**prefs, mode=mode), overrides)
        wishes = (["paused_by_user"] if overrides.paused else []) + (["mode_paused"] if mode == "paused" else [])
        rules = [code] if mode != "always" or code in GUARDS else []
        assert holding(decision) == [*wishes, *rules]
        assert decision.hold == ("paused" if wishes else "guarded" if rules else None)

    def test_is_off_when_switched_off(self, code):
        sensed, prefs = CAUSES[code]
        assert code not in holding(run(signals(**sensed), preferences(**{**prefs, **OFF[code]})))

    def test_lets_go_at_once_when_switched_off(self, code):
        sensed, prefs = CAUSES[code]
        memory = run(signals(**sensed), preferences(**prefs)).memory
        later = run(signals(**sensed), preferences(**{**prefs, **OFF[code]}), after=1, memory=memory)
        assert code not in holding(later)

    def test_says_how_to_resolve_it(self, code):
        sensed, prefs = CAUSES[code]
        chosen = preferences(**prefs)
        decision = run(signals(**sensed), chosen)
        reason = next(reason for reason in decision.reasons if reason.code == code)
        kind, _, name = reason.fix.partition(":")
        assert kind == "preference"
        assert name in BY_NAME
        assert reason.actions
        for action in reason.actions:
            assert action.label
            if action.command == "open_preference":
                assert action.arguments["name"] in BY_NAME
                continue
            assert action.command in COMMANDS
            Command.parse(action.command, action.arguments)
            chosen.copy().update(action.arguments["values"])

    def test_its_first_machine_made_change_resolves_it(self, code):
        sensed, prefs = CAUSES[code]
        chosen = preferences(**prefs)
        reason = next(r for r in run(signals(**sensed), chosen).reasons if r.code == code)
        changes = [action for action in reason.actions if action.command == "preferences_set"]
        for action in changes:
            changed = chosen.copy()
            changed.update(action.arguments["values"])
            assert code not in holding(run(signals(**sensed), changed))


@pytest.mark.parametrize("code", sorted(CAUSES.keys() - {"schedule"}))
def test_a_rule_is_silent_where_the_computer_cannot_tell(code):
    _, prefs = CAUSES[code]
    assert run(UNKNOWN, preferences(**prefs)).hold is None


@pytest.mark.parametrize("code", sorted(CAUSES.keys() - {"schedule", "traffic_cap"}))  # these follow the wall clock
@pytest.mark.parametrize("jump", [-86400.0, 86400.0 * 400])
def test_a_clock_that_is_set_neither_frees_nor_keeps_work(code, jump):
    sensed, prefs = CAUSES[code]
    memory = run(signals(**sensed), preferences(**prefs)).memory
    settle = next(rule.settle_s for rule in RULES if rule.code == code)
    after = run(FINE, preferences(**prefs), after=1, memory=memory, jump=jump)
    assert holding(after) == ([code] if settle > 1 else [])
    assert run(FINE, preferences(**prefs), after=settle, memory=after.memory, jump=jump).hold is None


@pytest.mark.parametrize(
    ("one", "other"),
    # on_battery and battery_low want the opposite of one preference; together they are told below.
    [pair for pair in itertools.combinations(CAUSES, 2) if pair != ("on_battery", "battery_low")],
)
def test_rules_hold_together_and_each_is_named(one, other):
    sensed, prefs = CAUSES[one]
    more, chosen = CAUSES[other]
    merged = {**sensed, **more}
    if "on_battery" in (one, other):
        merged["on_battery"] = True
    if "battery_low" in (one, other):
        merged |= {"on_battery": True}
    decision = run(signals(**merged), preferences(**prefs, **chosen))
    assert sorted(holding(decision)) == sorted([one, other])


def test_everything_at_once_is_told_in_order():
    sensed = {name: value for cause, _ in CAUSES.values() for name, value in cause.items()}
    prefs = {name: value for _, chosen in CAUSES.values() for name, value in chosen.items()}
    decision = run(signals(**sensed), preferences(**{**prefs, "run_on_battery": False, "cpu_percent": 0}), PAUSED)
    assert decision.hold == "paused"
    assert holding(decision) == ["paused_by_user", "no_budget", *(rule.code for rule in RULES)]


def test_reasons_are_sentences():
    sensed = signals(on_battery=True, battery_percent=12.4, memory_available=GB // 2, temperature=97.0)
    prefs = preferences(run_on_battery=True)
    assert {reason.code: reason.text for reason in run(sensed, prefs).reasons if reason.holds} == {
        "battery_low": "the battery is at 12 %, until charged to 40 %",
        "too_hot": "the processor is at 97 °C, and work waits until it is below 87 °C",
        "low_memory": "only 0.5 GB of memory are free, and 1 GB must stay free for other programs",
    }


def test_a_timed_pause_says_when_it_ends_and_ends():
    pause = Overrides.pause(2.5 * 3600, NOON)
    (reason,) = run(overrides=pause).reasons
    assert (reason.text, reason.until) == ("you paused it until 14:30", NOON + 9000)
    assert run(overrides=pause, after=8999).hold == "paused"
    assert run(overrides=pause, after=9000).hold is None


def test_a_pause_over_a_sleep_ends_by_the_wall_clock():
    pause = Overrides.pause(3600, NOON)
    assert run(overrides=pause, after=1, jump=3598).hold == "paused"
    assert run(overrides=pause, after=1, jump=3600).hold is None


def test_a_pause_grows_no_longer_when_the_clock_is_set_back():
    (reason,) = run(overrides=Overrides.pause(3600, NOON), jump=-86400 * 30).reasons
    assert reason.until == NOON - 86400 * 30 + 3600


def test_a_pause_until_restart():
    (reason,) = run(overrides=Overrides.pause(UNTIL_RESTART, NOON)).reasons
    assert "started again" in reason.text
    assert reason.until == 0


def test_a_guard_lets_go_only_after_a_while():
    memory = run(signals(on_battery=True)).memory
    later = run(FINE, after=4, memory=memory)
    assert holding(later) == ["on_battery"]
    assert later.reasons[0].until == NOON + 10
    assert later.reasons[0].text == "the computer was on battery until just now"
    assert run(FINE, after=9.9, memory=later.memory).hold == "guarded"
    free = run(FINE, after=10, memory=later.memory)
    assert (free.hold, dict(free.memory.seen)) == (None, {})


@pytest.mark.parametrize(
    ("code", "period"), [("on_battery", 3), ("busy", 20), ("fullscreen", 5), ("exclusive_app", 5), ("metered", 5)]
)
def test_a_flapping_sensor_does_not_flap_the_work(code, period):
    sensed, prefs = CAUSES[code]
    memory, holds = None, []
    for second in range(120):
        decision = run(signals(**sensed) if second % period == 0 else FINE, preferences(**prefs), None, second, memory)
        memory = decision.memory
        holds.append(decision.hold)
    assert holds == ["guarded"] * 120


@pytest.mark.parametrize(
    ("code", "still", "free"),
    [
        ("low_memory", {"memory_available": int(1.2 * GB)}, {"memory_available": int(1.3 * GB)}),
        ("low_disk", {"disk_free": int(2.4 * GB)}, {"disk_free": int(2.6 * GB)}),
        ("too_hot", {"temperature": 88.0}, {"temperature": 86.0}),
        ("battery_low", {"battery_percent": 39.0}, {"battery_percent": 40.0}),
        ("busy", {"others_cpu": 0.4}, {"others_cpu": 0.37}),
    ],
)
def test_what_was_short_must_recover_beyond_its_limit(code, still, free):
    sensed, prefs = CAUSES[code]
    memory = run(signals(**sensed), preferences(**prefs)).memory
    assert run(signals(**still), preferences(**prefs), after=60, memory=memory).hold == "guarded"
    assert run(signals(**free), preferences(**prefs), after=60, memory=memory).hold is None
    assert run(signals(**still), preferences(**prefs), after=60).hold is None


def test_a_low_battery_charges_first_even_when_it_is_plugged_in():
    memory = run(signals(on_battery=True, battery_percent=10.0)).memory
    charging = run(signals(on_battery=False, battery_percent=25.0), after=60, memory=memory)
    assert holding(charging) == ["battery_low"]
    assert run(signals(on_battery=False, battery_percent=41.0), after=600, memory=charging.memory).hold is None


def test_an_old_battery_that_never_charges_does_not_hold_a_computer_that_is_plugged_in():
    assert run(signals(on_battery=False, battery_percent=0.0)).hold is None


class TestHowFast:
    @pytest.mark.parametrize(
        ("idle", "share"), [(0, 0.2), (179, 0.2), (180, 0.2), (240, 0.5), (299, 0.795), (300, 0.8), (math.inf, 0.8)]
    )
    def test_the_ramp_between_in_use_and_idle(self, idle, share):
        prefs = preferences(cpu_percent=80, cpu_percent_in_use=20, idle_after_min=3, ramp_min=2)
        decision = run(signals(idle_s=float(idle)), prefs)
        assert decision.share == pytest.approx(share)
        assert decision.in_use == (idle < 180)
        assert decision.hold is None

    def test_a_key_press_brings_it_back_at_once(self):
        prefs = preferences(cpu_percent=80, cpu_percent_in_use=20)
        memory = run(signals(idle_s=1e6), prefs).memory
        assert run(signals(idle_s=0.0), prefs, after=1, memory=memory).share == 0.2

    def test_where_idleness_is_unknown_somebody_uses_the_computer(self):
        decision = run(Signals(), preferences(cpu_percent=80, cpu_percent_in_use=20))
        assert (decision.share, decision.in_use) == (0.2, True)

    def test_always_goes_without_the_level_in_use_and_the_schedule(self):
        prefs = preferences(cpu_percent=80, cpu_percent_in_use=20, schedule="wed 12-13 10%", mode="always")
        assert run(signals(idle_s=0.0), prefs).share == 0.8

    def test_the_schedule_scales_the_level(self):
        decision = run(FINE, preferences(cpu_percent=80, schedule="wed 12-13 50%"))
        assert decision.share == pytest.approx(0.4)
        (reason,) = decision.reasons
        assert (reason.code, reason.until, reason.holds) == ("schedule_level", NOON + 3600, False)

    def test_a_free_hour_says_when_it_ends(self):
        (reason,) = run(FINE, preferences(schedule=FREE_NOON)).reasons
        assert (reason.code, reason.until) == ("schedule", NOON + 7200)

    def test_heat_slows_more_the_longer_it_lasts_and_cold_recovers(self):
        prefs, memory, shares = preferences(cpu_percent=100, temperature_target=80), None, []
        for second in range(300):
            temperature = 86.0 if second < 20 else 78.0 if second < 40 else 70.0
            decision = run(signals(temperature=temperature), prefs, after=second, memory=memory)
            memory = decision.memory
            shares.append(decision.share)
        assert shares[0] == 1.0
        assert all(later <= earlier for earlier, later in itertools.pairwise(shares[:20]))
        assert 0.3 < shares[19] < 0.6
        assert shares[39] == shares[20]  # near the temperature to keep nothing changes: no swinging
        assert shares[-1] == 1.0

    def test_heat_alone_never_stops_everything(self):
        memory = None
        for second in range(500):
            decision = run(signals(temperature=94.0), preferences(cpu_percent=100), after=second, memory=memory)
            memory = decision.memory
        assert decision.share == pytest.approx(0.1)
        assert [reason.code for reason in decision.reasons] == ["temperature"]

    def test_a_simulated_processor_settles_at_the_temperature_to_keep(self):
        temperature, memory, seen = 50.0, None, []
        for second in range(3600):
            decision = run(signals(temperature=temperature), preferences(cpu_percent=100), after=second, memory=memory)
            memory = decision.memory
            load = 0.0 if decision.hold else decision.share
            temperature += (45 + 55 * load - temperature) / 30
            seen.append(temperature)
        assert max(seen) < 95
        assert min(seen[1800:]) > 74
        assert max(seen[1800:]) < 86

    def test_a_sleep_in_the_heat_is_not_taken_for_hours_of_heat(self):
        memory = run(signals(temperature=85.0), preferences(cpu_percent=100)).memory
        assert run(signals(temperature=85.0), preferences(cpu_percent=100), after=86400, memory=memory).share > 0.7


@pytest.mark.parametrize(
    ("hours", "text"), [(2, "14:00"), (13, "tomorrow 01:00"), (24, "tomorrow 12:00"), (48, "2026-03-06 12:00")]
)
def test_moments_as_people_say_them(hours, text):
    assert clock_text(NOON + hours * 3600, NOON) == text
