"""The two ends of relayed links: opening circuits through relays, and being called through them.

Which peer is at the other end is proven by Noise IK between the two CURVE keys (`net.nat.noise`); the relay only
knows which keys talk. A caller that can be dialled offers reversal and waits for it a moment (`net.nat.reversal`).
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from net.addresses import Route
from net.errors import IdentityError, NetError, PeerUnreachable, TransportError
from net.nat.noise import Agree, Cipher, Initiator, Responder
from net.nat.relay_carrier import Carrier, CircuitLink, relay_frame
from net.nat.relay_circuits import Circuits
from net.nat.reversal import MAX_REVERSED, REVERSAL_S, Offers, ReversedLink, may_dial_back
from net.transport.base import Frames, Link, Receiver
from net.wire.codec import decode, encode
from net.wire.envelope import Envelope, Kind
from net.wire.messages import Failure, FailureCode, Message, Plane
from net.wire.nat_messages import CircuitOpened, CloseCircuit, OpenCircuit, Reserved, Reverse, Reversed

logger = logging.getLogger(__name__)

OPEN_S = 10.0
"""How long a circuit may take to be opened."""
_MAX_INBOUND = 256  # circuits through which others have called this peer
_DIALS_BACK, _STAYS = b"\1", b"\0"

DialRoute = Callable[[bytes, Route, Plane], Link]
"""A new connection to the peer of this CURVE key at this route. Raises AddressError, TransportError."""


@dataclass(slots=True, eq=False)
class _Opening:
    """A circuit that this side has asked for. ciphers: known once the other side has answered."""

    link: CircuitLink
    handshake: Initiator
    timer: asyncio.TimerHandle
    nonce: bytes = b""
    ciphers: tuple[Cipher, Cipher] | None = None


class RelayLinks:
    """Driven by `net.nat.relayed_transport.RelayedTransport`, which calls it for every link that it `owns`."""

    def __init__(
        self,
        key: bytes,
        agree: Agree,
        dial: DialRoute,
        direct: Callable[[], Route | None],
        receiver: Receiver,
    ) -> None:
        """key, agree: this run's CURVE key; direct: a route by which others can dial this peer, None without."""
        self._key = key
        self._agree = agree
        self._dial = dial
        self._direct = direct
        self._receiver = receiver
        self._carriers: dict[tuple[bytes, Plane], Carrier] = {}
        self._by_link: dict[Link, Carrier] = {}
        self._opening: dict[CircuitLink, _Opening] = {}
        self._offers = Offers()
        self.owners: dict[Link, CircuitLink | ReversedLink] = {}
        """Direct connections that carry a link which was made through a relay."""
        self.answered: Callable[[Carrier, Reserved | None], None] = lambda _carrier, _answer: None
        """Told of a relay's answer to Reserve; None where it refuses, ends the reservation, or is gone."""

    def owns(self, link: Link) -> bool:
        """Whether this is a connection to a relay."""
        return link in self._by_link

    def carrier(self, route: Route, plane: Plane) -> Carrier:
        """The connection to this route's relay, made where there is none. Raises AddressError, TransportError."""
        found = self._carriers.get((route.relay, plane))
        if found is None:
            link = self._dial(route.relay, route, plane)
            found = self._carriers[route.relay, plane] = self._by_link[link] = Carrier(link, self._forget)
        return found

    def release(self, carrier: Carrier) -> None:
        """A reservation needs this connection no more."""
        carrier.kept = False
        if not carrier.circuits:
            self._forget(carrier)

    # --- calling -------------------------------------------------------------------------------------------------

    def open(self, key: bytes, route: Route, plane: Plane) -> CircuitLink:
        """A link to the peer of this CURVE key through a relay. It returns at once; messages wait until it stands.

        Raises AddressError, TransportError.
        """
        carrier = self.carrier(route, plane)
        link = CircuitLink(carrier, carrier.new_number(), key, self._receiver, outbound=True)
        loop = asyncio.get_running_loop()
        handshake = Initiator(self._key, self._agree, key, _prologue(plane))
        opening = _Opening(link, handshake, loop.call_later(OPEN_S, self._give_up, link))
        self._opening[link] = opening
        link.ended = lambda: self._ended(link)
        own = self._direct()
        offer = b""
        if own is not None:
            reverse = self._offers.make(own, key, plane, lambda path: self._take(opening, path))
            opening.nonce, offer = reverse.nonce, encode(reverse)
        try:
            carrier.tell(OpenCircuit(key, handshake.first(offer)), link.number)
        except NetError as error:
            link.close()
            raise PeerUnreachable(f"The relay cannot be asked: {error}") from error
        return link

    def _opened(self, link: CircuitLink, message: CircuitOpened) -> None:
        opening = self._opening.get(link)
        if opening is None or opening.ciphers is not None:
            return
        try:
            said, *ciphers = opening.handshake.finish(message.handshake)
        except IdentityError as error:
            link.abandon(f"another peer answers through the relay ({error})")
            return
        opening.ciphers = (ciphers[0], ciphers[1])
        if said == _DIALS_BACK and opening.nonce:
            opening.timer.cancel()
            opening.timer = asyncio.get_running_loop().call_later(REVERSAL_S, self._begin, opening)
        else:
            self._begin(opening)

    def _begin(self, opening: _Opening) -> None:
        """Go through the relay."""
        assert opening.ciphers is not None  # noqa: S101 - set before this is called or scheduled
        self._settle(opening)
        opening.link.begin(*opening.ciphers)

    def _take(self, opening: _Opening, path: Link) -> None:
        """The hidden peer has dialled: leave the relay."""
        self._settle(opening)
        self.owners[path] = opening.link
        try:
            opening.link.take_path(path)
        except TransportError as error:
            opening.link.fail(error)

    def _settle(self, opening: _Opening) -> None:
        opening.timer.cancel()
        self._offers.withdraw(opening.nonce)
        self._opening.pop(opening.link, None)

    def _give_up(self, link: CircuitLink) -> None:
        link.abandon("the peer that is called does not answer through its relay")

    def _ended(self, link: CircuitLink) -> None:
        opening = self._opening.get(link)
        if opening is not None:
            self._settle(opening)
        if link.path is not None:
            self.owners.pop(link.path, None)

    # --- being called --------------------------------------------------------------------------------------------

    def _called(self, carrier: Carrier, number: int, message: OpenCircuit) -> None:
        link: CircuitLink | None = None
        try:
            if not carrier.kept or message.target != self._key or number < Circuits.FIRST_OWN:
                raise IdentityError("Nobody of that key is here.")
            if number in carrier.circuits or sum(len(each.circuits) for each in self._carriers.values()) > _MAX_INBOUND:
                raise IdentityError("There is no room for another circuit.")
            plane = carrier.link.plane
            handshake = Responder(self._key, self._agree, _prologue(plane))
            caller, offer = handshake.read(message.handshake)
            dials = bool(offer) and self._dial_back(carrier, caller, offer)
            answer, sending, receiving = handshake.answer(_DIALS_BACK if dials else _STAYS)
            link = CircuitLink(carrier, number, caller, self._receiver, outbound=False)
            carrier.tell(CircuitOpened(answer), number)
            link.begin(sending, receiving)
        except NetError as error:
            logger.info("A call through the relay %s is refused: %s", carrier.link.address, error)
            if link is not None:
                link.close()
            else:
                self._refuse(carrier.link, number)

    def _dial_back(self, carrier: Carrier, caller: bytes, offer: bytes) -> bool:
        plane = carrier.link.plane
        try:
            asked = decode(Reverse.CODE, offer)
            reversed_links = sum(isinstance(owner, ReversedLink) for owner in self.owners.values())
            if (
                not isinstance(asked, Reverse)
                or reversed_links >= MAX_REVERSED
                or not may_dial_back(asked.route, plane, carrier.link.address)
            ):
                return False
            path = self._dial(caller, asked.route, plane)
            self.owners[path] = ReversedLink(path)
            path.send([relay_frame(Reversed(asked.nonce))])
        except NetError as error:
            logger.info("A caller cannot be dialled back: %s", error)
            return False
        return True

    # --- what the transport reports ------------------------------------------------------------------------------

    def received(self, link: Link, envelope: Envelope, body: memoryview, frames: Frames) -> None:
        """A frame of kind RELAY, PIECE or GRANT from a relay. Never raises."""
        carrier = self._by_link[link]
        circuit = carrier.circuits.get(envelope.call)
        if envelope.kind is Kind.PIECE:
            if circuit is not None and len(frames) == 1:
                circuit.piece_came(frames[0])
        elif envelope.kind is Kind.GRANT:
            if circuit is not None:
                circuit.granted(envelope.argument)
        else:
            try:
                message = decode(envelope.code, body)
            except NetError as error:
                logger.info("The relay %s sends nonsense: %s", link.address, error)
                return
            self._told(carrier, circuit, envelope.call, message)

    def _told(self, carrier: Carrier, circuit: CircuitLink | None, number: int, message: Message) -> None:
        match message:
            case Reserved():
                self.answered(carrier, message)
            case Failure():
                self.answered(carrier, None)
            case CloseCircuit() if number == 0:
                self.answered(carrier, None)
            case CloseCircuit() if circuit is not None:
                circuit.fail(PeerUnreachable(f"The relayed link was closed: {message.text or 'the other end let go.'}"))
            case CircuitOpened() if circuit is not None:
                self._opened(circuit, message)
            case OpenCircuit():
                self._called(carrier, number, message)
            case _:
                pass

    def direct(self, link: Link, envelope: Envelope, body: memoryview) -> None:
        """A frame of kind RELAY over a connection between two peers themselves: it is reversed, or to be ended."""
        try:
            message = decode(envelope.code, body)
        except NetError:
            return
        owner = self.owners.get(link)
        if isinstance(message, Reversed) and owner is None and not link.outbound:
            if not self._offers.arrived(link, message.nonce):
                self._refuse(link, 0)
        elif isinstance(message, CloseCircuit) and isinstance(owner, ReversedLink):
            del self.owners[link]
            link.close()
            self._receiver.lost(owner, PeerUnreachable("The caller has let go of the reversed link."))

    def writable(self, link: Link) -> None:
        """The connection to a relay has room again."""
        self._by_link[link].writable()

    def lost(self, link: Link, error: TransportError) -> None:
        """The connection to a relay is gone."""
        carrier = self._by_link.pop(link)
        del self._carriers[carrier.relay, link.plane]
        carrier.kept = True  # it is gone already: nothing is to be closed when its circuits end
        carrier.lost(error)
        self.answered(carrier, None)

    def close(self) -> None:
        """Let go of every link and relay. Nobody is told."""
        for opening in list(self._opening.values()):
            opening.timer.cancel()
        self._opening.clear()
        for carrier in list(self._by_link.values()):
            carrier.link.close()
        self._by_link.clear()
        self._carriers.clear()
        self.owners.clear()

    def _forget(self, carrier: Carrier) -> None:
        if self._by_link.pop(carrier.link, None) is not None:
            del self._carriers[carrier.relay, carrier.link.plane]
            carrier.link.close()

    def _refuse(self, link: Link, number: int) -> None:
        try:
            link.send([relay_frame(CloseCircuit(FailureCode.NOT_FOUND, "That is not wanted here."), number)])
        except TransportError as error:
            logger.debug("%s is not told that it is refused: %s", link.address, error)


def _prologue(plane: Plane) -> bytes:
    """What both ends must mean: a relay cannot carry one plane's circuit over to the other."""
    return b"hivelet-relay-1" + bytes([plane])
