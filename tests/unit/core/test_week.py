"""Levels of the week and hours of the day, over midnight, across changes of the clock."""

import os
import time
from datetime import datetime

import pytest

from core.week import DayHours, WeekLevels


@pytest.fixture
def berlin(monkeypatch):
    if not hasattr(time, "tzset"):
        pytest.skip("this system cannot change its zone for one process")
    before = os.environ.get("TZ")
    os.environ["TZ"] = "CET-1CEST,M3.5.0,M10.5.0/3"
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


def at(*moment):
    return datetime(*moment).astimezone().timestamp()


def test_rules_and_their_text():
    week = WeekLevels.parse("mon-fri 9-17 20%, sat 0-24 50, sun 22-6 0%")
    assert [week.at(at(2026, 3, 2, hour)) for hour in (8, 9, 16, 17)] == [1.0, 0.2, 0.2, 1.0]
    assert week.at(at(2026, 3, 7, 23, 59)) == 0.5
    assert [week.at(at(2026, 3, 8, 22)), week.at(at(2026, 3, 9, 5)), week.at(at(2026, 3, 9, 6))] == [0.0, 0.0, 1.0]
    assert WeekLevels.parse(week.text) == week
    assert week.text.split()[5] == "5" * 24


@pytest.mark.parametrize("text", ["", "   ", "mon-sun 0-24 100%", " ".join(["F" * 24] * 7), " ".join(["f" * 24] * 7)])
def test_all_the_time_is_no_text(text):
    assert WeekLevels.parse(text).text == ""


def test_days_may_reach_over_the_weekend():
    week = WeekLevels.parse("sat-mon 0-24 10%")
    assert [week.at(at(2026, 3, day, 12)) for day in range(5, 11)] == [1.0, 1.0, 0.1, 0.1, 0.1, 1.0]


@pytest.mark.parametrize(
    "text",
    ["mon", "xyz 1-2 3%", "mon 1-25 3%", "mon 1-2 101%", "mon 1-2", "mon 1-2 3% tue", "0 1 2 3 4 5 6", "9" * 168],
)
def test_nonsense_is_refused(text):
    with pytest.raises(ValueError, match=r"no rule|no day|out of range"):
        WeekLevels.parse(text)


def test_a_letter_that_is_no_level():
    with pytest.raises(ValueError, match="no level"):
        WeekLevels.parse(" ".join(["²" * 24] * 7))


def test_the_next_change():
    week = WeekLevels.parse("wed 12-14 0%")
    noon = at(2026, 3, 4, 12)
    assert week.next_change(noon + 61.5) == noon + 7200
    assert week.next_change(noon + 7200) == noon + 7 * 86400
    assert WeekLevels().next_change(noon) == 0


@pytest.mark.usefixtures("berlin")
def test_the_nights_when_the_clock_changes():
    week = WeekLevels.parse("sun 0-6 0%")
    spring = at(2026, 3, 29, 1)
    assert week.next_change(spring) == at(2026, 3, 29, 6)
    assert at(2026, 3, 29, 6) - spring == 4 * 3600
    autumn = at(2026, 10, 25, 1)
    assert week.next_change(autumn) - autumn == 6 * 3600


@pytest.mark.parametrize(
    ("text", "canonical", "inside", "outside"),
    [
        ("22-7", "22:00-07:00", (23, 6), (7, 21)),
        ("9:30-12", "09:30-12:00", (10, 11), (9, 12)),
        ("0-24", "00:00-24:00", (0, 23), ()),
        ("", "", (), (0, 12)),
    ],
)
def test_hours_of_the_day(text, canonical, inside, outside):
    hours = DayHours.parse(text)
    assert hours.text == canonical
    assert DayHours.parse(canonical) == hours
    assert all(hours.contains(at(2026, 3, 4, hour)) for hour in inside)
    assert not any(hours.contains(at(2026, 3, 4, hour)) for hour in outside)


@pytest.mark.parametrize("text", ["25-3", "1-25", "1:60-2", "x", "1-2-3"])
def test_hours_that_do_not_exist(text):
    with pytest.raises(ValueError, match="no span"):
        DayHours.parse(text)
