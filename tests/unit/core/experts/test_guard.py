"""What an expert is used to."""

import math

import pytest

from core.experts.guard import NormGuard

KEY = ("ffn.0", 1)


def trained(length: float = 0.01, times: int = 40) -> NormGuard:
    guard = NormGuard()
    for number in range(times):
        assert guard.check(KEY, length * (1 + 0.1 * (number % 3)) * math.sqrt(8), 8) == ""
    return guard


def test_far_longer_than_usual_is_refused_and_shorter_is_not() -> None:
    guard = trained()
    assert guard.check(KEY, 0.3 * math.sqrt(8), 8) == ""
    assert "times as long" in guard.check(KEY, 10.0 * math.sqrt(8), 8)
    assert guard.check(KEY, 1e-9, 8) == ""


def test_more_rows_are_not_longer_rows() -> None:
    assert trained().check(KEY, 0.01 * math.sqrt(4096), 4096) == ""


@pytest.mark.parametrize("norm", [math.nan, math.inf])
def test_what_is_not_finite_is_refused_from_the_first(norm: float) -> None:
    assert "NaN or infinite" in NormGuard().check(KEY, norm, 1)


def test_a_new_expert_learns_first_what_is_usual() -> None:
    guard = NormGuard()
    assert guard.check(KEY, 1e-6, 1) == guard.check(KEY, 1e3, 1) == ""


def test_a_swarm_that_changed_is_believed_after_a_while() -> None:
    guard = trained()
    refused = 0
    while guard.check(KEY, 10.0 * math.sqrt(8), 8):
        refused += 1
        assert refused < 200
    assert refused > 20


def test_experts_have_habits_of_their_own() -> None:
    guard = trained()
    assert guard.check(("ffn.1", 1), 1e4, 1) == ""
    guard.forget("ffn.0")
    assert guard.check(KEY, 1e4, 1) == ""
