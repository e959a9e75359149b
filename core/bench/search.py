"""`hivelet bench search`: finding the best experts of each sample among up to 65,536, in this process alone."""

import random
import time
from collections.abc import Sequence
from math import prod
from statistics import median
from typing import Any

import torch

from core.bench.settings import like_an_engine
from core.experts.beam_search import NOBODY, SearchIndex, find_best
from core.experts.uid import Grid

GRIDS: tuple[tuple[int, ...], ...] = ((65536,), (256, 256), (40, 40, 40), (16, 16, 16, 16))
_ROUNDS = 5


def run_search(batch: int, k: int, grids: Sequence[tuple[int, ...]] = GRIDS) -> dict[str, Any]:
    """Every grid complete, and with a random half of its experts alive. overlap: share of the k that are the true k
    best, by scoring every expert."""
    like_an_engine()
    rows = [_search(dims, alive, batch, k) for dims in grids for alive in (1.0, 0.5)]
    return {"batch": batch, "k": k, "rows": rows, "worst_ms_per_sample": max(row["ms_per_sample"] for row in rows)}


def _search(dims: tuple[int, ...], alive: float, batch: int, k: int) -> dict[str, Any]:
    places = list(Grid("bench.", dims).coordinates())
    if alive < 1:
        places = sorted(random.Random(0).sample(places, round(len(places) * alive)))
    began = time.perf_counter()
    index = SearchIndex(dims, places)
    scores = torch.randn(batch, sum(dims), generator=torch.Generator().manual_seed(0))
    find_best(scores[:1], index, k)  # prepares the tree of prefixes
    prepared = time.perf_counter() - began
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        found = find_best(scores, index, k)
        times.append(time.perf_counter() - began)
    return {
        "grid": list(dims),
        "experts": len(places),
        "of": prod(dims),
        "prepare_ms": round(prepared * 1000, 1),
        "ms_per_sample": round(median(times) * 1000 / batch, 4),
        "overlap": round(_overlap(scores, index, found), 3),
    }


def _overlap(scores: torch.Tensor, index: SearchIndex, found: torch.Tensor) -> float:
    some = slice(0, 32)
    best = torch.topk(index.score_all(scores[some]), found.shape[1], dim=1).indices
    hits = (found[some].unsqueeze(2) == best.unsqueeze(1)) & (found[some] != NOBODY).unsqueeze(2)
    return float(hits.any(dim=2).float().mean())
