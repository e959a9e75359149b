"""Grouping by expert, and waiting for just enough answers."""

import time

import numpy as np
import pytest
import torch

from core.experts.answers import Answers
from core.experts.beam_search import NOBODY
from core.experts.outcome import Outcome
from core.moe.dispatch import Collecting, Hedge, Patience, group_by_expert
from tests.support.expert_swarm import rows

GOOD, BAD = Outcome(0), Outcome(1, "no")


def test_each_expert_gets_one_group_with_its_samples_inputs() -> None:
    x = rows(4, 3)
    chosen = torch.tensor([[2, 0], [0, NOBODY], [2, 1], [NOBODY, NOBODY]])
    groups = group_by_expert((x,), chosen, np.arange(4), max_rows=100)
    assert [(group.expert, group.rows.tolist()) for group in groups] == [(0, [0, 1]), (1, [2]), (2, [0, 2])]
    for group in groups:
        (inputs,) = group.inputs
        assert torch.equal(inputs, x[torch.from_numpy(group.rows)])
        assert inputs.is_contiguous()


def test_groups_speak_of_the_samples_they_were_made_for() -> None:
    x = rows(5, 3)
    groups = group_by_expert((x,), torch.tensor([[7], [7]]), np.array([4, 1]), max_rows=100)
    assert [(group.expert, group.rows.tolist()) for group in groups] == [(7, [4, 1])]
    assert torch.equal(groups[0].inputs[0], x[[4, 1]])


def test_groups_that_are_too_large_are_cut() -> None:
    groups = group_by_expert((rows(5, 3),), torch.zeros(5, 1, dtype=torch.int64), np.arange(5), max_rows=2)
    assert [(group.expert, group.rows.tolist()) for group in groups] == [(0, [0, 1]), (0, [2, 3]), (0, [4])]


@pytest.mark.parametrize("chosen", [torch.full((3, 2), NOBODY), torch.zeros(0, 2, dtype=torch.int64)])
def test_nobody_to_ask_makes_no_groups(chosen: torch.Tensor) -> None:
    assert group_by_expert((rows(3, 3),), chosen, np.arange(len(chosen)), max_rows=10) == []


def waited(answers: Answers, about: list[list[int]], samples: int, patience: Patience) -> dict[int, Outcome]:
    collecting = Collecting(answers, [np.array(own) for own in about], samples, patience)
    collecting.wait()
    return collecting.outcomes


def ready(expected: int, *items: tuple[int, Outcome], patience: float = 30.0) -> Answers:
    answers = Answers(expected, patience)
    for item in items:
        answers.put(lambda item=item: [item])
    return answers


NO_GRACE = Patience(k_min=1, grace_s=0.0, grace_factor=0.0)


def test_everything_that_came_is_returned() -> None:
    got = waited(ready(2, (0, GOOD), (1, BAD)), [[0, 1], [1]], 2, NO_GRACE)
    assert got == {0: GOOD, 1: BAD}


def test_it_ends_when_every_sample_has_its_answers_not_when_the_batch_has_enough() -> None:
    """Hivemind's defect 3: k_min is compared with totals of the batch."""
    about = [[0, 1], [0, 1], [2]]  # two answers for the first samples are three quarters of the batch
    short = ready(3, (0, GOOD), (1, GOOD), patience=0.05)
    started = time.monotonic()
    assert sorted(waited(short, about, 3, NO_GRACE)) == [0, 1]
    assert time.monotonic() - started >= 0.04  # it waited for sample 2 as long as there was hope
    done = waited(ready(3, (0, GOOD), (2, GOOD)), about, 3, NO_GRACE)
    assert sorted(done) == [0, 2]


def test_a_sample_that_can_get_no_more_answers_keeps_nobody_waiting() -> None:
    about = [[0], [1], [1, 2]]
    got = waited(ready(3, (0, BAD), (2, GOOD)), about, 3, NO_GRACE)
    assert sorted(got) == [0, 2]


def test_more_answers_a_sample_may_be_asked_for() -> None:
    about = [[0, 1], [0, 1], [0, 1]]
    got = waited(ready(3, (0, GOOD), (1, GOOD)), about, 2, Patience(k_min=2, grace_s=0.0, grace_factor=0.0))
    assert sorted(got) == [0, 1]


def test_those_still_under_way_get_a_grace() -> None:
    answers = ready(2, (0, GOOD))
    answers.put(lambda: [(1, GOOD)], quiet=True)  # found when the grace is over, without having woken anyone
    got = waited(answers, [[0], [0]], 1, Patience(k_min=1, grace_s=0.01, grace_factor=0.0))
    assert sorted(got) == [0, 1]


def test_a_pass_ends_at_its_longest_wait_whatever_is_missing() -> None:
    patience = Patience(k_min=1, longest_s=0.02)
    assert waited(ready(2, (0, GOOD)), [[0], [1]], 2, patience) == {0: GOOD}


def test_it_is_time_to_hedge_when_others_have_long_answered() -> None:
    about = [np.array([0, 1]), np.array([2]), np.array([0])]
    answers = ready(3, (0, GOOD), (2, BAD))
    collecting = Collecting(answers, about, 3, NO_GRACE)
    assert collecting.wait_before_hedging(Hedge(0.01, 1.0, 5.0)).tolist() == [False, False, True]
    spare = ready(1, (0, GOOD))
    collecting.also(spare, [np.array([2])])
    collecting.wait()
    assert collecting.outcomes == {0: GOOD, 2: BAD, 3: GOOD}
    assert collecting.answered.tolist() == [1, 1, 1]


def test_nobody_is_hedged_when_all_have_answered_or_failed() -> None:
    collecting = Collecting(ready(2, (0, GOOD), (1, BAD)), [np.array([0]), np.array([1])], 2, NO_GRACE)
    assert not collecting.wait_before_hedging(Hedge()).any()


def test_answers_that_come_after_two_dispatches_were_joined_are_found() -> None:
    first, second = Answers(1, 30.0), Answers(2, 30.0)
    second.put(lambda: [(0, GOOD)], quiet=True)
    first.absorb(second, 1)
    second.put(lambda: [(1, BAD)])
    assert sorted(first.take()) == [(1, GOOD), (2, BAD)]
    assert first.pending == 1
