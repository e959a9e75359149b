"""Whose chunk goes next, over all connections of a peer: by urgency first, then each connection in turn.

Where nothing holds the chunks back this changes nothing; where a line or a cap is the bottleneck, it decides who
waits. One class does not shut out those below it: every sixteenth chunk is of the least urgent that waits.
"""

import asyncio
from collections import deque
from enum import IntEnum
from typing import Protocol

from net.wire.messages import ExpertBackward, ExpertForward

CHUNKS_A_RUN = 8  # then other things on the loop get their turn
LEAST_EVERY = 16


class Urgency(IntEnum):
    """Of a payload, the most urgent first. What has no payload, or belongs to the control plane, waits for nobody."""

    BACKWARD = 0  # others' optimizers wait for it
    FORWARD = 1
    REST = 2  # trunks, snapshots, replicas


_URGENCY = {ExpertBackward.CODE: Urgency.BACKWARD, ExpertForward.CODE: Urgency.FORWARD}


def urgency_of(request_code: int) -> Urgency:
    """Of a request with this code, and of its answer."""
    return _URGENCY.get(request_code, Urgency.REST)


class Source(Protocol):
    """One connection's payloads under way."""

    @property
    def ready(self) -> bool:
        """Whether its link takes a chunk now; where not, it asks for turns again when that changes."""
        ...

    def send_next(self, urgency: Urgency) -> bool:
        """Send one chunk of this urgency; whether it has more of that now."""
        ...


class Turns:
    """The connections that have chunks to send. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._queues: tuple[deque[Source], ...] = tuple(deque() for _ in Urgency)
        self._queued: set[tuple[Urgency, Source]] = set()
        self._picked = 0
        self._due = False

    def ask(self, source: Source, urgency: Urgency) -> None:
        """This connection has something to send, and its link may take it."""
        if (urgency, source) not in self._queued:
            self._queued.add((urgency, source))
            self._queues[urgency].append(source)

    def crowded(self, urgency: Urgency) -> bool:
        """Whether chunks that are as urgent, or more, wait already."""
        return bool(self._queued) and any(self._queues[: urgency + 1])

    def run_soon(self) -> None:
        """Let everyone ask who is about to, then send."""
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._run_due)

    def run(self) -> None:
        """Send as long as links take it, but no longer than the loop can be kept from other things."""
        for _ in range(CHUNKS_A_RUN):
            if not self._send_one():
                return
        self.run_soon()

    def _run_due(self) -> None:
        self._due = False
        self.run()

    def _send_one(self) -> bool:
        """Send one chunk; False when none can be."""
        least = (self._picked + 1) % LEAST_EVERY == 0
        for urgency in reversed(Urgency) if least else Urgency:
            queue = self._queues[urgency]
            while queue:
                source = queue.popleft()
                self._queued.discard((urgency, source))
                if not source.ready:
                    continue
                self._picked += 1
                if source.send_next(urgency):
                    self.ask(source, urgency)
                return True
        return False
