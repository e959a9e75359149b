"""One end of relayed links: the connection to a relay, and the circuits that share it.

A `CircuitLink` is a `Link` like any other to those above: sealed from end to end, in order, bounded, and its key is
proven. It sends as much as the other end has granted and no more, so that a slow reader makes the sender wait and
not the relay grow. A circuit that was opened in vain of its relay may be handed a direct connection (`take_path`).
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count

from net.errors import ClosedError, NetError, PeerUnreachable, QueueFull, TransportError
from net.nat.noise import Cipher
from net.nat.relay_pieces import WINDOW_BYTES, Opener, Sealer, check, cost
from net.transport.base import Buffer, Frames, Link, Receiver
from net.wire.codec import encode
from net.wire.envelope import Envelope, Kind, pack
from net.wire.limits import PEER_SEND_QUEUE
from net.wire.messages import FailureCode, Message
from net.wire.nat_messages import CloseCircuit


def relay_frame(message: Message, circuit: int = 0) -> bytes:
    """One frame of kind RELAY."""
    return pack(Envelope(Kind.RELAY, message.CODE, circuit), encode(message))


class Carrier:
    """A connection to a relay on one plane. kept: a reservation needs it, even without circuits."""

    def __init__(self, link: Link, idle: Callable[["Carrier"], None]) -> None:
        """idle: called when the last circuit has gone from a carrier that is not kept."""
        self.link = link
        self.relay = link.key
        self.kept = False
        self.circuits: dict[int, CircuitLink] = {}
        self._numbers = count(1)
        self._idle = idle
        self._turns: deque[int] = deque()

    def new_number(self) -> int:
        """A circuit's number for one that this side opens; those that relays open have the highest bit set."""
        return next(self._numbers)

    def tell(self, message: Message, circuit: int = 0) -> None:
        """Send a message to the relay. Raises TransportError."""
        self.link.send([relay_frame(message, circuit)])

    def drop(self, circuit: "CircuitLink") -> None:
        """This circuit is over."""
        self.circuits.pop(circuit.number, None)
        if not self.circuits and not self.kept:
            self._idle(self)

    def writable(self) -> None:
        """The connection has room again: grants first, then a piece of each circuit in turn."""
        for circuit in list(self.circuits.values()):
            circuit.settle()
        self._turns.extend(number for number in self.circuits if number not in self._turns)
        while self._turns and self.link.ready:
            circuit_or_none = self.circuits.get(self._turns.popleft())
            if circuit_or_none is not None and circuit_or_none.send_piece():
                self._turns.append(circuit_or_none.number)
        for circuit in list(self.circuits.values()):
            circuit.tell_writable()

    def lost(self, error: TransportError) -> None:
        """The connection is gone, and every circuit with it."""
        for circuit in list(self.circuits.values()):
            circuit.fail(error)


