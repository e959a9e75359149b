"""Answers of one dispatch, handed from the event loop and the runtime threads to the thread that waits for them."""

import queue
import time
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

    def put(self, later: Later) -> None:
        """Hand over answers of one or several calls."""
        self._queue.put(later)

    def take(self, timeout: float | None = None) -> list[Item]:
        """The next answers; empty when none is pending, or none came in time (seconds; None: as long as it lasts)."""
        if not self.pending:
            return []
        left = max(0.0, self._end - time.monotonic())
        try:
            later = self._queue.get(timeout=left if timeout is None else max(0.0, min(timeout, left)))
        except queue.Empty:
            return []
        items = list(later())
        while not self._queue.empty():
            items += self._queue.get()()
        self.pending -= len(items)
        return items
