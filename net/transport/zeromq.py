"""Links over ZeroMQ: CURVE on both planes, each plane with a Context, a ROUTER for callers and DEALERs of its own.

Two Contexts, because a tensor on its way through one must not delay a question that goes through the other.
libzmq's own queues are short and its reconnecting is off: a link that breaks is reported and stays broken.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import zmq
from zmq.utils import z85

from net.addresses import Contact, Endpoint, Route
from net.curve import agree
from net.errors import AddressError, ClosedError, PeerUnreachable
from net.transport.base import Receiver
from net.transport.inbox import Inbox
from net.transport.line import Line
from net.transport.links import OutboundLink
from net.transport.zap import DOMAIN, ZapHandler
from net.wire.limits import (
    BULK_HWM,
    BULK_MESSAGE_BYTES,
    CONTROL_HWM,
    CONTROL_MESSAGE_BYTES,
    CURVE_OVERHEAD_BYTES,
)
from net.wire.messages import Plane

_SOCKETS = 4096  # of one Context: each outbound link takes two
_HEARTBEAT_MS = 5_000
_HEARTBEAT_TIMEOUT_MS = 20_000  # longer than the largest frame takes over a slow line
_CONNECT_TIMEOUT_MS = 5_000
_HANDSHAKE_MS = 3_000
_BACKLOG = 128


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen, and what to tell others.

    host: the address to bind; control_port, bulk_port: the ports that are tried first, 0 for any; announce: the
    host that others shall dial, "" for a peer that cannot be dialled; loopback: never dial outside this computer.
    """

    host: str = "127.0.0.1"
    control_port: int = 0
    bulk_port: int = 0
    announce: str = "127.0.0.1"
    loopback: bool = True


class ZmqTransport:
    """See `net.transport.base.Transport`. Made on a running event loop, whose thread alone may use it."""

    def __init__(self, listen: Listen, routes: Callable[[Contact], Sequence[Route]] | None = None) -> None:
        """routes: which of a contact's to dial, best first; all its direct ones where it is not given.

        Raises AddressError when the host cannot be bound.
        """
        self._loopback = listen.loopback
        self._routes = routes or (lambda contact: contact.direct)
        self._receiver: Receiver
        self._closed = False
        public, secret = zmq.curve_keypair()
        self._public, self._secret = public, secret
        self.key = z85.decode(public)
        self._contexts = {plane: _context() for plane in Plane}
        self._zaps = [ZapHandler(context) for context in self._contexts.values()]
        self._line = Line()
        self._inboxes: list[Inbox] = []
        try:
            self.control = self._listen(Plane.CONTROL, listen, listen.control_port)
            self.bulk = self._listen(Plane.BULK, listen, listen.bulk_port)
        except AddressError:
            self._shut()
            raise

    @property
    def context(self) -> "zmq.Context[zmq.Socket[bytes]]":
        """The control plane's Context, for a socket that is neither: the introduction."""
        return self._contexts[Plane.CONTROL]

    def attach(self, receiver: Receiver) -> None:
        """See Transport."""
        self._receiver = receiver

    def dial(self, contact: Contact, plane: Plane) -> OutboundLink:
        """See Transport."""
        if self._closed:
            raise ClosedError("This transport is closed.")
        if not contact.dialable:
            raise AddressError("This peer cannot be dialled: its contact holds no address.")
        route = next((route for route in self._routes(contact) if not route.relay), None)
        if route is None:
            raise PeerUnreachable("This peer cannot be dialled from here: its addresses are of another network.")
        address = route.control if plane is Plane.CONTROL else route.bulk
        endpoint = Endpoint.parse(address).require_dialable(loopback=self._loopback)
        try:
            socket = self._contexts[plane].socket(zmq.DEALER)
        except zmq.ZMQError as error:
            raise PeerUnreachable(f"No socket is left to dial {endpoint} ({error.strerror}).") from error
        _limit(socket, plane, ipv6=":" in endpoint.host)
        socket.curve_publickey, socket.curve_secretkey = self._public, self._secret
        socket.curve_serverkey = z85.encode(contact.curve_key)
        return OutboundLink(socket, plane, contact.curve_key, str(endpoint), self._receiver, self._line)

    def agree(self, key: bytes) -> bytes:
        """See Transport."""
        return agree(z85.decode(self._secret), key)

    def set_rates(self, up: float | None, down: float | None) -> None:
        """Cap what this process sends and receives over both planes, in bytes a second, from now on; None: no cap.

        Everything is counted, the control plane does not wait. What comes is held back by being read late. Raises
        ValueError unless a rate is positive.
        """
        self._line.up.set_rate(up)
        self._line.down.set_rate(down)

    @property
    def passed(self) -> tuple[int, int]:
        """Bytes sent and received since the beginning, without what TCP/IP and CURVE add."""
        return self._line.up.passed, self._line.down.passed

    async def close(self) -> None:
        """See Transport."""
        if not self._closed:
            self._closed = True
            self._shut()

    def _listen(self, plane: Plane, listen: Listen, port: int) -> str:
        socket = self._contexts[plane].socket(zmq.ROUTER)
        _limit(socket, plane, ipv6=":" in listen.host)
        socket.curve_server = True
        socket.curve_secretkey = self._secret
        socket.setsockopt(zmq.ZAP_DOMAIN, DOMAIN)
        socket.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)
        socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        socket.setsockopt(zmq.BACKLOG, _BACKLOG)
        # Everything about the socket is set before it binds, so that nobody who connects at once is missed.
        inbox = Inbox(socket, plane, lambda: self._receiver, self._line)
        self._inboxes.append(inbox)
        bound = bind(socket, listen.host, port, or_any=True)
        return str(Endpoint(listen.announce, bound)) if listen.announce else ""

    def _shut(self) -> None:
        self._line.close()
        for inbox in self._inboxes:
            inbox.close()
        for zap in self._zaps:
            zap.close()
        for context in self._contexts.values():
            context.destroy(linger=0)


