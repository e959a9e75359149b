"""The k best experts of each sample among those that are alive, by scores of grid coordinates that add up.

Shapes: N samples, D grid dimensions, L live experts, B beam width, S = sum of the dimensions' sizes.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch

from core.experts.uid import Coordinates

NOBODY = -1
EXACT_LIMIT = 1024  # live experts up to which scoring all of them beats walking the grid
_CHUNK_NUMBERS = 1 << 23  # of one intermediate matrix
_BLOCK = 256  # numbers of which the largest is found first


class SearchIndex:
    """Live experts of one grid, prepared for searching. Immutable; may be used by several threads at once.

    places: distinct coordinates of the live experts, in any order; results are positions in it.
    """

    def __init__(self, dims: Sequence[int], places: Sequence[Coordinates]) -> None:
        self.dims = tuple(dims)
        self.size = len(places)
        self._places = np.asarray(places, dtype=np.int64).reshape(self.size, len(self.dims))
        starts = np.concatenate([[0], np.cumsum(self.dims)[:-1]])
        self.columns = torch.from_numpy(self._places + starts)
        """[L, D]: for each live expert, which of the S scores add up to its own."""
        # A complete 1-D grid is the common case: then the scores are already what is wanted.
        self._is_identity = len(self.dims) == 1 and np.array_equal(self._places[:, 0], np.arange(self.dims[0]))

    def score_all(self, scores: torch.Tensor) -> torch.Tensor:
        """[N, S] -> [N, L]: the score of every live expert. Differentiable."""
        if self._is_identity:
            return scores
        total = scores.index_select(1, self.columns[:, 0])
        for dim in range(1, len(self.dims)):
            total = total + scores.index_select(1, self.columns[:, dim])
        return total

    @cached_property
    def levels(self) -> list[torch.Tensor]:
        """The live experts as a tree of prefixes: levels[d][node, coordinate] is the child's number, or NOBODY.

        Nodes of the last level are positions in `places`.
        """
        order = np.lexsort(self._places.T[::-1])
        ordered = self._places[order]
        parents = np.zeros(self.size, dtype=np.int64)
        tables = []
        for dim, width in enumerate(self.dims):
            last = dim == len(self.dims) - 1
            begins = np.ones(self.size, dtype=bool)
            begins[1:] = (ordered[1:, : dim + 1] != ordered[:-1, : dim + 1]).any(axis=1)
            nodes = order if last else np.cumsum(begins) - 1
            table = np.full((int(parents.max(initial=0)) + 1, width), NOBODY, dtype=np.int64)
            table[parents, ordered[:, dim]] = nodes
            tables.append(torch.from_numpy(table))
            parents = nodes
        return tables


@torch.no_grad()
def find_best(scores: torch.Tensor, index: SearchIndex, k: int) -> torch.Tensor:
    """[N, S] -> [N, k]: positions of the k best live experts of each sample, best first, NOBODY where there are fewer.

    Exact up to EXACT_LIMIT live experts and on complete grids; above that, where experts are missing, a beam search
    over live prefixes may overlook a better one, but always finds k when k are alive. Never raises for dead prefixes
    or an empty directory. A score of minus infinity rules a coordinate out.
    """
    count = min(k, index.size)
    best = torch.full((scores.shape[0], k), NOBODY, dtype=torch.int64)
    if count == 0:
        return best
    scores = scores.detach().float().cpu()
    if index.size <= EXACT_LIMIT:
        for rows in _chunks(scores.shape[0], index.size):
            best[rows, :count] = _exact(scores[rows], index, count)
        return best
    beam = max(4 * k, 16)
    for rows in _chunks(scores.shape[0], max(index.dims[0], beam * max(index.dims[1:], default=0))):
        best[rows, :count] = _beam(scores[rows], index, count, beam)
    return best


def _chunks(samples: int, numbers_each: int) -> list[slice]:
    step = max(1, _CHUNK_NUMBERS // numbers_each)
    return [slice(start, min(start + step, samples)) for start in range(0, samples, step)]


def _exact(scores: torch.Tensor, index: SearchIndex, count: int) -> torch.Tensor:
    best, found = torch.topk(index.score_all(scores), count, dim=1)
    return found.masked_fill(best == float("-inf"), NOBODY)


def _beam(scores: torch.Tensor, index: SearchIndex, count: int, width: int) -> torch.Tensor:
    """[N, count] positions. The tree holds live prefixes only, so each one that is kept leads to an expert, and a
    beam of at least `count` of them always ends with that many."""
    (roots,), *tables = index.levels
    first, *others = torch.split(scores, list(index.dims), dim=1)
    totals, picked = _top(first.masked_fill(roots == NOBODY, float("-inf")), width if tables else count)
    nodes: torch.Tensor = roots[picked].masked_fill(totals == float("-inf"), NOBODY)  # [N, B], as are their totals
    for table, own in zip(tables, others, strict=True):
        children = table[nodes.clamp_min(0)]  # [N, B, size of this dimension]
        longer = totals.unsqueeze(2) + own.unsqueeze(1)
        longer.masked_fill_((children == NOBODY) | (nodes == NOBODY).unsqueeze(2), float("-inf"))
        totals, picked = _top(longer.flatten(1), count if table is tables[-1] else width)
        nodes = children.flatten(1).gather(1, picked).masked_fill(totals == float("-inf"), NOBODY)
    return nodes


def _top(numbers: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """torch.topk of each row [N, W], for wide rows in a twentieth of the time: each of the best is in one of the
    `count` blocks whose largest number is best."""
    count = min(count, numbers.shape[1])
    blocks = numbers.shape[1] // _BLOCK
    if blocks < 4 * count or numbers.shape[1] % _BLOCK:
        return torch.topk(numbers, count, dim=1)
    cut = numbers.view(numbers.shape[0], blocks, _BLOCK)
    chosen = torch.topk(cut.amax(2), count, dim=1).indices
    within = cut.gather(1, chosen.unsqueeze(2).expand(-1, -1, _BLOCK)).flatten(1)
    best, at = torch.topk(within, count, dim=1)
    return best, chosen.gather(1, at // _BLOCK) * _BLOCK + at % _BLOCK
