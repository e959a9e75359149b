"""Words in which people write durations and shares."""

import pytest

from core.cli.options import seconds, share, spread
from core.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90s", 90.0), ("15m", 900.0), ("15", 900.0), ("1h", 3600.0), ("1.5 h", 5400.0), ("2d", 172800.0)],
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == expected


def test_tomorrow_is_within_two_days() -> None:
    assert 0 < seconds("tomorrow") <= 2 * 86400


@pytest.mark.parametrize("text", ["", "soon", "-1h", "0", "1e9d", "9999d", "1h30"])
def test_bad_durations_name_themselves_and_what_would_do(text: str) -> None:
    with pytest.raises(UsageError, match="for example 15m"):
        seconds(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("50%", 0.5), ("50", 0.5), (" 12.5 % ", 0.125), ("0%", 0.0), ("100", 1.0)]
)
def test_shares(text: str, expected: float) -> None:
    assert share(text) == expected


@pytest.mark.parametrize("text", ["", "half", "-1", "101%", "nan", "inf"])
def test_bad_shares(text: str) -> None:
    with pytest.raises(UsageError, match="from 0% to 100%"):
        share(text)


def test_an_option_may_take_as_many_values_as_come() -> None:
    given = ["bench", "moe", "--grid", "4", "4", "2", "--hidden", "128", "--grid", "8", "--json"]
    spread_out = [
        "bench",
        "moe",
        "--grid",
        "4",
        "--grid",
        "4",
        "--grid",
        "2",
        "--hidden",
        "128",
        "--grid",
        "8",
        "--json",
    ]
    assert spread(given, {"--grid"}) == spread_out
    assert spread(["pause", "--for", "1h", "x"], {"--grid"}) == ["pause", "--for", "1h", "x"]
