"""How long a call waits for others of the same expert, so that one batch does for several callers. Not thread-safe: its
runtime's lock guards it."""

import math
from collections import deque
from collections.abc import Sequence

from core.experts.outcome import Kind, Outcome
from core.experts.task_pool import Task
from core.experts.tickets import TicketBook

_MEMORY = 0.95  # how much of what was learned is left after another batch
_UNKNOWN_SHARE = 0.3  # of a batch's time, as long as all batches had as many rows: then it shows whether it pays
_SPREAD = 0.1  # batches whose sizes differ by less than this say nothing about what rows cost
_LATE = 2.0  # times as long as callers usually take: whoever has not come back by then is not waited for
_MOST_AWAITED = 32
_GONE_S = 1.0  # nobody waits for callers who take that long


class Pace:
    """What batches of one kind take: something by themselves, and something for each row. Learned by a regression in
    which old batches count less and less."""

    def __init__(self) -> None:
        self._sums = (0.0, 0.0, 0.0, 0.0, 0.0)

    def add(self, rows: int, seconds: float) -> None:
        """One batch was computed."""
        news = (1.0, rows, seconds, rows * rows, rows * seconds)
        self._sums = tuple(_MEMORY * old + new for old, new in zip(self._sums, news, strict=True))  # type: ignore[assignment]

    @property
    def fixed_s(self) -> float:
        """Seconds that are saved when two batches become one."""
        count, rows, seconds, squares, products = self._sums
        if not count:
            return 0.0
        mean, usual = rows / count, seconds / count
        variance = squares / count - mean * mean
        if variance <= (_SPREAD * mean) ** 2:
            return _UNKNOWN_SHARE * usual
        each = (products / count - mean * usual) / variance
        return min(max(0.0, usual - each * mean), usual)


class Company:
    """Knows who will come back for which expert, and when: those who hold a ticket with a backward call, those whose
    work is done with their next forward call."""

    def __init__(self, book: TicketBook) -> None:
        self._book = book
        self._paces: dict[tuple[str, Kind], Pace] = {}
        self._back_s: dict[tuple[str, Kind], float] = {}  # how long callers take until they come with such a call
        self._answered: dict[str, deque[tuple[bytes, float]]] = {}

    def came(self, task: Task, now: float) -> None:
        """A call was queued. A backward call's ticket still lies in the book."""
        uid = task.expert.uid
        if task.kind is Kind.BACKWARD:
            if task.ticket:
                self._learn(uid, task.kind, now - self._book.issued_at(task.ticket))
            return
        answered = self._answered.get(uid, deque())
        while answered and now - answered[0][1] > _GONE_S:
            answered.popleft()
        for place, (caller, since) in enumerate(answered):
            if caller == task.caller:
                del answered[place]
                self._learn(uid, task.kind, now - since)
                return

    def served(self, tasks: Sequence[Task], outcomes: Sequence[Outcome], seconds: float, now: float) -> None:
        """A batch was computed."""
        uid, kind = tasks[0].expert.uid, tasks[0].kind
        self._paces.setdefault((uid, kind), Pace()).add(sum(task.rows for task in tasks), seconds)
        answered = self._answered.setdefault(uid, deque(maxlen=_MOST_AWAITED))
        for task, outcome in zip(tasks, outcomes, strict=True):
            if outcome.ticket is None:
                answered.append((task.caller, now))

    def until(self, task: Task, waiting: int, free_since: float) -> float:
        """Until when a task, the oldest of `waiting` of its expert and kind, is left for others to join; 0 when it is
        not. Never longer than what is saved. free_since: when the device finished what it did before."""
        uid, kind = task.expert.uid, task.kind
        latest, back = self._latest(uid, kind, waiting), self._back_s.get((uid, kind), math.inf)
        if not latest or back == math.inf:
            return 0.0
        pace = self._paces.get((uid, kind))
        saved = max(pace.fixed_s if pace else 0.0, task.expert.step_s if kind is Kind.BACKWARD else 0.0)
        patience = max(task.submitted, free_since) + saved
        return min(patience, latest + _LATE * back) if latest + back <= patience else 0.0

    def forget(self, uid: str) -> None:
        """The expert is gone."""
        self._answered.pop(uid, None)
        for kind in Kind:
            self._paces.pop((uid, kind), None)
            self._back_s.pop((uid, kind), None)

    def _latest(self, uid: str, kind: Kind, waiting: int) -> float:
        """When the last one of those was answered who are still to come; 0 when nobody is."""
        if kind is Kind.BACKWARD:
            open_tickets, latest = self._book.awaited(uid)
            return latest if open_tickets > waiting else 0.0
        answered = self._answered.get(uid)
        return answered[-1][1] if answered else 0.0

    def _learn(self, uid: str, kind: Kind, seconds: float) -> None:
        known = self._back_s.get((uid, kind))
        self._back_s[uid, kind] = seconds if known is None else known + (seconds - known) / 8
