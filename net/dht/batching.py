"""Reading many keys at once: questions to one peer that arise in the same moment travel in one message."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from net.addresses import PeerId
from net.dht.background import Spawn
from net.dht.contacts import Candidate
from net.errors import ClosedError
from net.wire.limits import MAX_KEYS
from net.wire.messages import Found

Answers = dict[bytes, Found] | None
Send = Callable[[Candidate, Sequence[bytes]], Coroutine[Any, Any, Answers]]
"""Asks one peer about at most MAX_KEYS keys; None when it does not answer."""


@dataclass(slots=True)
class _Batch:
    candidate: Candidate
    answers: "asyncio.Future[Answers]"
    keys: dict[bytes, None] = field(default_factory=dict)


class ValueBatcher:
    """Collects questions until the event loop has run everything that was ready, then sends them."""

    def __init__(self, send: Send, spawn: Spawn) -> None:
        self._send = send
        self._spawn = spawn
        self._collecting: dict[PeerId, _Batch] = {}

    async def find(self, candidate: Candidate, key: bytes) -> Found | None:
        """What this peer knows about a key; None when it does not answer, or not about this key."""
        batch = self._collecting.get(candidate.peer_id)
        if batch is None or len(batch.keys) >= MAX_KEYS:
            loop = asyncio.get_running_loop()
            batch = _Batch(candidate, loop.create_future())
            self._collecting[candidate.peer_id] = batch
            loop.call_soon(self._send_batch, batch)
        batch.keys[key] = None
        answers = await asyncio.shield(batch.answers)  # others wait for the same future
        return answers.get(key) if answers else None

    def _send_batch(self, batch: _Batch) -> None:
        if self._collecting.get(batch.candidate.peer_id) is batch:
            del self._collecting[batch.candidate.peer_id]

        def settle(task: "asyncio.Task[Answers | None]") -> None:
            if not batch.answers.done():
                batch.answers.set_result(None if task.cancelled() else task.result())

        try:
            self._spawn(self._send(batch.candidate, list(batch.keys))).add_done_callback(settle)
        except ClosedError:
            batch.answers.set_result(None)
