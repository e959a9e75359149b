"""A network inside one process: latency, jitter, loss, bandwidth, partitions and crashes, all on the loop's time.

Under `net.clock.VirtualTimeLoop` thousands of peers live hours in seconds, the same way on every run with the
same random generator. Links behave as TCP does: in order, broken at once when the other process dies, silent when
the network between them is cut.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nacl.bindings import crypto_scalarmult_base

from net.addresses import Contact
from net.curve import agree
from net.errors import AddressError, ClosedError, PeerUnreachable, QueueFull, TransportError
from net.transport.base import Frames, Receiver
from net.wire.limits import PEER_SEND_QUEUE
from net.wire.messages import Plane


@dataclass(slots=True)
class Conditions:
    """What the network does to messages.

    latency, jitter: seconds one way, jitter added uniformly from [0, jitter); loss: share of messages that vanish;
    bandwidth: bytes per second that one link carries each way, None for no bound; handshake: how many one-way
    latencies pass before a new link carries anything (TCP and CURVE take about 6).
    """

    latency: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    bandwidth: float | None = None
    handshake: int = 6


class MemoryNetwork:
    """The wire between all transports made from it.

    conditions may be changed at any time. delay_of, when given, replaces `conditions.latency` for a pair of
    addresses (from, to).
    """

    def __init__(
        self,
        rng: random.Random,
        conditions: Conditions | None = None,
        delay_of: Callable[[str, str], float] | None = None,
    ) -> None:
        self.rng = rng
        self.conditions = conditions or Conditions()
        self.delay_of = delay_of
        self.messages = 0  # sent so far, by anyone
        self._by_address: dict[str, MemoryTransport] = {}
        self._islands: dict[str, int] = {}
        self._made = 0

    def transport(self, *, dialable: bool = True, address: str | None = None) -> "MemoryTransport":
        """A new peer's transport. A peer that is not dialable has no address. An address in use is an AddressError."""
        if address is None:
            self._made += 1
            address = f"tcp://10.{self._made >> 16 & 255}.{self._made >> 8 & 255}.{self._made & 255}:4242"
        if address in self._by_address:
            raise AddressError(f"{address} is in use.")
        made = MemoryTransport(self, address, dialable=dialable, secret=self.rng.randbytes(32))
        if dialable:
            self._by_address[address] = made
        return made

    def partition(self, *islands: Iterable["MemoryTransport"]) -> None:
        """Cut the network: messages between different islands vanish. Transports in no island reach everyone."""
        self._islands = {member.address: number for number, island in enumerate(islands) for member in island}

    def heal(self) -> None:
        """End every partition."""
        self._islands = {}

    def connected(self, one: str, other: str) -> bool:
        """Whether messages pass between two addresses."""
        here, there = self._islands.get(one), self._islands.get(other)
        return here == there or here is None or there is None

    def find(self, address: str) -> "MemoryTransport | None":
        """Who listens there."""
        return self._by_address.get(address)

    def forget(self, transport: "MemoryTransport") -> None:
        """The address listens no more."""
        if self._by_address.get(transport.address) is transport:
            del self._by_address[transport.address]

    def delay(self, one: str, other: str) -> float:
        """Seconds that the next message from one to the other takes."""
        conditions = self.conditions
        latency = conditions.latency if self.delay_of is None else self.delay_of(one, other)
        return latency + (self.rng.random() * conditions.jitter if conditions.jitter else 0.0)


class MemoryTransport:
    """One peer's end of a `MemoryNetwork`. Both planes share one address."""

    def __init__(self, network: MemoryNetwork, address: str, *, dialable: bool, secret: bytes) -> None:
        self.key = crypto_scalarmult_base(secret)
        self._secret = secret
        self.address = address
        self.control = self.bulk = address if dialable else ""
        self.network = network
        self.closed = False
        self.receiver: Receiver
        self.links: set[MemoryLink] = set()

    def attach(self, receiver: Receiver) -> None:
        """See Transport."""
        self.receiver = receiver

    def dial(self, contact: Contact, plane: Plane) -> "MemoryLink":
        """See Transport."""
        if self.closed:
            raise ClosedError("This transport is closed.")
        address = contact.control if plane is Plane.CONTROL else contact.bulk
        if not address:
            raise AddressError("This peer cannot be dialled: its contact holds no address.")
        link = MemoryLink(self, plane, contact.curve_key, address, outbound=True)
        link.connect(self.network.find(address))
        return link

    def agree(self, key: bytes) -> bytes:
        """See Transport."""
        return agree(self._secret, key)

    async def close(self) -> None:
        """See Transport. The others see their links break, as when a process ends or is killed."""
        self.closed = True
        self.network.forget(self)
        for link in list(self.links):
            link.close()


