"""Scores of coordinates, and weights among those that answered."""

import torch

from core.experts.beam_search import SearchIndex
from core.experts.uid import Grid
from core.moe.gating import ProductKeyGate, responder_weights
from tests.support.expert_swarm import rows


def test_the_gate_scores_every_coordinate_of_every_dimension() -> None:
    gate = ProductKeyGate(5, Grid("ffn.", (3, 4)))
    assert gate(rows(7, 5)).shape == (7, 3 + 4)


def test_weights_of_each_samples_answers_add_up_to_one() -> None:
    index = SearchIndex((3,), [(0,), (1,), (2,)])
    scores = torch.tensor([[0.0, 1.0, 2.0], [5.0, 5.0, 5.0], [1.0, 2.0, 3.0]])
    pairs = torch.tensor([0, 1, 0, 1])  # sample 2 has no answer
    weights = responder_weights(scores, index.columns[[2, 0, 1, 1]], pairs)
    two_one = torch.tensor([2.0, 1.0]).softmax(0)
    torch.testing.assert_close(weights, torch.stack([two_one[0], torch.tensor(0.5), two_one[1], torch.tensor(0.5)]))


def test_scores_that_exp_cannot_hold_give_finite_weights_and_gradients() -> None:
    index = SearchIndex((2, 2), [(0, 0), (1, 1)])
    scores = torch.tensor([[1e4, -1e4, 1e4, -1e4], [500.0, 500.0, 500.0, 500.0]], requires_grad=True)
    weights = responder_weights(scores, index.columns[[0, 1, 0, 1]], torch.tensor([0, 0, 1, 1]))
    assert weights.tolist() == [1.0, 0.0, 0.5, 0.5]
    weights[0].backward()
    assert torch.isfinite(scores.grad).all()


def test_the_gradient_is_that_of_a_softmax() -> None:
    index = SearchIndex((2, 3), [(0, 1), (1, 1), (1, 2)])
    scores = rows(1, 5).double().requires_grad_()
    upstream = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    weights = responder_weights(scores, index.columns, torch.zeros(3, dtype=torch.int64))
    (got,) = torch.autograd.grad(weights @ upstream, scores)
    logits = torch.stack([scores[0, 0] + scores[0, 3], scores[0, 1] + scores[0, 3], scores[0, 1] + scores[0, 4]])
    (want,) = torch.autograd.grad(logits.softmax(0) @ upstream, scores)
    torch.testing.assert_close(got, want)
