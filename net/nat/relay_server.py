"""What a volunteer does for peers that cannot be reached: it passes sealed pieces on between two connections.

It never dials: it passes on only to those who have dialled it and hold a reservation, so there are no loops and no
victims. What waits here for a slow reader is bounded by the window that the reader grants to the sender, and who
overruns that window is cut off. Nothing of what passes through can be read here.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from net.addresses import Contact, Endpoint
from net.clock import Clock
from net.errors import AddressError, IdentityError, NetError, RemoteError, TransportError
from net.identity import verify_contact
from net.nat.relay_carrier import relay_frame
from net.nat.relay_circuits import Circuit, Circuits, Way
from net.nat.relay_limits import DayBudget, RelayLimits, TokenBucket
from net.transport.base import Buffer, Frames, Link
from net.wire.codec import decode
from net.wire.envelope import Envelope, Kind, pack
from net.wire.messages import Failure, FailureCode, Message, Plane
from net.wire.nat_messages import CircuitOpened, CloseCircuit, OpenCircuit, Reserve, Reserved

logger = logging.getLogger(__name__)

_SWEEP_S = 10.0
_GONE = "The peer that is called has gone from this relay."


@dataclass(slots=True)
class Reservation:
    """One hidden peer. expires: monotonic seconds; used: bytes passed on since it began."""

    key: bytes
    host: str
    expires: float
    links: dict[Plane, Link] = field(default_factory=dict)
    used: int = 0


class RelayServer:
    """Driven by `net.nat.relayed_transport.RelayedTransport`. It serves while it is switched on, and can be reached."""

    def __init__(
        self, network: str, clock: Clock, reachable: Callable[[], bool], limits: RelayLimits | None = None
    ) -> None:
        """network: peers of another network are refused; reachable: whether others can dial this peer now."""
        self.limits = limits or RelayLimits()
        self._network = network
        self._clock = clock
        now = clock.monotonic()
        self._bytes = TokenBucket(self.limits.bytes_per_s, self.limits.burst_bytes, now)
        self._opens = TokenBucket(self.limits.opens_per_s, 2 * self.limits.opens_per_s, now)
        self._day = DayBudget(self.limits.day_bytes, now)
        self._reservations: dict[bytes, Reservation] = {}
        self._circuits = Circuits()
        self._reachable = reachable
        self._on = False
        self._sweeper: asyncio.TimerHandle | None = None
        self._resume: asyncio.TimerHandle | None = None

    @property
    def enabled(self) -> bool:
        """Whether this computer relays for others now."""
        return self._on and self._reachable()

    def enable(self, on: bool) -> None:
        """Switch it on, or off, which ends every reservation and circuit at once."""
        self._on = on
        self._look()

    @property
    def relayed_bytes(self) -> int:
        """Bytes passed on for others since the start."""
        return self._day.total

    @property
    def reservations(self) -> int:
        """Hidden peers that are reachable through this one."""
        return len(self._reservations)

    @property
    def circuits(self) -> int:
        """Open circuits."""
        return len(self._circuits)

    @property
    def queued_bytes(self) -> int:
        """Bytes that wait here for slow readers."""
        return self._circuits.queued_bytes

    # --- what the transport reports ------------------------------------------------------------------------------

    def received(self, link: Link, envelope: Envelope, body: memoryview, frames: Frames) -> None:
        """A frame of kind RELAY, PIECE or GRANT over an inbound link. Never raises."""
        try:
            if envelope.kind is Kind.PIECE:
                self._piece(link, envelope.call, frames)
            elif envelope.kind is Kind.GRANT:
                self._grant(link, envelope.call, envelope.argument)
            else:
                self._control(link, envelope.call, decode(envelope.code, body))
        except RemoteError as refusal:
            self._tell(link, Failure(refusal.code, refusal.text, refusal.retry_after))
        except NetError as error:
            logger.debug("%s breaks a rule of relaying: %s", link.address, error)
            self._close(self._circuits.find(link, envelope.call), FailureCode.BAD_REQUEST, "It broke a rule.")

    def writable(self, link: Link) -> None:
        """An inbound link has room again."""
        self._pump(link)

    def lost(self, link: Link) -> None:
        """An inbound link is gone."""
        for circuit in self._circuits.over(link):
            self._close(circuit, FailureCode.NOT_FOUND, _GONE)
        reservation = self._reservations.get(link.key)
        if reservation is not None and reservation.links.get(link.plane) is link:
            del reservation.links[link.plane]
            if not reservation.links:
                del self._reservations[link.key]

    def close(self) -> None:
        """Stop every timer."""
        for timer in (self._sweeper, self._resume):
            if timer is not None:
                timer.cancel()

    # --- messages ------------------------------------------------------------------------------------------------

    def _control(self, link: Link, number: int, message: Message) -> None:
        match message:
            case Reserve():
                self._tell(link, self._reserve(link, message.network, message.contact))
            case OpenCircuit():
                try:
                    self._open(link, number, message)
                except RemoteError as refusal:
                    self._tell(link, CloseCircuit(refusal.code, refusal.text), number)
            case CircuitOpened():
                circuit = self._circuits.find(link, number)
                if circuit is not None and link is circuit.callee.link:
                    self._tell(circuit.caller.link, message, circuit.caller.number)
            case CloseCircuit():
                circuit = self._circuits.find(link, number)
                if circuit is not None:
                    self._drop(circuit)
                    far = circuit.other(link)
                    self._tell(far.link, message, far.number)
            case _:
                pass

    def _reserve(self, link: Link, network: str, contact: Contact) -> Reserved:
        now = self._clock.monotonic()
        if not self.enabled:
            raise RemoteError(FailureCode.PAUSED, "This peer does not relay.")
        if network != self._network:
            raise RemoteError(FailureCode.UNAUTHORIZED, f"This peer belongs to the network {self._network!r}.")
        try:
            verify_contact(contact, self._clock.time())
        except IdentityError as error:
            raise RemoteError(FailureCode.UNAUTHORIZED, str(error)) from error
        if contact.curve_key != link.key:
            raise RemoteError(FailureCode.UNAUTHORIZED, "Your contact names another CURVE key than the one you use.")
        reservation = self._reservations.get(link.key)
        if reservation is None:
            host = _host_of(link)
            hosts = Counter(other.host for other in self._reservations.values())
            crowded = bool(host) and hosts[host] >= self.limits.reservations_per_host
            if crowded or len(self._reservations) >= self.limits.reservations or not self._day.left(now):
                raise RemoteError(FailureCode.BUSY, "This relay has no room for another peer.", 60.0)
            reservation = self._reservations[link.key] = Reservation(link.key, host, 0.0)
        elif reservation.used >= self.limits.reservation_bytes:
            raise RemoteError(FailureCode.BUSY, "What this relay gives to one peer is used up.", 60.0)
        reservation.links[link.plane] = link
        reservation.expires = now + self.limits.reservation_s
        self._watch()
        left = self.limits.reservation_bytes - reservation.used
        return Reserved(self.limits.reservation_s, max(0, min(left, self._day.left(now))))

    def _open(self, link: Link, number: int, message: OpenCircuit) -> None:
        now = self._clock.monotonic()
        if not self.enabled:
            raise RemoteError(FailureCode.PAUSED, "This peer relays no more.")
        reservation = self._reservations.get(message.target)
        target = reservation.links.get(link.plane) if reservation is not None else None
        if reservation is None or target is None or target is link or reservation.expires <= now:
            raise RemoteError(FailureCode.NOT_FOUND, "Nobody of that key is reachable through this relay.")
        if number >= Circuits.FIRST_OWN or self._circuits.find(link, number) is not None:
            raise RemoteError(FailureCode.BAD_REQUEST, "This circuit's number is not free.")
        limits = self.limits
        full = (
            len(self._circuits) >= limits.circuits
            or self._circuits.of_caller(link.key) >= limits.circuits_per_caller
            or self._circuits.of_callee(message.target) >= limits.circuits_per_callee
            or reservation.used >= limits.reservation_bytes
            or not self._day.left(now)
            or not self._opens.take(1, now)
        )
        if full:
            raise RemoteError(FailureCode.BUSY, "This relay has no room for another circuit.")
        circuit = self._circuits.add(link, number, target, now)
        self._tell(target, message, circuit.callee.number)
        self._watch()

    # --- passing on ----------------------------------------------------------------------------------------------

    def _piece(self, link: Link, number: int, frames: Frames) -> None:
        circuit = self._circuits.find(link, number)
        if circuit is None or len(frames) != 1:
            return  # over already, or nonsense
        if not self._charge(circuit, len(frames[0])):
            return
        far = circuit.other(link)
        self._circuits.queue(far, frames[0])  # raises WireError for what is too much
        if self.queued_bytes > self.limits.queue_bytes:
            self._close(circuit, FailureCode.BUSY, "Too much waits in this relay.")
            return
        self._pump(far.link)

    def _grant(self, link: Link, number: int, count: int) -> None:
        circuit = self._circuits.find(link, number)
        if circuit is not None and self._charge(circuit, self.limits.grant_cost):
            far = circuit.other(link)
            self._send(circuit, far, [pack(Envelope(Kind.GRANT, 0, far.number, count))])

    def _charge(self, circuit: Circuit, size: int) -> bool:
        now = self._clock.monotonic()
        circuit.active = now
        reservation = self._reservations.get(circuit.callee.link.key)
        if reservation is None or reservation.used + size > self.limits.reservation_bytes or not self._day.left(now):
            self._close(circuit, FailureCode.BUSY, "What this relay gives to one peer is used up.")
            return False
        reservation.used += size
        self._day.use(size)
        return True

    def _pump(self, link: Link) -> None:
        """Pass on what waits for this link, each circuit in turn, as far as it takes it and the rate allows."""
        while link.ready:
            way = self._circuits.next_for(link)
            if way is None:
                return
            now = self._clock.monotonic()
            piece = way.queue[0]
            if not self._bytes.take(len(piece), now):
                if self._resume is None:
                    loop = asyncio.get_running_loop()
                    self._resume = loop.call_later(self._bytes.wait(now), self._go_on)
                return
            self._circuits.unqueue(way)
            self._send(way.circuit, way, [pack(Envelope(Kind.PIECE, 0, way.number)), piece])

    def _go_on(self) -> None:
        self._resume = None
        for link in self._circuits.waiting():
            self._pump(link)

    def _send(self, circuit: Circuit, way: Way, frames: list[Buffer]) -> None:
        try:
            way.link.send(frames)
        except TransportError:
            self._close(circuit, FailureCode.NOT_FOUND, _GONE)

    def _close(self, circuit: Circuit | None, code: FailureCode, text: str) -> None:
        """End a circuit, and tell both ends why."""
        if circuit is not None:
            self._drop(circuit)
            for way in (circuit.caller, circuit.callee):
                self._tell(way.link, CloseCircuit(code, text), way.number)

    def _drop(self, circuit: Circuit) -> None:
        self._circuits.remove(circuit)

    def _tell(self, link: Link, message: Message, number: int = 0) -> None:
        try:
            link.send([relay_frame(message, number)])
        except TransportError as error:  # its circuits end with it, or when they have been idle for long
            logger.debug("%s is not told of a circuit: %s", link.address, error)

    # --- time ----------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(_SWEEP_S, self._sweep)

    def _look(self) -> None:
        if not self.enabled:
            for reservation in list(self._reservations.values()):
                self._release(reservation, CloseCircuit(FailureCode.PAUSED, "This peer relays no more."))

    def _sweep(self) -> None:
        self._sweeper = None
        self._look()
        now = self._clock.monotonic()
        for circuit in self._circuits.all():
            if now - circuit.active > self.limits.idle_s or now - circuit.opened > self.limits.circuit_s:
                self._close(circuit, FailureCode.TOO_LATE, "The circuit was open, or idle, for too long.")
        for reservation in list(self._reservations.values()):
            if reservation.expires <= now:
                self._release(reservation, CloseCircuit(FailureCode.TOO_LATE, "The reservation was not renewed."))
        if self._reservations or len(self._circuits):
            self._watch()

    def _release(self, reservation: Reservation, last: CloseCircuit) -> None:
        del self._reservations[reservation.key]
        for link in reservation.links.values():
            for circuit in self._circuits.over(link):
                self._close(circuit, FailureCode(last.code), last.text)
            self._tell(link, last)


def _host_of(link: Link) -> str:
    """The IP address at the other end, "" for this very computer, or where it is not known."""
    try:
        endpoint = Endpoint.parse(link.address)
    except AddressError:
        return ""
    return "" if endpoint.is_loopback else endpoint.host
