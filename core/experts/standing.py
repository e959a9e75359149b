"""Whom to leave alone for a while: back-off for peers and experts that failed. Pure: time is passed in."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class BackOff:
    """first_s doubles with every failure in a row up to longest_s."""

    first_s: float = 0.5
    longest_s: float = 30.0


@dataclass(slots=True)
class _Entry:
    failures: int = 0  # in a row
    until: float = 0.0
    proof: bool = False  # it must answer before it is used again; time alone does not rehabilitate it


class Standing(Generic[K]):
    """Tracks failures of peers (or experts). Those that are aside are not to be used. Not thread-safe."""

    def __init__(self, back_off: BackOff) -> None:
        self._back_off = back_off
        self._entries: dict[K, _Entry] = {}

    def failed(self, key: K, now: float, *, tolerated: int = 0, proof: bool = False) -> bool:
        """It failed once more; True when that puts it aside, now or still.

        tolerated: failures in a row that are forgiven first; proof: keep it aside until `succeeded`, not just until
        the back-off ends. Failures of calls that were under way together count as one.
        """
        entry = self._entries.setdefault(key, _Entry())
        if now < entry.until:
            return True
        entry.failures += 1
        over = entry.failures - tolerated
        if over <= 0:
            return False
        entry.until = now + min(self._back_off.longest_s, self._back_off.first_s * 2.0 ** min(over - 1, 16))
        entry.proof = proof
        return True

    def put_aside(self, key: K, now: float, seconds: float) -> None:
        """It asked to be left alone for so long; that is no failure."""
        entry = self._entries.setdefault(key, _Entry())
        entry.until = max(entry.until, now + min(seconds, self._back_off.longest_s))

    def succeeded(self, key: K) -> bool:
        """It answered: everything is forgiven. True when it was aside or had failed."""
        return self._entries.pop(key, None) is not None

    def aside(self, now: float) -> set[K]:
        """All that are not to be used now."""
        return {key for key, entry in self._entries.items() if entry.proof or now < entry.until}

    def failing(self, key: K, now: float) -> bool:
        """Whether it is aside because it failed, not because it asked for a rest."""
        entry = self._entries.get(key)
        return entry is not None and entry.failures > 0 and (entry.proof or now < entry.until)

    def due(self, now: float) -> list[K]:
        """Those that must prove themselves and whose back-off is over: ask them."""
        return [key for key, entry in self._entries.items() if entry.proof and entry.until <= now]

    def changes_at(self, now: float) -> float:
        """When the next one returns by itself; infinity when none does."""
        ends = (entry.until for entry in self._entries.values() if not entry.proof and now < entry.until)
        return min(ends, default=float("inf"))

    def keep_only(self, keys: set[K]) -> None:
        """Forget all others."""
        self._entries = {key: entry for key, entry in self._entries.items() if key in keys}
