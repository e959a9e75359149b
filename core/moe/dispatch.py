"""From choices per sample to one call per expert, and back: grouping, and waiting for just enough answers.

Shapes: N samples, k choices each, M (sample, expert) pairs.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from core.experts.answers import Answers
from core.experts.beam_search import NOBODY
from core.experts.outcome import Outcome

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Group:
    """The samples that go to one expert in one call. expert: its position in the directory's view; rows: [m] numbers
    of samples, each once; inputs: [m, features]."""

    expert: int
    rows: Rows
    inputs: torch.Tensor


def group_by_expert(x: torch.Tensor, chosen: torch.Tensor, samples: Rows, max_rows: int) -> list[Group]:
    """One group an expert (several where it gets more than `max_rows` samples), their inputs gathered in one go.

    x: [N, features] on the CPU; chosen: [n, k] positions or NOBODY; samples: [n], which sample each row belongs to.
    """
    experts = chosen.numpy().reshape(-1)
    rows = np.repeat(samples, chosen.shape[1])
    real = experts != NOBODY
    experts, rows = experts[real], rows[real]
    if not experts.size:
        return []
    order = np.argsort(experts, kind="stable")
    experts, rows = experts[order], rows[order]
    inputs = x.index_select(0, torch.from_numpy(rows))
    starts = np.flatnonzero(np.diff(experts, prepend=-2))
    groups = []
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), experts.size], strict=True):
        for first in range(start, end, max_rows):
            last = min(first + max_rows, end)
            groups.append(Group(int(experts[first]), rows[first:last], inputs[first:last]))
    return groups


@dataclass(frozen=True, slots=True)
class Patience:
    """When enough has come. k_min: answers that every sample waits for, where it can still get them; then whoever is
    still under way has as long as the others took (times grace_factor), but at least grace_s seconds."""

    k_min: int = 1
    grace_s: float = 0.05
    grace_factor: float = 1.0


def collect(answers: Answers, rows: Sequence[Rows], samples: int, patience: Patience) -> dict[int, Outcome]:
    """Wait for answers by that rule, judged for each sample by itself; returns the outcomes that came, by call.

    rows: for each call, the samples that it is about. Calls that are not waited for run on: how long they take is
    still learned from.
    """
    answered = np.zeros(samples, dtype=np.int32)
    pending = np.zeros(samples, dtype=np.int32)
    for own in rows:
        pending[own] += 1
    outcomes: dict[int, Outcome] = {}
    started = time.monotonic()
    end: float | None = None
    while answers.pending:
        items = answers.take(None if end is None else end - time.monotonic())
        if not items:
            break
        for index, outcome in items:
            outcomes[index] = outcome
            pending[rows[index]] -= 1
            answered[rows[index]] += outcome.ok
        if end is None and not ((answered < patience.k_min) & (pending > 0)).any():
            now = time.monotonic()
            end = now + max(patience.grace_s, patience.grace_factor * (now - started))
    return outcomes