class CircuitLink:
    """One end of a circuit. See `net.transport.base.Link`. It carries nothing before `begin` or `take_path`."""

    def __init__(self, carrier: Carrier, number: int, key: bytes, receiver: Receiver, *, outbound: bool) -> None:
        """key: the CURVE key at the other end, which the ciphers given to `begin` prove."""
        self.plane = carrier.link.plane
        self.key = key
        self.address = f"{carrier.link.address} (relay)" if outbound else ""
        self.outbound = outbound
        self.sent_bytes = 0
        self.received_bytes = 0
        self.number = number
        self.open = True
        self.path: Link | None = None  # a direct connection that has taken the relay's place
        self.ended: Callable[[], None] = lambda: None  # called once, when the link has ended in any way
        self._carrier = carrier
        self._receiver = receiver
        self._queue: deque[Frames] = deque()
        self._sealer: Sealer | None = None
        self._opener: Opener | None = None
        self._pieces: Iterator[bytes] = iter(())
        self._next: bytes | None = None
        self._credit = self._allowed = WINDOW_BYTES[self.plane]
        self._unread = 0
        carrier.circuits[number] = self

    # --- Link ----------------------------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """See Link."""
        if self.path is not None:
            return self.open and self.path.ready
        idle = self._sealer is not None and self._next is None and not self._queue
        return self.open and idle and self._credit > 0 and self._carrier.link.ready

    def send(self, frames: Frames) -> None:
        """See Link. Raises LimitError, too, for a message that no relay carries."""
        if not self.open:
            raise ClosedError("The relayed link is closed.")
        size = check(frames)
        if self.path is not None:
            self.path.send(frames)
        elif len(self._queue) >= PEER_SEND_QUEUE:
            raise QueueFull(f"{PEER_SEND_QUEUE} messages wait for a relayed peer already.")
        else:
            self._queue.append(frames)
            while self._carrier.link.ready and self.send_piece():
                pass
        self.sent_bytes += size

    def close(self) -> None:
        """See Link."""
        if self.open:
            self._end(CloseCircuit(0, ""))

    # --- the circuit ---------------------------------------------------------------------------------------------

    def begin(self, sending: Cipher, receiving: Cipher) -> None:
        """Both ends have proven their keys: what waits may go."""
        self._sealer, self._opener = Sealer(sending, self.plane), Opener(receiving)
        self._carrier.writable()

    def take_path(self, path: Link) -> None:
        """Go over this connection, which proves the same key, instead of the relay."""
        self.path = path
        self.address = path.address
        self._leave(CloseCircuit(0, ""))
        waiting, self._queue = self._queue, deque()
        for frames in waiting:
            path.send(frames)
        if path.ready:
            self._receiver.writable(self)

    def send_piece(self) -> bool:
        """Send the next piece, if there is one, and credit for it; whether that was so. Raises nothing."""
        if self._sealer is None or not self.open or self.path is not None:
            return False
        if self._next is None:
            self._next = next(self._pieces, None)
            if self._next is None and self._queue:
                self._pieces = self._sealer.pieces(self._queue.popleft())
                self._next = next(self._pieces)
        if self._next is None or cost(len(self._next)) > self._credit:
            return False
        try:
            self._carrier.link.send([pack(Envelope(Kind.PIECE, 0, self.number)), self._next])
        except TransportError:  # the carrier's end is reported by itself; a full queue leaves the piece for later
            return False
        self._credit -= cost(len(self._next))
        self._next = None
        return True

    def granted(self, count: int) -> None:
        """The other end has room for so many bytes more."""
        self._credit = min(self._credit + count, WINDOW_BYTES[self.plane])
        while self._carrier.link.ready and self.send_piece():
            pass
        self.tell_writable()

    def piece_came(self, sealed: Buffer) -> None:
        """Take one piece from the relay."""
        size = cost(len(sealed))
        if self._opener is None or size > self._allowed:
            self.abandon("it sends more than was granted")
            return
        self._allowed -= size
        self._unread += size
        try:
            frames = self._opener.add(sealed)
        except NetError as error:
            self.abandon(str(error))
            return
        self.settle()
        if frames is not None:
            self.received_bytes += sum(map(len, frames))
            self._receiver.received(self, frames)

    def settle(self) -> None:
        """Grant what has been read, once it is half a window, and the connection has room."""
        if self._unread >= WINDOW_BYTES[self.plane] // 2 and self.open and self._carrier.link.ready:
            try:
                self._carrier.link.send([pack(Envelope(Kind.GRANT, 0, self.number, self._unread))])
            except TransportError:  # the carrier's end is reported by itself
                return
            self._allowed += self._unread
            self._unread = 0

    def tell_writable(self) -> None:
        """Report that a message may be sent, where it may."""
        if self.ready:
            self._receiver.writable(self)

    def fail(self, error: TransportError) -> None:
        """The circuit was closed by another, or its carrier is gone."""
        if self.open:
            self._end(None)
            self._receiver.lost(self, error)

    def abandon(self, why: str) -> None:
        """Give the circuit up, because the other end or the relay breaks a rule, or is silent."""
        if self.open:
            self._end(CloseCircuit(FailureCode.BAD_REQUEST, "The circuit was given up."))
            self._receiver.lost(self, PeerUnreachable(f"A relayed link broke: {why}."))

    def _end(self, last: CloseCircuit | None) -> None:
        self.open = False
        self._queue.clear()
        self._next = None
        if self.path is None:
            self._leave(last)
        elif last is not None:
            with suppress(TransportError):
                self.path.send([relay_frame(last)])  # who listens cannot end a connection, but ask for it
            self.path.close()
        self.ended()

    def _leave(self, last: CloseCircuit | None) -> None:
        if last is not None:
            with suppress(TransportError):  # else the relay learns it from the connection's end, or from silence
                self._carrier.tell(last, self.number)
        self._carrier.drop(self)
