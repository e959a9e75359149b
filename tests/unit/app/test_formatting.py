from datetime import datetime

import pytest

from app import formatting as f


@pytest.mark.parametrize(
    ("value", "text"), [(48210, "48,210"), (0, "0"), (float("nan"), "–"), (float("inf"), "–"), (-1234.4, "-1,234")]
)
def test_number_groups_thousands_and_claims_nothing_unmeasured(value: float, text: str) -> None:
    assert f.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.2141, "0.214"), (3.4249, "3.42"), (61.54, "61.5"), (188.4, "188"), (7, "7"), (1e6, "1,000,000")],
)
def test_figure_keeps_three_significant_digits(value: float, text: str) -> None:
    assert f.figure(value) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (3_140_000, "3.1 MB"), (812e6, "812 MB"), (2e15, "2,000 TB")],
)
def test_size_uses_decimal_units(count: float, text: str) -> None:
    assert f.size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 s"),
        (44.6, "45 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (12_000, "3 h 20 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_duration_has_at_most_two_units(seconds: float, text: str) -> None:
    assert f.duration(seconds) == text


def test_ago_tolerates_clocks_that_differ() -> None:
    assert f.ago(1000, 990) == "just now"
    assert f.ago(1000, 1130) == "2 min ago"
    assert f.ago(0, 1130) == "never"


def test_clock_with_day_says_the_day_only_when_it_is_another() -> None:
    noon = datetime(2026, 5, 4, 12, 0).timestamp()  # noqa: DTZ001 - local noon is meant
    day = 86_400
    assert f.clock_with_day(noon + 9000, noon) == "14:30"
    assert f.clock_with_day(noon + day, noon) == "tomorrow 12:00"
    assert f.clock_with_day(noon + 3 * day, noon) == "Thu 12:00"
    assert f.clock_with_day(noon - 3 * day, noon) == "1 May 12:00"


def test_an_absurd_moment_is_no_crash() -> None:
    assert f.clock(1e30)
    assert f.timestamp(float("nan"))


def test_plain_removes_what_hides_or_turns_text() -> None:
    nasty = "a\u202eb\u0000c\u200bd\ne\ttab"
    assert f.plain(nasty) == "a\ufffdb\ufffdc\ufffdd e tab"
    assert f.plain("x" * 1000, 10) == "x" * 9 + "…"
    assert f.plain("größer <b>日本</b>") == "größer <b>日本</b>"


@pytest.mark.parametrize(("amount", "text"), [(0, "0 peers"), (1, "1 peer"), (9000, "9,000 peers")])
def test_count(amount: int, text: str) -> None:
    assert f.count(amount, "peer") == text
