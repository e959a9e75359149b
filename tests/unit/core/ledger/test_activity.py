"""Minutes and hours of the past: bounded, restart-safe, unmoved by clocks and sleep; and what is replayed from them."""

import math
import sqlite3
from datetime import datetime

import pytest

from core.host.replay import replay
from core.host.signals import Signals
from core.ledger.activity import COLUMNS, KEEP_MINUTES_S, Activity, Look
from core.preferences_file import Preferences

START = datetime(2026, 3, 4, 12, 0).astimezone().timestamp()
SENSED = Signals(on_battery=False, battery_percent=80.0, idle_s=math.inf, temperature=50.0, exclusive=("a",))


class Clock:
    def __init__(self) -> None:
        self.wall = START
        self.steady = 0.0

    def __call__(self) -> float:
        return self.wall

    def go(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "activity.sqlite"


@pytest.fixture
def activity(path, clock):
    made = Activity(path, clock)
    yield made
    made.close()


def work(activity, clock, seconds, *, share=0.5, held=(), signals=SENSED, **sums):
    for _ in range(seconds):
        clock.go(1)
        activity.look(Look(clock.wall, clock.steady, share, share / 2, held=held, signals=signals, **sums))
    activity.flush()


def column(rows, name):
    return [row[COLUMNS.index(name)] for row in rows]


def test_a_minute_is_written_when_it_is_over(activity, clock, path):
    activity.look(Look(clock.wall, clock.steady, 0.0, 0.0))
    work(activity, clock, 59, samples=2, flops=1e9, joules=3.0, sent=10, received=20)
    assert not activity.waiting
    assert activity.rows("day") == []
    work(activity, clock, 1)
    (row,) = activity.rows("day")
    values = dict(zip(COLUMNS, row, strict=True))
    assert values["t"] == START
    assert (values["seconds"], values["worked"], values["samples"]) == (59, 59, 118)
    assert (values["budget"], values["cpu"]) == (pytest.approx(0.5), pytest.approx(0.25))
    assert (values["flops"], values["joules"], values["sent"], values["received"]) == (59e9, 177, 590, 1180)
    assert values["reasons"] == {}


def test_held_time_is_counted_by_reason(activity, clock):
    work(activity, clock, 120, share=0.0, held=("on_battery", "low_disk"))
    work(activity, clock, 61)
    rows = activity.rows("day")
    assert sum(column(rows, "worked")) == pytest.approx(60, abs=1)
    assert column(rows, "reasons")[0]["on_battery"] == pytest.approx(119, abs=1)


def test_a_restart_adds_to_the_minute_that_it_interrupted(activity, clock, path):
    work(activity, clock, 20, samples=1)
    activity.close()
    again = Activity(path, clock)
    work(again, clock, 20, samples=1)
    again.close()
    again = Activity(path, clock)
    assert sum(column(again.rows("day"), "samples")) == 40
    assert sum(column(again.rows("all"), "samples")) == 40
    again.close()


def test_sleep_is_no_work(activity, clock):
    work(activity, clock, 10)
    clock.wall += 8 * 3600
    clock.steady += 8 * 3600  # on some systems the steady clock goes on
    work(activity, clock, 61)
    assert sum(column(activity.rows("all"), "seconds")) < 9 + 5 + 61


@pytest.mark.parametrize("jump", [-3600.0, 3600.0, -86400.0 * 40])
def test_a_clock_that_is_set_loses_and_invents_nothing(path, clock, jump):
    first = Activity(path, clock)
    work(first, clock, 90, samples=1)
    clock.wall += jump
    work(first, clock, 90, samples=1)
    first.close()
    clock.wall = max(clock.wall, START + 90)
    again = Activity(path, clock)
    rows = again.rows("all")
    assert sum(column(rows, "samples")) == 180
    assert sum(column(rows, "seconds")) == pytest.approx(179)
    again.close()


def test_minutes_are_forgotten_and_hours_kept(activity, clock, path):
    work(activity, clock, 70, samples=1)
    clock.wall += KEEP_MINUTES_S + 3600
    work(activity, clock, 70, samples=1)
    with sqlite3.connect(path) as connection:
        minutes = connection.execute("SELECT COUNT(*) FROM minutes").fetchone()[0]
        hours = connection.execute("SELECT COUNT(*) FROM hours").fetchone()[0]
    connection.close()
    assert (minutes, hours) == (1, 2)
    assert len(activity.rows("all")) == 2
    assert len(list(activity.hours())) == 2


def test_a_year_stays_small(path, clock):
    activity = Activity(path, clock)
    for _ in range(24 * 365):
        clock.go(3600)
        activity.look(Look(clock.wall, clock.steady, 0.5, 0.5, signals=SENSED, held=("on_battery",)))
        if int(clock.wall) % 86400 == 0:
            activity.flush()
    activity.flush()
    assert len(activity.rows("all")) in (365, 366, 367)
    assert len(activity.rows("month")) <= 31 * 4 + 2
    activity.close()
    assert path.stat().st_size < 3_000_000


def test_traffic_of_this_month_survives_a_restart_and_ends_with_the_month(path, clock):
    activity = Activity(path, clock)
    work(activity, clock, 130, sent=1000, received=500)
    assert activity.traffic_month == 195_000
    activity.close()
    again = Activity(path, clock)
    assert again.traffic_month == 195_000
    clock.wall += 31 * 86400
    work(again, clock, 1, sent=7)
    assert again.traffic_month == 7
    again.close()


def test_electricity_by_days_survives_a_restart(path, clock):
    activity = Activity(path, clock)
    work(activity, clock, 100, joules=3600.0)
    clock.wall += 2 * 86400
    work(activity, clock, 100, joules=36.0)
    assert activity.kwh(1) == pytest.approx(0.001)
    activity.close()
    again = Activity(path, clock)
    assert [again.kwh(days) for days in (1, 2, 3, 0)] == [pytest.approx(v) for v in (0.001, 0.001, 0.101, 0.101)]
    again.close()


def test_a_file_that_is_broken_is_kept_and_a_new_one_begun(path, clock):
    path.write_bytes(b"no database " * 1000)
    activity = Activity(path, clock)
    assert "activity.broken-1.sqlite" in activity.problem
    work(activity, clock, 61)
    assert len(activity.rows("day")) == 1
    activity.close()


def test_a_disk_that_cannot_be_written_costs_memory_for_hours_at_most(tmp_path, clock):
    folder = tmp_path / "gone"
    activity = Activity(folder / "activity.sqlite", clock)
    assert "cannot be saved" in activity.problem
    for _ in range(700):
        clock.go(60)
        activity.look(Look(clock.wall, clock.steady, 0.5, 0.5, samples=1))
        activity.flush()
    assert len(activity._done) == 600
    folder.mkdir()
    activity.flush()
    assert activity.problem == ""
    assert sum(column(activity.rows("all"), "samples")) == 600
    activity.close()


class TestReplay:
    def past(self, activity, clock):
        work(activity, clock, 1800, share=0.5, flops=2e9, joules=10.0)
        battery = Signals(on_battery=True, battery_percent=70.0, idle_s=math.inf)
        work(activity, clock, 1800, share=0.0, held=("on_battery",), signals=battery)
        used = Signals(on_battery=False, idle_s=1.0)
        work(activity, clock, 1800, share=0.25, flops=1e9, joules=5.0, signals=used)
        work(activity, clock, 1860, share=0.0, held=("paused_by_user",))
        return activity.past(START - 1)

    def test_the_same_preferences_do_the_same(self, activity, clock):
        outcome = replay(self.past(activity, clock), Preferences())
        assert outcome.worked_h == pytest.approx(1.0, abs=0.02)
        assert outcome.share == pytest.approx(0.375, abs=0.01)
        assert outcome.gflop_hours == pytest.approx((1800 * 2e9 + 1800 * 1e9) / 3.6e12, rel=0.02)
        assert outcome.kwh == pytest.approx((18000 + 9000) / 3.6e6, rel=0.02)
        assert outcome.held_h["on_battery"] == pytest.approx(0.5, abs=0.02)
        assert outcome.held_h["paused_by_user"] == pytest.approx(0.5, abs=0.02)

    def test_other_preferences_would_have_done_more(self, activity, clock):
        past = self.past(activity, clock)
        outcome = replay(past, Preferences({"run_on_battery": True, "cpu_percent": 100, "cpu_percent_in_use": 100}))
        assert outcome.worked_h == pytest.approx(1.5, abs=0.02)
        assert outcome.share == 1.0
        assert outcome.gflop_hours > 3 * replay(past, Preferences()).gflop_hours

    def test_or_less(self, activity, clock):
        outcome = replay(self.past(activity, clock), Preferences({"schedule": "mon-sun 0-24 0%"}))
        assert (outcome.worked_h, outcome.gflop_hours) == (0.0, 0.0)
        assert outcome.held_h["schedule"] == pytest.approx(2.0, abs=0.02)

    def test_nothing_is_known_of_no_past(self):
        assert replay([], Preferences()).worked_h == 0.0

    def test_what_was_sensed_comes_back_as_it_was(self, activity, clock):
        work(activity, clock, 61)
        assert activity.past(0)[0].signals == SENSED

    def test_a_week_of_minutes_is_answered_in_a_moment(self, activity, clock):
        work(activity, clock, 61)
        (minute,) = activity.past(0)
        assert replay([minute] * (7 * 1440), Preferences()).worked_h > 0