def bind(socket: "zmq.Socket[bytes]", host: str, port: int, *, or_any: bool = False) -> int:
    """Bind to a port, 0 for any free one, and return it. Raises AddressError with one clear sentence.

    or_any: take any free port where that one is in use.
    """
    where = f"tcp://[{host}]" if ":" in host else f"tcp://{host}"
    try:
        socket.bind(f"{where}:{port or '*'}")
    except zmq.ZMQError as error:
        if error.errno != zmq.EADDRINUSE:
            raise AddressError(f"{where}:{port} cannot be listened on ({error.strerror}).") from error
        if not or_any:
            raise AddressError(f"Port {port} is in use on {host}; choose another with --listen.") from error
        return bind(socket, host, 0)
    endpoint: bytes = socket.getsockopt(zmq.LAST_ENDPOINT)  # type: ignore[assignment]
    return int(endpoint.rstrip(b"\0").rpartition(b":")[2])


def _context() -> "zmq.Context[zmq.Socket[bytes]]":
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context(io_threads=1)
    context.set(zmq.MAX_SOCKETS, _SOCKETS)
    return context


def _limit(socket: "zmq.Socket[bytes]", plane: Plane, *, ipv6: bool) -> None:
    """Every bound that libzmq keeps for us, on a socket that has not been bound or connected yet."""
    bulk = plane is Plane.BULK
    queue = BULK_HWM if bulk else CONTROL_HWM
    for option, value in (
        (zmq.MAXMSGSIZE, (BULK_MESSAGE_BYTES if bulk else CONTROL_MESSAGE_BYTES) + CURVE_OVERHEAD_BYTES),
        (zmq.SNDHWM, queue),
        (zmq.RCVHWM, queue),
        (zmq.LINGER, 0),
        (zmq.IMMEDIATE, 1),
        (zmq.RECONNECT_IVL, -1),
        (zmq.CONNECT_TIMEOUT, _CONNECT_TIMEOUT_MS),
        (zmq.HANDSHAKE_IVL, _HANDSHAKE_MS),
        (zmq.HEARTBEAT_IVL, _HEARTBEAT_MS),
        (zmq.HEARTBEAT_TIMEOUT, _HEARTBEAT_TIMEOUT_MS),
        (zmq.IPV6, int(ipv6)),
    ):
        socket.setsockopt(option, value)
