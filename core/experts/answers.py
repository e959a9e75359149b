"""Answers of one dispatch, handed from the event loop and the runtime threads to the thread that waits for them."""

import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from core.experts.outcome import Outcome

Item = tuple[int, Outcome]
"""Position of a call in its dispatch, and what became of it."""

Later = Callable[[], Sequence[Item]]
"""Unpacks answers; runs in the waiting thread, so that the event loop's stays free."""


class Answers:
    """What came back so far. One thread takes, any thread puts.

    expected: calls under way. patience: seconds after which nothing more is waited for, whatever else fails.
    """

    def __init__(self, expected: int, patience: float) -> None:
        self.pending = expected
        self._end = time.monotonic() + patience
        self._queue: queue.SimpleQueue[Later] = queue.SimpleQueue()
        self._quiet: deque[Later] = deque()
        self._lock = threading.Lock()
        self._goes_to: tuple[Answers, int] | None = None

    def put(self, later: Later, *, quiet: bool = False) -> None:
        """Hand over answers of one or several calls. quiet: do not wake the waiting thread for it, more will follow."""
        with self._lock:
            if self._goes_to is not None:
                into, offset = self._goes_to
                into.put(lambda: [(offset + index, outcome) for index, outcome in later()], quiet=quiet)
            elif quiet:
                self._quiet.append(later)
            else:
                self._queue.put(later)

    def absorb(self, other: "Answers", offset: int) -> None:
        """Wait for another dispatch's answers here too, their positions `offset` higher. Nobody takes from it any more,
        and nobody has yet."""
        self.pending += other.pending
        self._end = max(self._end, other._end)
        with other._lock:
            other._goes_to = (self, offset)
            came = [*((later, True) for later in other._quiet)]
            while not other._queue.empty():
                came.append((other._queue.get(), False))
        for later, quiet in came:
            other.put(later, quiet=quiet)

    def take(self, timeout: float | None = None) -> list[Item]:
        """The next answers; empty when none is pending, or none came in time (seconds; None: as long as it lasts)."""
        if not self.pending:
            return []
        left = max(0.0, self._end - time.monotonic())
        items: list[Item] = []
        with contextlib.suppress(queue.Empty):  # then whatever came quietly is all there is
            items += self._queue.get(timeout=left if timeout is None else max(0.0, min(timeout, left)))()
        while self._quiet:
            items += self._quiet.popleft()()
        while not self._queue.empty():
            items += self._queue.get()()
        self.pending -= len(items)
        return items
