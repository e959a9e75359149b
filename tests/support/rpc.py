"""Handlers and helpers that the tests of RPC and of transports share."""

import asyncio
from typing import Any

from net.addresses import Contact
from net.identity import Identity, sign_contact
from net.rpc.base import Reply
from net.wire.messages import ExpertForward, ExpertResults, Ping, Pong

FORWARD = ExpertForward(bytes(32), ())
MIB = 1024 * 1024


async def pong(caller: Any, request: Ping, payload: Any) -> Pong:
    return Pong(1.5)


async def echo(caller: Any, request: ExpertForward, payload: Any) -> Reply:
    return Reply(ExpertResults(()), payload)


async def never(caller: Any, request: Any, payload: Any) -> Pong:
    await asyncio.Event().wait()
    raise AssertionError


def now() -> float:
    return asyncio.get_running_loop().time()


class Recorder:
    """A receiver that keeps everything it is told, and lets tests wait for it."""

    def __init__(self) -> None:
        self.messages: list[tuple[Any, list[bytes]]] = []
        self.lost_links: list[Any] = []
        self.news = asyncio.Condition()
        self._changed = asyncio.Event()

    def received(self, link: Any, frames: Any) -> None:
        self.messages.append((link, [bytes(frame) for frame in frames]))
        self._changed.set()

    def writable(self, link: Any) -> None:
        self._changed.set()

    def lost(self, link: Any, error: Exception) -> None:
        self.lost_links.append((link, error))
        self._changed.set()

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


def contact_of(transport: Any, identity: Identity, now: float, **changes: Any) -> Contact:
    fields = {"curve_key": transport.key, "control": transport.control, "bulk": transport.bulk, "expires": now + 3600}
    return sign_contact(identity, **(fields | changes))
