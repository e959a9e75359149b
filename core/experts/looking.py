"""Which rows of a project's grids to read next in the DHT, and how. Decisions only: no I/O, time is passed in.

A row is read over disjoint paths, so that colluders cannot hide its experts. In a large swarm that costs some 16
requests, in a small one, where questions share messages, far fewer; so what reading really cost is measured, and as
many rows are read as a steady allowance pays for: first those never read, then those in doubt (a host there failed, or
a plain read differed from what was known), then the longest unread. What would expire before its turn comes is read
plainly meanwhile, at a quarter of the price; a plain read renews and adds, but takes nothing away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

_COST = 16.0  # requests for one row over disjoint paths in a large swarm
_PLAIN = 0.25  # what a plain read costs of that
_BURST_S = 10.0  # of allowance may be saved up, or owed


class Turn(NamedTuple):
    """The rows to read now: over disjoint paths, and plainly."""

    fresh: list[str]
    plain: list[str]


@dataclass(slots=True)
class _Row:
    order: int
    read: int = 0  # when it was read over disjoint paths last, as a growing number; 0 for never
    ends: float = float("inf")  # when the first of its announcements expires; Unix seconds
    doubted: bool = False


class RowPlan:
    """at_most: rows of one turn; requests_per_s: the allowance; renew_s: a row is renewed so long before it expires."""

    def __init__(self, rows: Sequence[str], *, at_most: int, requests_per_s: float, renew_s: float, now: float) -> None:
        self._rows = {row: _Row(order) for order, row in enumerate(rows)}
        self._at_most = at_most
        self._requests_per_s = requests_per_s
        self._renew_s = renew_s
        self._cost = _COST
        self._allowance = requests_per_s * _BURST_S
        self._counted = now
        self._reads = count(1)

    @property
    def cost(self) -> float:
        """Requests that one row costs over disjoint paths, as measured lately."""
        return self._cost

    def next(self, now: float, wall: float) -> Turn:
        """now: monotonic, wall: Unix seconds. At least one row, whatever is owed."""
        most = self._requests_per_s * _BURST_S
        self._allowance = min(most, self._allowance + (now - self._counted) * self._requests_per_s)
        self._counted = now
        expiring = sorted((row for row in self._rows if self._expires(row, wall)), key=lambda row: self._rows[row].ends)
        paid_for = int(self._allowance / max(self._cost, 1e-3))
        plain_room = max(0, min(len(expiring), int((paid_for - 1) / _PLAIN)))
        fresh_room = max(1, min(self._at_most, paid_for - int(plain_room * _PLAIN)))
        fresh = sorted(self._rows, key=self._urgency)[:fresh_room]
        plain = [row for row in expiring if row not in fresh]
        return Turn(fresh, plain[: min(plain_room, self._at_most - len(fresh))])

    def looked(self, row: str, ends: float, *, fresh: bool) -> None:
        """A row was read. ends: when the first of its announcements expires, in Unix seconds; infinity for none."""
        known = self._rows[row]
        known.ends = ends
        if fresh:
            known.read = next(self._reads)
            known.doubted = False

    def doubt(self, rows: Iterable[str]) -> None:
        """What is known of these rows may be wrong."""
        for row in rows:
            self._rows[row].doubted = True

    def paid(self, requests: int, fresh: int, plain: int = 0) -> None:
        """So many requests were sent to read so many rows."""
        least = -self._requests_per_s * _BURST_S
        self._allowance = max(least, self._allowance - requests)
        if fresh + plain:
            self._cost += (requests / (fresh + _PLAIN * plain) - self._cost) / 2

    def _expires(self, row: str, wall: float) -> bool:
        return self._rows[row].ends <= wall + self._renew_s

    def _urgency(self, row: str) -> tuple[bool, bool, int, int]:
        known = self._rows[row]
        return known.read > 0, not known.doubted, known.read, known.order
