"""Peers that keep to no rule but ZeroMQ's: a raw socket with keys of its own, for tests of what a node survives."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import zmq
import zmq.asyncio
from zmq.utils import z85

from net.addresses import Contact
from net.identity import Identity, sign_contact
from net.wire.codec import decode, encode
from net.wire.envelope import Envelope, Kind, pack, unpack
from net.wire.messages import PROTOCOL_VERSION, Hello, Message

_kept: list[Any] = []  # sockets, so that one that nobody looks at any more stays open until all are closed


@contextmanager
def strangers() -> Iterator[Any]:
    """A context for strangers' sockets, which are gone afterwards."""
    context = zmq.asyncio.Context()
    try:
        yield context
    finally:
        context.destroy(linger=0)
        _kept.clear()


def request(message: Message, call: int = 7, timeout_ms: int = 5000, sizes: tuple[int, ...] = ()) -> bytes:
    """The first frame of one request."""
    return pack(Envelope(Kind.REQUEST, message.CODE, call, timeout_ms, sizes), encode(message))


class Stranger:
    """A raw DEALER to one peer, with CURVE keys of its own, or with none."""

    def __init__(
        self,
        context: Any,
        contact: Contact,
        *,
        curve: bool = True,
        bulk: bool = False,
        identity: Identity | None = None,
        routing_id: bytes = b"",
    ) -> None:
        self.public, secret = zmq.curve_keypair()
        self.identity = identity or Identity.generate()
        self.socket = context.socket(zmq.DEALER)
        _kept.append(self.socket)
        self.socket.linger = 0
        self.socket.reconnect_ivl = -1
        if routing_id:
            self.socket.routing_id = routing_id
        if curve:
            self.socket.curve_publickey, self.socket.curve_secretkey = self.public, secret
            self.socket.curve_serverkey = z85.encode(contact.curve_key)
        self.socket.connect(contact.bulk if bulk else contact.control)

    def contact(self, **changes: Any) -> Contact:
        """Its own card, which nobody need believe; changes go to sign_contact."""
        fields = {
            "curve_key": z85.decode(self.public),
            "control": "",
            "bulk": "",
            "expires": time.time() + 600,
        }
        return sign_contact(changes.pop("identity", self.identity), **(fields | changes))

    def hello(self, *, version: int = PROTOCOL_VERSION, network: str = "hivelet", **changes: Any) -> bytes:
        """A Hello; changes are those of its contact."""
        return request(Hello(version, network, self.contact(**changes)), 1)

    async def greet(self) -> Any:
        """Say Hello and return the answer."""
        return await self.ask(self.hello())

    async def ask(self, *frames: bytes) -> Any:
        """Send one message and return the next that comes."""
        await self.socket.send_multipart(frames)
        return await self.answer()

    async def answer(self, timeout: float = 5.0) -> Any:
        """The next message that comes."""
        async with asyncio.timeout(timeout):
            frames = await self.socket.recv_multipart()
        envelope, body = unpack(frames[0])
        return decode(envelope.code, body)

    def end(self) -> Any:
        """An awaitable that is done when the victim has ended this connection, from now on."""
        monitor = self.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)

        async def wait() -> None:
            async with asyncio.timeout(15):
                await monitor.recv_multipart()

        return wait()
