"""Deadlines learned from each peer's own answers."""

import pytest

from core.experts.deadline import AdaptiveDeadlines, DeadlineConfig

KEY = "peer"


@pytest.fixture
def deadlines() -> AdaptiveDeadlines:
    return AdaptiveDeadlines(DeadlineConfig(low=0.25, high=10.0, first=5.0))


def test_the_first_call_is_given_time(deadlines: AdaptiveDeadlines) -> None:
    assert deadlines.timeout(KEY) == 5.0


def test_a_steady_peer_is_given_little_more_than_it_takes(deadlines: AdaptiveDeadlines) -> None:
    for _ in range(60):
        deadlines.answered(KEY, 1.0)
    assert 1.0 <= deadlines.timeout(KEY) < 1.01
    assert deadlines.timeout("another") == 5.0


def test_an_unsteady_peer_is_given_four_deviations(deadlines: AdaptiveDeadlines) -> None:
    for number in range(400):
        deadlines.answered(KEY, 0.5 if number % 2 else 1.5)
    assert deadlines.timeout(KEY) == pytest.approx(1.0 + 4 * 0.5, abs=0.2)


def test_deadlines_stay_within_their_bounds(deadlines: AdaptiveDeadlines) -> None:
    for _ in range(50):
        deadlines.answered(KEY, 0.001)
        deadlines.answered("slow", 60.0)
    assert deadlines.timeout(KEY) == 0.25
    assert deadlines.timeout("slow") == 10.0


def test_missed_deadlines_double_until_an_answer_comes(deadlines: AdaptiveDeadlines) -> None:
    deadlines.late(KEY)
    assert deadlines.timeout(KEY) == 5.0
    for _ in range(60):
        deadlines.answered(KEY, 0.3)
    waits = []
    for _ in range(7):
        waits.append(deadlines.timeout(KEY))
        deadlines.late(KEY)
    assert waits == pytest.approx([0.3, 0.6, 1.2, 2.4, 4.8, 9.6, 10.0], rel=0.01)
    deadlines.answered(KEY, 0.3)
    assert deadlines.timeout(KEY) == pytest.approx(0.3, rel=0.01)


def test_memory_is_bounded() -> None:
    deadlines = AdaptiveDeadlines(DeadlineConfig(), capacity=2)
    for key in ("a", "b", "c"):
        deadlines.answered(key, 1.0)
    assert deadlines.timeout("a") == deadlines.timeout("unknown")
    assert deadlines.timeout("c") < deadlines.timeout("unknown")
