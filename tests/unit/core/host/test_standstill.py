"""A sleep, a computer that stood still, and a clock that was set are told apart, on clocks that a test moves."""

import pytest

from core.host.standstill import LEAST_S, StandstillWatch, seconds_asleep


class Clocks:
    """sleeps: whether the steady clock goes on in sleep, as on Windows."""

    def __init__(self, *, steady_in_sleep: bool = False, tells: bool = True) -> None:
        self.wall, self.steady, self.slept = 1_772_600_000.0, 50.0, 7.0
        self.steady_in_sleep, self.tells = steady_in_sleep, tells

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def asleep(self) -> float | None:
        return self.slept if self.tells else None

    def run(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    def sleep(self, seconds: float) -> None:
        self.wall += seconds
        self.slept += seconds
        self.steady += seconds if self.steady_in_sleep else 0.0

    def watch(self) -> StandstillWatch:
        made = StandstillWatch(self, self.asleep)
        assert made.look() is None
        return made


@pytest.mark.parametrize("steady_in_sleep", [False, True])
@pytest.mark.parametrize("seconds", [LEAST_S, 3600.0, 8 * 86400.0])
def test_a_sleep_is_noticed_once_whichever_clock_goes_on(steady_in_sleep: bool, seconds: float) -> None:
    clocks = Clocks(steady_in_sleep=steady_in_sleep)
    watch = clocks.watch()
    clocks.sleep(seconds)
    clocks.run(1)
    found = watch.look()
    assert found is not None
    assert (found.kind, found.seconds) == ("slept", pytest.approx(seconds))
    clocks.run(1)
    assert watch.look() is None


def test_a_system_that_does_not_tell_of_sleep_is_believed_by_its_clocks() -> None:
    clocks = Clocks(tells=False)
    watch = clocks.watch()
    clocks.sleep(3600)
    found = watch.look()
    assert found is not None
    assert found.kind == "slept"


def test_a_process_that_was_stopped_stood_still() -> None:
    clocks = Clocks()
    watch = clocks.watch()
    clocks.run(120)
    found = watch.look()
    assert found is not None
    assert (found.kind, found.seconds) == ("stood", 120)


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
def test_a_clock_that_is_set_is_no_sleep(seconds: float) -> None:
    clocks = Clocks()
    watch = clocks.watch()
    clocks.run(1)
    clocks.wall += seconds
    found = watch.look()
    assert found is not None
    assert (found.kind, found.seconds) == ("set", seconds)
    assert ("ahead" in found.sentence) == (seconds > 0)


def test_ordinary_seconds_and_small_corrections_are_nothing() -> None:
    clocks = Clocks()
    watch = clocks.watch()
    for correction in (0.0, 3.0, -3.0, LEAST_S - 2):
        clocks.run(1.5)
        clocks.wall += correction
        assert watch.look() is None


def test_this_computer_tells_how_long_it_slept() -> None:
    slept = seconds_asleep()
    assert slept is None or slept >= -0.1
