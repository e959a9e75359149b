"""The balancing loss, whose gradient works."""

import itertools

import pytest
import torch

from core.experts.beam_search import NOBODY, SearchIndex, find_best
from core.moe import balance
from core.moe.balance import balance_loss
from tests.support.expert_swarm import rows

PLACES = list(itertools.product(range(4), range(4)))
INDEX = SearchIndex((4, 4), PLACES)


def loss_of(scores: torch.Tensor, k: int = 1) -> torch.Tensor:
    return balance_loss(scores, INDEX, find_best(scores, INDEX, k))


@pytest.mark.parametrize("exact_limit", [0, 1024])
def test_even_use_costs_one_and_uneven_use_more(monkeypatch: pytest.MonkeyPatch, exact_limit: int) -> None:
    monkeypatch.setattr(balance, "EXACT_LIMIT", exact_limit)
    even = torch.zeros(16, 8)
    chosen = torch.arange(16).reshape(16, 1)
    assert balance_loss(even, INDEX, chosen).item() == pytest.approx(1.0)
    crowded = torch.zeros(16, 8)
    crowded[:, [0, 4]] = 5.0
    assert loss_of(crowded).item() > 2.0


@pytest.mark.parametrize("exact_limit", [0, 1024])
def test_following_its_gradient_spreads_the_choices(monkeypatch: pytest.MonkeyPatch, exact_limit: int) -> None:
    """Hivemind's defect 4: its loss is a constant."""
    monkeypatch.setattr(balance, "EXACT_LIMIT", exact_limit)
    scores = rows(64, 8)
    scores[:, [0, 4]] += 2.0
    used = [find_best(scores, INDEX, 1).unique().numel()]
    for _ in range(60):
        scores.requires_grad_()
        (gradient,) = torch.autograd.grad(loss_of(scores), scores)
        assert gradient.abs().sum() > 0
        scores = (scores - 20 * gradient).detach()
        used.append(find_best(scores, INDEX, 1).unique().numel())
    assert used[-1] > used[0]


@pytest.mark.parametrize("exact_limit", [0, 1024])
def test_dead_experts_and_missing_choices_do_not_count(monkeypatch: pytest.MonkeyPatch, exact_limit: int) -> None:
    monkeypatch.setattr(balance, "EXACT_LIMIT", exact_limit)
    index = SearchIndex((4, 4), [(0, 0), (3, 3)])
    scores = torch.zeros(4, 8)
    chosen = torch.tensor([[0, NOBODY], [1, NOBODY], [0, NOBODY], [1, NOBODY]])
    assert balance_loss(scores, index, chosen).item() == pytest.approx(1.0)


def test_without_a_choice_there_is_nothing_to_balance_but_a_gradient_all_the_same() -> None:
    scores = rows(4, 8).requires_grad_()
    loss = balance_loss(scores, SearchIndex((4, 4), []), torch.full((4, 2), NOBODY))
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(scores.grad, torch.zeros(4, 8))
