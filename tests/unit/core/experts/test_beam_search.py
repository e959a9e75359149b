"""The k best live experts, compared with trying them all."""

import itertools
import random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.experts import beam_search
from core.experts.beam_search import NOBODY, SearchIndex, find_best

Place = tuple[int, ...]


def scores_for(dims: Place, samples: int, seed: int) -> torch.Tensor:
    return torch.randn(samples, sum(dims), generator=torch.Generator().manual_seed(seed))


def total(scores: torch.Tensor, dims: Place, place: Place) -> torch.Tensor:
    starts = itertools.accumulate((0, *dims[:-1]))
    return torch.stack([scores[:, start + at] for start, at in zip(starts, place, strict=True)]).sum(0)


def brute_force(scores: torch.Tensor, dims: Place, places: list[Place], k: int) -> torch.Tensor:
    """[N, k] scores of the best, -inf where there are fewer."""
    best = torch.full((scores.shape[0], k), float("-inf"))
    if places:
        everyone = torch.stack([total(scores, dims, place) for place in places], dim=1)
        count = min(k, len(places))
        best[:, :count] = everyone.topk(count, dim=1).values
    return best


def scores_of(found: torch.Tensor, scores: torch.Tensor, dims: Place, places: list[Place]) -> torch.Tensor:
    padded = torch.stack([*(total(scores, dims, place) for place in places), torch.full((len(scores),), -torch.inf)], 1)
    return padded.gather(1, found.masked_fill(found == NOBODY, len(places)))


@st.composite
def grids_with_gaps(draw: st.DrawFn) -> tuple[Place, list[Place]]:
    dims = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    everyone = list(itertools.product(*map(range, dims)))
    places = draw(st.lists(st.sampled_from(everyone), unique=True, max_size=len(everyone)))
    return dims, places


@settings(max_examples=60, deadline=None)
@given(grids_with_gaps(), st.integers(1, 6), st.integers(0, 3))
def test_small_directories_are_searched_exactly(grid: tuple[Place, list[Place]], k: int, samples: int) -> None:
    dims, places = grid
    scores = scores_for(dims, samples, seed=len(places))
    found = find_best(scores, SearchIndex(dims, places), k)
    assert found.shape == (samples, k)
    torch.testing.assert_close(scores_of(found, scores, dims, places), brute_force(scores, dims, places, k))


@settings(max_examples=60, deadline=None)
@given(grids_with_gaps(), st.integers(1, 6))
def test_the_beam_finds_as_many_as_are_alive_and_each_once(grid: tuple[Place, list[Place]], k: int) -> None:
    dims, places = grid
    scores = scores_for(dims, 5, seed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beam_search, "EXACT_LIMIT", 0)
        found = find_best(scores, SearchIndex(dims, places), k)
    for row in found.tolist():
        real = [position for position in row if position != NOBODY]
        assert len(set(real)) == len(real) == min(k, len(places))
        assert all(0 <= position < len(places) for position in real)
    # 256 experts at most here, and a beam of 16 and more: it sees the whole of most grids.
    got, best = scores_of(found, scores, dims, places), brute_force(scores, dims, places, k)
    assert (got <= best + 1e-5).all()


def test_on_a_complete_grid_the_beam_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    dims = (8, 8, 8)
    places = list(itertools.product(*map(range, dims)))
    random.Random(0).shuffle(places)
    scores = scores_for(dims, 40, seed=2)
    monkeypatch.setattr(beam_search, "EXACT_LIMIT", 0)
    found = find_best(scores, SearchIndex(dims, places), 4)
    torch.testing.assert_close(scores_of(found, scores, dims, places), brute_force(scores, dims, places, 4))


@pytest.mark.parametrize("exact_limit", [0, 1024])
def test_a_dead_prefix_in_a_grid_of_three_dimensions(monkeypatch: pytest.MonkeyPatch, exact_limit: int) -> None:
    """Hivemind's defect 1: it raises."""
    monkeypatch.setattr(beam_search, "EXACT_LIMIT", exact_limit)
    places = [(1, 2, 0), (1, 2, 1), (2, 0, 2)]  # nothing below prefix 0, which scores best
    scores = torch.tensor([[9.0, 1.0, 0.0, 9.0, 0.0, 1.0, 0.0, 1.0, 2.0]])
    assert find_best(scores, SearchIndex((3, 3, 3), places), 4).tolist() == [[2, 1, 0, NOBODY]]


@pytest.mark.parametrize("dims", [(4,), (4, 4), (4, 4, 4), (2, 2, 2, 2)])
@pytest.mark.parametrize("exact_limit", [0, 1024])
def test_an_empty_directory(monkeypatch: pytest.MonkeyPatch, exact_limit: int, dims: Place) -> None:
    """Hivemind's defect 2: an empty first beam crashes."""
    monkeypatch.setattr(beam_search, "EXACT_LIMIT", exact_limit)
    assert find_best(scores_for(dims, 2, 0), SearchIndex(dims, []), 3).tolist() == [[NOBODY] * 3] * 2


def test_a_crowded_row_fills_what_lonely_ones_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beam_search, "EXACT_LIMIT", 0)
    dims = (64, 64)
    places = [(3, 0), *((63, second) for second in range(64))]
    scores = torch.zeros(1, 128)
    scores[0, :64] = torch.arange(64, 0, -1.0)
    scores[0, 64:] = torch.arange(64.0) / 1000
    assert find_best(scores, SearchIndex(dims, places), 3).tolist() == [[0, 64, 63]]


def test_scores_of_all_experts_carry_gradients() -> None:
    index = SearchIndex((2, 2), [(0, 0), (1, 1)])
    scores = torch.tensor([[1.0, 2.0, 3.0, 4.0]], requires_grad=True)
    everyone = index.score_all(scores)
    assert everyone.tolist() == [[4.0, 6.0]]
    everyone[0, 1].backward()
    assert scores.grad.tolist() == [[0, 1, 0, 1]]


def test_many_samples_are_worked_through_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    dims = (4, 4)
    places = list(itertools.product(range(4), range(4)))
    scores = scores_for(dims, 33, 3)
    whole = find_best(scores, SearchIndex(dims, places), 3)
    monkeypatch.setattr(beam_search, "_CHUNK_NUMBERS", 64)
    assert torch.equal(find_best(scores, SearchIndex(dims, places), 3), whole)


@pytest.mark.parametrize("width", [5, 6 * 256, 100 * 256, 100 * 256 + 1])
@pytest.mark.parametrize("count", [1, 6, 30])
def test_the_best_of_wide_rows_are_those_of_topk(width: int, count: int) -> None:
    numbers = torch.randn(7, width, generator=torch.Generator().manual_seed(width))
    numbers[0] = 0.0  # all alike
    numbers[1, : width // 2] = float("-inf")
    numbers[2] = float("-inf")
    best, places = beam_search._top(numbers, count)
    assert torch.equal(best, torch.topk(numbers, min(count, width), dim=1).values)
    assert torch.equal(numbers.gather(1, places), best)
    assert all(len(set(row)) == len(row) for row in places.tolist())
