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
Tensors = tuple[torch.Tensor, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The samples that go to one expert in one call. expert: its position in the directory's view; rows: [m] numbers
    of samples, each once; inputs: of these samples, each [m, …]."""

    expert: int
    rows: Rows
    inputs: Tensors


def group_by_expert(inputs: Tensors, chosen: torch.Tensor, samples: Rows, max_rows: int) -> list[Group]:
    """One group an expert (several where it gets more than `max_rows` samples), their inputs gathered in one go.

    inputs: each [N, …] on the CPU; chosen: [n, k] positions or NOBODY; samples: [n], which sample each row belongs to.
    """
    experts = chosen.numpy().reshape(-1)
    rows = np.repeat(samples, chosen.shape[1])
    real = experts != NOBODY
    experts, rows = experts[real], rows[real]
    if not experts.size:
        return []
    order = np.argsort(experts, kind="stable")
    experts, rows = experts[order], rows[order]
    gathered = [each.index_select(0, torch.from_numpy(rows)) for each in inputs]
    starts = np.flatnonzero(np.diff(experts, prepend=-2))
    groups = []
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), experts.size], strict=True):
        for first in range(start, end, max_rows):
            last = min(first + max_rows, end)
            own = tuple(each[first:last] for each in gathered)
            groups.append(Group(int(experts[first]), rows[first:last], own))
    return groups


@dataclass(frozen=True, slots=True)
class Patience:
    """When enough has come. k_min: answers that every sample waits for, where it can still get them; then whoever is
    still under way has as long as the others took (times grace_factor), but at least grace_s seconds; longest_s: when
    nothing more is waited for in any case."""

    k_min: int = 1
    grace_s: float = 0.05
    grace_factor: float = 1.0
    longest_s: float = float("inf")


@dataclass(frozen=True, slots=True)
class Hedge:
    """When a sample's spare experts are asked although those that it wanted may still answer: when half of all calls
    have been answered and `factor` times that long has passed, in any case after high_s, never before low_s seconds."""

    low_s: float = 0.1
    factor: float = 3.0
    high_s: float = 1.0


class Collecting:
    """What became of the calls of one pass so far, judged for each sample by itself.

    outcomes: by position of the call, as they come. Calls that are not waited for any longer run on: how long they
    take is still learned from.
    """

    def __init__(self, answers: Answers, rows: Sequence[Rows], samples: int, patience: Patience) -> None:
        """rows: for each call, the samples that it is about."""
        self.outcomes: dict[int, Outcome] = {}
        self.answered = np.zeros(samples, dtype=np.int32)
        self._pending = np.zeros(samples, dtype=np.int32)
        self._answers = answers
        self._rows: list[Rows] = []
        self._patience = patience
        self._started = time.monotonic()
        self._expect(rows)

    def also(self, answers: Answers, rows: Sequence[Rows]) -> None:
        """Wait for these calls as well; their positions follow those of the earlier ones."""
        self._answers.absorb(answers, len(self._rows))
        self._expect(rows)

    def _expect(self, rows: Sequence[Rows]) -> None:
        self._rows += rows
        for own in rows:
            self._pending[own] += 1

    @property
    def waiting(self) -> npt.NDArray[np.bool_]:
        """[N]: samples that lack answers, and can still get some."""
        return (self.answered < self._patience.k_min) & (self._pending > 0)

    def wait(self) -> None:
        """Until every sample has what it needs, or can no longer get it; then a short grace for the rest."""
        end: float | None = None
        last = self._started + self._patience.longest_s
        while self._answers.pending:
            if end is None and not self.waiting.any():
                now = time.monotonic()
                end = now + max(self._patience.grace_s, self._patience.grace_factor * (now - self._started))
            limit = min(last, last if end is None else end)
            if not self._take(None if limit == float("inf") else limit - time.monotonic()):
                return

    def wait_before_hedging(self, hedge: Hedge) -> npt.NDArray[np.bool_]:
        """Until every sample has what it needs, or it is time to hedge. Returns `waiting`."""
        calls = len(self._rows)
        end = self._started + hedge.high_s
        while self._answers.pending and self.waiting.any():
            if len(self.outcomes) * 2 >= calls and end == self._started + hedge.high_s:
                took = time.monotonic() - self._started
                end = self._started + min(hedge.high_s, max(hedge.low_s, hedge.factor * took))
            if not self._take(end - time.monotonic()):
                break
        return self.waiting

    def _take(self, timeout: float | None) -> bool:
        """Note what came; False when nothing did in time."""
        items = self._answers.take(timeout)
        for index, outcome in items:
            self.outcomes[index] = outcome
            self._pending[self._rows[index]] -= 1
            self.answered[self._rows[index]] += outcome.ok
        return bool(items)
