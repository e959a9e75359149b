"""Back-off: short at first, doubling, never counting one outage several times."""

import pytest

from core.experts.standing import BackOff, Standing


@pytest.fixture
def standing() -> Standing[str]:
    return Standing(BackOff(0.5, 30.0))


def test_each_failure_in_a_row_doubles_the_rest_up_to_the_longest(standing: Standing[str]) -> None:
    now, rests = 0.0, []
    for _ in range(9):
        standing.failed("a", now)
        rests.append(standing.changes_at(now) - now)
        now += rests[-1]
    assert rests == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_failures_of_calls_that_were_under_way_together_count_once(standing: Standing[str]) -> None:
    assert [standing.failed("a", 0.1 * n) for n in range(4)] == [True] * 4
    assert standing.changes_at(0.4) == pytest.approx(0.5)


def test_time_brings_back_those_that_need_no_proof(standing: Standing[str]) -> None:
    standing.failed("a", 0.0)
    standing.failed("b", 0.0, proof=True)
    assert standing.aside(0.4) == {"a", "b"}
    assert standing.aside(0.6) == {"b"}
    assert (standing.due(0.4), standing.due(0.6)) == ([], ["b"])
    assert standing.changes_at(0.6) == float("inf")


def test_an_answer_forgives_everything(standing: Standing[str]) -> None:
    for _ in range(5):
        standing.failed("a", 0.0, proof=True)
    assert standing.succeeded("a")
    assert not standing.succeeded("a")
    assert standing.aside(0.1) == set()
    standing.failed("a", 1.0)
    assert standing.changes_at(1.0) == 1.5


def test_some_failures_in_a_row_may_be_tolerated(standing: Standing[str]) -> None:
    assert [standing.failed("a", 0.0, tolerated=2) for _ in range(3)] == [False, False, True]
    standing.succeeded("a")
    assert not standing.failed("a", 9.0, tolerated=2)


def test_a_peer_may_ask_for_rest_without_having_failed(standing: Standing[str]) -> None:
    standing.put_aside("a", 0.0, 2.0)
    standing.put_aside("a", 0.0, 1.0)
    assert (standing.aside(1.9), standing.aside(2.0)) == ({"a"}, set())
    standing.put_aside("a", 3.0, 9999.0)
    assert standing.aside(34.0) == set()


def test_those_that_are_gone_are_forgotten(standing: Standing[str]) -> None:
    standing.failed("a", 0.0)
    standing.failed("b", 0.0)
    standing.keep_only({"b"})
    assert standing.aside(0.1) == {"b"}
