"""What a client knows about one outbound connection, and about one call that waits on it."""

import asyncio
from collections.abc import Callable

from net.addresses import Contact
from net.errors import DeadlineExceeded, NetError
from net.rpc.base import Payload, Reply
from net.rpc.outbox import Outbox
from net.rpc.streams import IncomingPayload
from net.rpc.turns import Turns
from net.transport.base import Link
from net.wire.messages import Hello, Message, Ping, Plane

_RTT_WEIGHT = 0.2  # of the newest measurement
_TIMED = (Ping.CODE, Hello.CODE)


class PendingCall:
    """One request that waits for its answer. done: told the outcome, once; timeout: seconds."""

    __slots__ = (
        "answer", "body", "code", "connection", "deadline", "done", "ended", "incoming", "number", "payload",
        "reserved", "retried", "sent_at", "timer", "warm",
    )  # fmt: skip

    def __init__(
        self,
        connection: "Connection",
        number: int,
        code: int,
        body: bytes,
        payload: Payload,
        timeout: float,
        done: "Callable[[PendingCall, Reply | NetError], None]",
    ) -> None:
        loop = asyncio.get_running_loop()
        self.connection = connection
        self.number = number
        self.code = code
        self.body = body
        self.payload = payload
        self.done = done
        self.ended = False
        self.sent_at = loop.time()
        self.warm = connection.greeted  # its duration says nothing about the handshake
        self.deadline = self.sent_at + timeout
        self.timer: asyncio.TimerHandle | None = None
        self.retried = False
        self.answer: Message | None = None
        self.incoming: IncomingPayload | None = None
        self.reserved = 0

    def begin(self) -> None:
        """It is on its way: watch its deadline."""
        if not self.ended:
            self.timer = asyncio.get_running_loop().call_at(self.deadline, self.expire)

    def end(self, outcome: Reply | NetError) -> None:
        """End with this answer or error, unless it has ended."""
        if not self.ended:
            self.ended = True
            if self.timer is not None:
                self.timer.cancel()
            self.done(self, outcome)

    def expire(self) -> None:
        """The deadline has come."""
        waited = asyncio.get_running_loop().time() - self.sent_at
        self.end(DeadlineExceeded(f"{self.connection.link.address} did not answer within {waited:.1f} seconds."))


class Connection:
    """One outbound link, the peer at its other end, and the calls that wait on it."""

    __slots__ = (
        "calls",
        "contact",
        "greeted",
        "introduced_as",
        "link",
        "observed",
        "outbox",
        "pinged",
        "plane",
        "rtt",
        "seen",
    )

    def __init__(self, link: Link, contact: Contact, plane: Plane, turns: Turns) -> None:
        self.link = link
        self.contact = contact
        self.plane = plane
        self.outbox = Outbox(link, turns)
        self.calls: dict[int, PendingCall] = {}
        self.introduced_as: Contact | None = None  # our contact in the last Hello
        self.greeted = False  # a Welcome came
        self.observed = ""  # the address that the peer sees us come from
        self.rtt: float | None = None  # seconds, smoothed
        self.pinged = False  # rtt comes from pings
        self.seen = 0.0  # monotonic seconds; 0 before the first answer

    def measure(self, call: PendingCall) -> None:
        """The round trip, from pings over a connection that stands; before the first, the handshake's duration."""
        if call.code not in _TIMED:
            return
        seconds = asyncio.get_running_loop().time() - call.sent_at
        if call.code == Ping.CODE and call.warm:
            known = self.rtt if self.pinged else None
            self.rtt = seconds if known is None else known + _RTT_WEIGHT * (seconds - known)
            self.pinged = True
        elif call.code == Hello.CODE and self.rtt is None:
            self.rtt = seconds
