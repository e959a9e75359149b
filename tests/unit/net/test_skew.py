"""Whose clock is wrong."""

import pytest

from net.addresses import PeerId
from net.skew import ClockSkew


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.wall, self.mono = 1_700_000_000.0, 50.0

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.mono

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.mono += seconds


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def told(skew: ClockSkew, clock: HandClock, *ahead: float, first: int = 0) -> None:
    for number, seconds in enumerate(ahead, first):
        skew.told(PeerId(bytes([number]) * 32), clock.time() + seconds, clock.monotonic())


def test_nobody_knows_before_three_peers_have_spoken(clock):
    skew = ClockSkew(clock)
    told(skew, clock, 100, 100)
    told(skew, clock, 100)  # the first one again
    assert (skew.seconds, skew.problem) == (None, "")
    told(skew, clock, 100, first=2)
    assert skew.seconds == 100


@pytest.mark.parametrize(
    ("ahead", "text"),
    [
        ((4.0, 4.0, 5.0), "4 seconds slow"),
        ((-4.0, -4.0, -5.0), "4 seconds fast"),
        ((600.0,) * 3, "10 minutes slow"),
        ((-86400.0 * 3,) * 3, "3 days fast"),
    ],
)
def test_a_wrong_clock_is_told_in_one_sentence(clock, ahead, text):
    skew = ClockSkew(clock)
    told(skew, clock, *ahead)
    assert text in skew.problem
    assert "automatic time" in skew.problem


def test_three_seconds_are_tolerated(clock):
    skew = ClockSkew(clock)
    told(skew, clock, 2.9, -2.9, 2.9)
    assert skew.problem == ""


def test_a_minority_of_liars_changes_nothing(clock):
    skew = ClockSkew(clock)
    told(skew, clock, 0.1, -0.2, 1e9, -1e9, 0.3)
    assert skew.problem == ""


def test_half_of_the_round_trip_is_taken_off(clock):
    skew = ClockSkew(clock)
    for number in range(3):
        asked = clock.monotonic()
        clock.passes(2.0)
        its_time = clock.time() - 1.0  # read halfway, by a clock that is right
        skew.told(PeerId(bytes([number]) * 32), its_time, asked)
    assert skew.seconds == pytest.approx(0)


def test_a_clock_that_is_set_right_is_right_at_once(clock):
    skew = ClockSkew(clock)
    told(skew, clock, 60, 60, 60)
    assert skew.problem
    clock.wall += 60
    assert (skew.seconds, skew.problem) == (None, "")
    told(skew, clock, 0, 0, 0)
    assert skew.problem == ""


def test_old_words_do_not_count(clock):
    skew = ClockSkew(clock)
    told(skew, clock, 60, 60, 60)
    clock.passes(3601)
    assert skew.problem == ""


def test_only_the_latest_peers_are_remembered(clock):
    skew = ClockSkew(clock)
    told(skew, clock, *[60.0] * 40)
    told(skew, clock, *[0.0] * 17, first=100)
    assert skew.seconds == 0