class MemoryLink:
    """One end of a connection; `far` is the other."""

    __slots__ = (
        "_arrival", "_busy_until", "_under_way", "_waiting", "address", "far", "key", "open", "outbound", "owner",
        "plane", "received_bytes", "sent_bytes",
    )  # fmt: skip

    def __init__(self, owner: MemoryTransport, plane: Plane, key: bytes, address: str, *, outbound: bool) -> None:
        self.owner = owner
        self.plane = plane
        self.key = key
        self.address = address
        self.outbound = outbound
        self.sent_bytes = 0
        self.received_bytes = 0
        self.far: MemoryLink | None = None
        self.open = True
        self._arrival = 0.0  # when the last message sent so far arrives: later ones may not overtake it
        self._busy_until = 0.0
        self._under_way: deque[tuple[Frames, int]] = deque()
        self._waiting = 0
        owner.links.add(self)

    def connect(self, target: MemoryTransport | None) -> None:
        """Begin the handshake with whoever listens there."""
        loop, network = asyncio.get_running_loop(), self.owner.network
        delay = sum(network.delay(self.owner.address, self.address) for _ in range(network.conditions.handshake))
        self._arrival = self._busy_until = loop.time() + delay
        if not network.connected(self.owner.address, self.address):
            return
        if target is None or target.closed or target.key != self.key:
            why = "nobody listens there" if target is None or target.closed else "another key answers there"
            loop.call_at(self._arrival, self._lose, PeerUnreachable(f"{self.address} cannot be reached: {why}."))
            return
        self.far = MemoryLink(target, self.plane, self.owner.key, self.owner.address, outbound=False)
        self.far.far = self

    @property
    def ready(self) -> bool:
        """See Link."""
        return self.owner.network.conditions.bandwidth is None or not self._waiting

    def send(self, frames: Frames) -> None:
        """See Link."""
        if not self.open:
            raise ClosedError(f"The link to {self.address} is closed.")
        owner, loop = self.owner, asyncio.get_running_loop()
        network, conditions = owner.network, owner.network.conditions
        size = sum(map(len, frames))
        left = max(loop.time(), self._busy_until)
        if conditions.bandwidth is not None:
            if self._waiting >= PEER_SEND_QUEUE:
                raise QueueFull(f"{PEER_SEND_QUEUE} messages wait for {self.address} already.")
            left += size / conditions.bandwidth
            self._busy_until = left
            self._waiting += 1
            loop.call_at(left, self._left)
        self.sent_bytes += size
        network.messages += 1
        self._arrival = max(self._arrival, left + network.delay(owner.address, self.address))
        if conditions.loss and network.rng.random() < conditions.loss:
            return
        # Bytes are copied as a network copies them: what the sender does with its buffers later changes nothing.
        sent: Frames = [bytearray(frame) for frame in frames]
        self._under_way.append((sent, size))
        loop.call_at(self._arrival, self._deliver)

    def close(self) -> None:
        """See Link."""
        if not self.open:
            return
        self.open = False
        self.owner.links.discard(self)
        if self.far is not None and self.far.open:
            delay = self.owner.network.delay(self.owner.address, self.address)
            gone = PeerUnreachable(f"The connection with {self.far.address} broke.")
            loop = asyncio.get_running_loop()
            self._arrival = max(self._arrival, loop.time() + delay)
            loop.call_at(self._arrival, self._break_far, gone)

    def _left(self) -> None:
        self._waiting -= 1
        if self.open and not self._waiting:
            self.owner.receiver.writable(self)

    def _deliver(self) -> None:
        # The loop does not keep the order of timers that are due together; this queue does.
        if not self._under_way:
            return
        frames, size = self._under_way.popleft()
        far = self.far
        if far is None or not far.open or not self._passes():
            return
        far.received_bytes += size
        far.owner.receiver.received(far, frames)

    def _break_far(self, error: TransportError) -> None:
        while self._under_way:  # what is due at this very moment comes first
            self._deliver()
        if self.far is not None and self._passes():
            self.far._lose(error)

    def _lose(self, error: TransportError) -> None:
        if self.open:
            self.open = False
            self.owner.links.discard(self)
            self.owner.receiver.lost(self, error)

    def _passes(self) -> bool:
        return self.owner.network.connected(self.owner.address, self.address)
