"""From an address to a verified contact: the only exchange in the clear, because no key is known yet.

`--bootstrap tcp://HOST:PORT` names a port and nothing else. Whoever listens there answers with its contact and a
signature over the asker's nonce, so that nothing can be replayed; every later connection proves the key in that
contact. An address may pin who must answer: `tcp://HOST:PORT#<64 hexadecimal digits of the peer id>`.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import zmq
from zmq.utils.monitor import parse_monitor_message

from net.addresses import Contact, Endpoint, PeerId
from net.clock import Clock
from net.descriptors import share_of_descriptors
from net.errors import (
    AddressError,
    DeadlineExceeded,
    IdentityError,
    PeerUnreachable,
    RemoteError,
    TransportError,
    WireError,
)
from net.identity import Identity, contact_bytes, verify, verify_contact
from net.transport.base import Frames, Link
from net.transport.borrowed import source_of
from net.transport.door import Door, DoorKeeper
from net.transport.line import Line
from net.transport.links import OutboundLink
from net.transport.sockets import Frame, LoopSocket
from net.transport.watch import FloodWatch
from net.transport.zeromq import bind
from net.wire.codec import decode, encode
from net.wire.envelope import Envelope, Kind, VersionError, pack, refusal_of, refused_by, unpack
from net.wire.limits import INTRODUCTION_BYTES, KIB, MAX_INTRODUCTIONS, MAX_TEXT_CHARS, MAX_UNPROVEN
from net.wire.messages import (
    PROTOCOL_VERSION,
    Failure,
    FailureCode,
    Introduce,
    Introduction,
    Message,
    Plane,
)

logger = logging.getLogger(__name__)

_TAG = b"hivelet-introduction-1"
_ANSWERS_A_SECOND = 100.0
_BURST = 200.0
_QUEUE = 32
_HANDSHAKE_MS = 3_000
_CONNECT_TIMEOUT_MS = 5_000
_LIFE_S = 10.0  # nobody needs a connection to this port for longer,
_CONNECTION_BYTES = 64 * KIB  # nor for more


@dataclass(frozen=True, slots=True)
class BootstrapAddress:
    """An introduction port and, where it is pinned, the peer that must answer there."""

    endpoint: Endpoint
    peer_id: PeerId | None = None

    @classmethod
    def parse(cls, text: str) -> "BootstrapAddress":
        """Read `tcp://HOST:PORT` or `tcp://HOST:PORT#PEER_ID`. Raises AddressError."""
        address, mark, pin = text.partition("#")
        endpoint = Endpoint.parse(address)
        if not endpoint.port:
            raise AddressError(f"{address!r} has port 0, where nobody listens.")
        if not mark:
            return cls(endpoint)
        try:
            peer_id = bytes.fromhex(pin)
        except ValueError:
            peer_id = b""
        if len(peer_id) != 32:
            raise AddressError(f"What follows # in {text[:200]!r} is no peer id of 64 hexadecimal digits.")
        return cls(endpoint, PeerId(peer_id))

    def __str__(self) -> str:
        return str(self.endpoint) + (f"#{self.peer_id.hex()}" if self.peer_id else "")


class IntroductionServer:
    """Answers Introduce on the port that the user named. It remembers nothing about those who ask."""

    def __init__(
        self,
        context: "zmq.Context[zmq.Socket[bytes]]",
        endpoint: Endpoint,
        *,
        identity: Identity,
        contact: Callable[[], Contact],
        network: str,
        clock: Clock,
    ) -> None:
        """Raises AddressError when the port cannot be had."""
        self._identity = identity
        self._contact = contact
        self._network = network
        self._clock = clock
        self._allowance = _BURST
        self._filled = clock.monotonic()
        socket = context.socket(zmq.ROUTER)
        _limit(socket, ipv6=":" in endpoint.host)
        self._watch = FloodWatch(_CONNECTION_BYTES)
        self._door = DoorKeeper(Door(share_of_descriptors(MAX_INTRODUCTIONS), MAX_UNPROVEN), _LIFE_S)
        self._monitor = LoopSocket(
            socket.get_monitor_socket(zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED), self._on_event
        )
        try:
            self.port = bind(socket, endpoint.host, endpoint.port)
        except AddressError:
            self._monitor.close()
            socket.close(0)
            raise
        self._socket = LoopSocket(socket, self._on_message)

    def close(self) -> None:
        """Stop answering."""
        self._watch.close()
        self._door.close()
        self._socket.raw.disable_monitor()  # first: libzmq waits for room at its other end
        self._monitor.close()
        self._socket.close()

    def _on_event(self, frames: list[Frame]) -> None:
        message = parse_monitor_message([frame.bytes for frame in frames])
        if message["event"] == zmq.EVENT_ACCEPTED:
            self._watch.begun(message["value"])
            self._door.accepted(message["value"])
        else:
            self._watch.ended(message["value"])
            self._door.ended(message["value"])

    def _on_message(self, frames: list[Frame]) -> None:
        if len(frames) > 1:
            self._door.heard(source_of(frames[1]))
        if len(frames) != 2 or not self._allow():
            return
        answer = self.answer(frames[1].bytes)
        if answer is not None:
            try:
                self._socket.raw.send_multipart([frames[0].bytes, answer], zmq.NOBLOCK)
            except zmq.ZMQError as error:
                logger.debug("One who asked for an introduction has gone: %s", error)

    def answer(self, frame: bytes) -> bytes | None:
        """The answer to one request; None for what is none."""
        try:
            envelope, body = unpack(frame)
            if envelope.kind is not Kind.REQUEST or envelope.code != Introduce.CODE or envelope.sizes:
                return None
            request = decode(Introduce.CODE, body)
        except VersionError as error:
            return _failure(error.call, FailureCode.VERSION, str(error))
        except WireError:
            return None
        assert isinstance(request, Introduce)  # noqa: S101 - what code 1 is in the table
        if request.version != PROTOCOL_VERSION:
            return _failure(envelope.call, FailureCode.VERSION, refusal_of(request.version))
        if request.network != self._network:
            text = f"This peer belongs to the network {self._network!r}, not {request.network!r}."
            return _failure(envelope.call, FailureCode.UNAUTHORIZED, text)
        contact = self._contact()
        signature = self._identity.sign(_signed(request.nonce, self._network, contact))
        reply = Introduction(PROTOCOL_VERSION, contact, signature)
        return pack(Envelope(Kind.RESPONSE, Introduction.CODE, envelope.call), encode(reply))

    def _allow(self) -> bool:
        now = self._clock.monotonic()
        self._allowance = min(_BURST, self._allowance + (now - self._filled) * _ANSWERS_A_SECOND)
        self._filled = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True


async def introduce(
    context: "zmq.Context[zmq.Socket[bytes]]", endpoint: Endpoint, *, network: str, clock: Clock, timeout: float
) -> Contact:
    """Ask whoever listens at this IP address and port for its contact, and verify it. timeout: seconds.

    Raises PeerUnreachable, DeadlineExceeded, RemoteError (another version or network), IdentityError, WireError.
    """
    try:
        socket = context.socket(zmq.DEALER)
    except zmq.ZMQError as error:
        raise PeerUnreachable(f"No socket is left to dial {endpoint} ({error.strerror}).") from error
    _limit(socket, ipv6=":" in endpoint.host)
    asker = _Asker()
    line = Line()
    link = OutboundLink(socket, Plane.CONTROL, b"", str(endpoint), asker, line)
    nonce = secrets.token_bytes(16)
    try:
        async with asyncio.timeout(timeout):
            link.send([pack(Envelope(Kind.REQUEST, Introduce.CODE, 1), encode(Introduce(1, network, nonce)))])
            frames = await asker.answer
    except TimeoutError:
        raise DeadlineExceeded(f"{endpoint} did not answer within {timeout:.0f} seconds.") from None
    finally:
        link.close()
        line.close()
    try:
        return check_introduction(frames, nonce, network, clock.time())
    except VersionError as error:
        raise RemoteError(FailureCode.VERSION, refused_by(str(endpoint), error.version)) from error


def check_introduction(frames: Frames, nonce: bytes, network: str, now: float) -> Contact:
    """The contact in an answer. Raises RemoteError for a Failure, IdentityError or WireError for what is false."""
    if len(frames) != 1:
        raise WireError("An introduction is one frame.")
    envelope, body = unpack(bytes(frames[0]))
    reply: Message = decode(envelope.code, body)
    if isinstance(reply, Failure):
        raise RemoteError(reply.code, reply.text, reply.retry_after)
    if not isinstance(reply, Introduction):
        raise WireError(f"{type(reply).__name__} came instead of an introduction.")
    verify_contact(reply.contact, now)
    verify(reply.contact.public_key, _signed(nonce, network, reply.contact), reply.signature)
    if not reply.contact.dialable:
        raise IdentityError("The peer that answers cannot be dialled.")
    return reply.contact


class _Asker:
    """Waits for one answer over one link."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[list[bytes]] = asyncio.get_running_loop().create_future()

    def received(self, link: Link, frames: Frames) -> None:  # noqa: ARG002
        if not self.answer.done():
            self.answer.set_result([bytes(frame) for frame in frames])

    def writable(self, link: Link) -> None:
        """Nothing more is to be sent."""

    def lost(self, link: Link, error: TransportError) -> None:  # noqa: ARG002
        if not self.answer.done():
            self.answer.set_exception(error)


def _signed(nonce: bytes, network: str, contact: Contact) -> bytes:
    name = network.encode()
    return _TAG + nonce + len(name).to_bytes(2, "big") + name + contact_bytes(contact)


def _failure(call: int, code: FailureCode, text: str) -> bytes:
    return pack(Envelope(Kind.FAILURE, Failure.CODE, call), encode(Failure(code, text[:MAX_TEXT_CHARS], 0.0)))


def _limit(socket: "zmq.Socket[bytes]", *, ipv6: bool) -> None:
    for option, value in (
        (zmq.MAXMSGSIZE, INTRODUCTION_BYTES),
        (zmq.SNDHWM, _QUEUE),
        (zmq.RCVHWM, _QUEUE),
        (zmq.LINGER, 0),
        (zmq.IMMEDIATE, 1),
        (zmq.RECONNECT_IVL, -1),
        (zmq.CONNECT_TIMEOUT, _CONNECT_TIMEOUT_MS),
        (zmq.HANDSHAKE_IVL, _HANDSHAKE_MS),
        (zmq.IPV6, int(ipv6)),
    ):
        socket.setsockopt(option, value)
