"""Spot checks: a secretly chosen share of other peers' answers is computed a second time, and compared.

How often follows BOINC's adaptive replication: a peer's answers are all checked until `trusted_after` in a row were
right, then fewer and fewer, but never less than one in fifty. The choice is made after the answer has come, so that
nobody can know which one to take care with.
"""

import random
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import torch

Recompute = Callable[[str, tuple[torch.Tensor, ...]], torch.Tensor | None]
"""(expert, inputs) -> what the answer should be, from a replica or another host; None where nobody can tell."""


class _Secret:
    """Random numbers from 0 to 1 that nobody else can know, drawn from the system a block at a time: asking it for
    each answer costs more than the rest of the choice."""

    _BLOCK = 64

    def __init__(self) -> None:
        self._system = random.SystemRandom()
        self._left: list[float] = []

    def draw(self) -> float:
        """The next one. Called under its owner's lock."""
        if not self._left:
            self._left = [self._system.random() for _ in range(self._BLOCK)]
        return self._left.pop()


@dataclass(frozen=True, slots=True)
class SpotCheckConfig:
    """trusted_after: right answers in a row until checks become fewer; floor: the least share that is checked;
    tolerance: by which answers of other hardware may differ, relative to the largest number; capacity: peers."""

    trusted_after: int = 10
    floor: float = 0.02
    tolerance: float = 2e-2
    capacity: int = 4096


@dataclass(frozen=True, slots=True)
class SpotCheckStats:
    """answers: that could have been chosen; chosen: that were; right, wrong: of these; untold: nobody could tell."""

    answers: int = 0
    chosen: int = 0
    right: int = 0
    wrong: int = 0
    untold: int = 0


class SpotChecks:
    """Every method may be called from any thread.

    recompute: where a second opinion comes from; without one, choices are counted and nothing is compared. draw: a
    random number from 0 to 1, unknown to others.
    """

    def __init__(
        self,
        recompute: Recompute | None = None,
        config: SpotCheckConfig | None = None,
        draw: Callable[[], float] | None = None,
    ) -> None:
        self._recompute = recompute
        self._config = config or SpotCheckConfig()
        self._draw = draw or _Secret().draw
        self._lock = threading.Lock()
        self._rows: OrderedDict[bytes, int] = OrderedDict()  # right answers in a row
        self._counts = dict.fromkeys(SpotCheckStats.__slots__, 0)

    def share(self, peer: bytes) -> float:
        """Which share of this peer's answers is checked."""
        config, row = self._config, self._rows.get(peer, 0)
        return 1.0 if row < config.trusted_after else max(config.floor, 1.0 / row)

    def answered(self, peer: bytes, uid: str, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> bool:
        """Note an answer, and check it when it is chosen. False when it was wrong."""
        with self._lock:
            self._counts["answers"] += 1
            if self._draw() >= self.share(peer):
                return True
            self._counts["chosen"] += 1
        expected = self._recompute(uid, inputs) if self._recompute else None
        with self._lock:
            if expected is None:
                self._counts["untold"] += 1
                return True
            right = _alike(output, expected, self._config.tolerance)
            self._counts["right" if right else "wrong"] += 1
            self._rows[peer] = self._rows.get(peer, 0) + 1 if right else 0
            self._rows.move_to_end(peer)
            while len(self._rows) > self._config.capacity:
                self._rows.popitem(last=False)
            return right

    def stats(self) -> SpotCheckStats:
        """All counts at one moment."""
        with self._lock:
            return SpotCheckStats(**self._counts)


def _alike(one: torch.Tensor, other: torch.Tensor, tolerance: float) -> bool:
    if one.shape != other.shape:
        return False
    scale = float(other.abs().max()) if other.numel() else 0.0
    return bool(torch.allclose(one.float(), other.float(), rtol=tolerance, atol=tolerance * max(scale, 1e-6)))
