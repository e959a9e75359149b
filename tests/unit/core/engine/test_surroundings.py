"""Looks at the engine become rows; counters of connections become traffic; nothing outlives `close`."""

import threading

import pytest

from core.control.snapshot import ContributionView
from core.engine.surroundings import TOLD_S, Surroundings, TrafficCounter
from core.host.policy import Decision
from core.host.sensing.detector import Reading
from core.host.standstill import StandstillWatch
from core.host.usage import FakeSensors, Power, UsageSampler
from core.ledger.activity import COLUMNS
from core.paths import Home
from core.preferences_file import Preferences
from net.rpc.peer import PeerStats


class Clock:
    def __init__(self) -> None:
        self.wall, self.steady = 1_772_600_000.0, 50.0

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def go(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


def peer(name: str, sent: int, received: int) -> PeerStats:
    return PeerStats(name.encode(), "tcp://127.0.0.1:1", "out", None, 0.0, sent, received)


def test_traffic_goes_on_when_a_connection_begins_anew():
    counter = TrafficCounter()
    assert counter.step([peer("a", 10, 20), peer("b", 1, 1)]) == (11, 21)
    assert counter.step([peer("a", 15, 20)]) == (5, 0)
    assert counter.step([peer("a", 3, 4)]) == (3, 4)
    assert counter.step([]) == (0, 0)
    assert counter.step([peer("a", 3, 4)]) == (3, 4)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def around(tmp_path, clock):
    sensors = FakeSensors(battery=Power(True, 33.0))
    made = Surroundings(Home(tmp_path).create(), clock, UsageSampler(sensors, 2, clock.monotonic), 2)
    yield made
    made.close()


async def test_a_minute_of_looks(around, clock):
    preferences = Preferences()
    for second in range(90):
        clock.go(1)
        given = ContributionView(samples=1000 + 5 * second, gflop_hours=2.0)
        around.sense(preferences)
        around.look(Decision(None, 0.5), preferences, [peer("a", 100 * second, 0)], given, None)
    await around.flush()
    (row,) = around.activity.rows("all")
    values = dict(zip(COLUMNS, row, strict=True))
    # What was given before this engine started is not given again.
    assert values["samples"] in range(150, 300)
    assert values["flops"] == 0
    assert around.activity.traffic_month == 8900
    assert (around.signals.on_battery, around.signals.battery_percent) == (True, 33.0)
    outcome = await around.simulate(preferences, Preferences({"run_on_battery": True}))
    assert outcome["then"]["worked_h"] > outcome["now"]["worked_h"] == 0


@pytest.mark.parametrize("steady", [0.0, 3600.0])  # whether that clock goes on in sleep
def test_a_sleep_is_told_for_a_while_and_is_nobodys_time(around, clock, steady):
    slept = [0.0]
    around._standstills = StandstillWatch(clock, lambda: slept[0])
    read = around.senses._slots["idle"].reading = Reading(5.0, "A test tells.")
    for second in range(3):
        clock.go(1)
        assert around.woke() is None
        around.look(Decision(None, 0.5), Preferences(), [], ContributionView(samples=second), None)
    clock.wall += 3600
    clock.steady += steady
    slept[0] += 3600
    assert around.woke().seconds == 3600
    assert around.senses._slots["idle"].reading is not read
    spans = []
    around.energy = type("Meter", (), {"joules": lambda _, own, span, *a, **k: spans.append(span) or 0.0})()
    around.look(Decision(None, 0.5), Preferences(), [], ContributionView(samples=9), None)
    clock.go(1)
    around.look(Decision(None, 0.5), Preferences(), [], ContributionView(samples=9), None)
    assert spans == [0.0, 1.0]
    assert "slept" in around.woken.sentence
    clock.go(TOLD_S)
    assert around.woken is None


def test_the_computer_is_kept_awake_while_it_works_and_is_plugged_in(around, clock):
    wanted = []
    around.awake = type("Awake", (), {"want": lambda _, on: wanted.append(on), "held": False, "problem": ""})()
    on = Preferences({"keep_awake": True})
    for battery, decision, preferences in (
        (False, Decision(None, 0.5), on),
        (True, Decision(None, 0.5), on),
        (False, Decision("paused", 0.5), on),
        (False, Decision(None, 0.5), Preferences()),
    ):
        around._usage._sensors.battery = Power(battery, 50.0)
        around.sense(preferences)
        around.look(decision, preferences, [], ContributionView(), None)
    assert wanted == [True, False, False, False]


def test_the_thread_of_the_senses_ends(around):
    around.start()
    around.close()
    assert "senses" not in {thread.name for thread in threading.enumerate()}
