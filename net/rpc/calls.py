"""The side that asks: connections to peers, and the calls that wait on them.

Every connection begins with a Hello, and requests follow it without waiting for the Welcome. A peer that has
forgotten us answers HELLO_REQUIRED; then we introduce ourselves and ask once more.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from itertools import count

from net.addresses import Contact
from net.clock import Clock
from net.errors import (
    ClosedError,
    IdentityError,
    NetError,
    QueueFull,
    RemoteError,
    TransportError,
    WireError,
)
from net.identity import verify_contact
from net.rpc.base import Ended, Payload, Reply
from net.rpc.connection import Connection, PendingCall
from net.rpc.streams import IncomingPayload, OutgoingPayload, StreamQuota
from net.rpc.turns import Turns, urgency_of
from net.transport.base import Frames, Link, Transport
from net.wire.codec import decode, encode
from net.wire.envelope import Envelope, Kind, VersionError, pack, refused_by
from net.wire.limits import MAX_OUTBOUND, MAX_PENDING_CALLS, MAX_TIMEOUT_S
from net.wire.messages import PROTOCOL_VERSION, Failure, FailureCode, Hello, Message, Plane, Welcome

logger = logging.getLogger(__name__)

_HELLO_TIMEOUT_S = 15.0


class Client:
    """Asks other peers. Driven by `net.rpc.peer.RpcPeer`."""

    def __init__(
        self,
        transport: Transport,
        network: str,
        own_contact: Callable[[], Contact],
        clock: Clock,
        quota: StreamQuota,
        turns: Turns,
    ) -> None:
        self._transport = transport
        self._network = network
        self._own_contact = own_contact
        self._clock = clock
        self._quota = quota
        self._turns = turns
        self._connections: OrderedDict[tuple[bytes, bytes, Plane], Connection] = OrderedDict()
        self._by_link: dict[Link, Connection] = {}
        self._numbers = count(1)
        self._pending = 0
        self._closed = False

    @property
    def connections(self) -> list[Connection]:
        """Every open connection, least recently used first."""
        return list(self._connections.values())

    @property
    def pending(self) -> int:
        """Calls that wait for an answer."""
        return self._pending

    async def call(
        self, contact: Contact, request: Message, payload: Payload, timeout: float, *, anew: bool = False
    ) -> Reply:
        """See Rpc.call. anew: over a connection of its own, which is closed afterwards."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        call = self.start(contact, request, payload, timeout, partial(_settle, future), anew=anew)
        try:
            return await future
        except asyncio.CancelledError:
            call.end(ClosedError("The caller waits no more."))
            raise
        finally:
            if anew:
                self._disconnect(call.connection)

    def start(
        self, contact: Contact, request: Message, payload: Payload, timeout: float, ended: Ended, *, anew: bool = False
    ) -> PendingCall:
        """Ask; `ended` is told what becomes of it. Raises, and then tells nobody, when nothing could be sent."""
        if self._closed:
            raise ClosedError("This peer is closed.")
        if self._pending >= MAX_PENDING_CALLS:
            raise QueueFull(f"{MAX_PENDING_CALLS} calls wait for answers already.")
        known = self._connections.get((contact.public_key, contact.curve_key, request.PLANE))
        same = known is not None and (known.contact is contact or known.contact == contact)
        if not same or contact.expires <= self._clock.time():
            verify_contact(contact, self._clock.time())
        body = encode(request)
        connection = self._dial(contact, request.PLANE) if anew else self._connect(contact, request.PLANE)
        timeout = min(max(timeout, 0.0), MAX_TIMEOUT_S)

        def done(call: PendingCall, outcome: Reply | NetError) -> None:
            self._pending -= 1
            self._forget(call)
            ended(outcome)

        call = PendingCall(connection, next(self._numbers), request.CODE, body, payload, timeout, done)
        self._pending += 1
        try:
            self._send(call, timeout)
        except NetError:
            self._pending -= not call.ended
            if anew:
                self._disconnect(connection)
            raise
        call.begin()
        return call

    # --- connections -----------------------------------------------------------------------------------------

    def _connect(self, contact: Contact, plane: Plane) -> Connection:
        key = contact.public_key, contact.curve_key, plane
        found = self._connections.get(key)
        if found is not None:
            self._connections.move_to_end(key)
            found.contact = contact  # a newer one, perhaps: it has just been verified
            if found.introduced_as is not self._own_contact():  # renewed since
                self._greet(found)
            return found
        while len(self._connections) >= MAX_OUTBOUND:
            idle = next((old for old in self._connections.values() if not old.calls), None)
            if idle is None:
                raise QueueFull(f"{MAX_OUTBOUND} connections are in use already.")
            self._disconnect(idle)
        made = self._connections[key] = self._dial(contact, plane)
        return made

    def _dial(self, contact: Contact, plane: Plane) -> Connection:
        link = self._transport.dial(contact, plane)
        made = self._by_link[link] = Connection(link, contact, plane, self._turns)
        try:
            self._greet(made)
        except TransportError:
            self._disconnect(made)
            raise
        return made

    def _disconnect(self, connection: Connection) -> None:
        self._remove(connection)
        connection.link.close()

    def _remove(self, connection: Connection) -> None:
        key = connection.contact.public_key, connection.contact.curve_key, connection.plane
        if self._connections.get(key) is connection:
            del self._connections[key]
        self._by_link.pop(connection.link, None)

    def _greet(self, connection: Connection) -> None:
        connection.introduced_as = self._own_contact()
        hello = encode(Hello(PROTOCOL_VERSION, self._network, connection.introduced_as))
        number = next(self._numbers)
        greeting = PendingCall(connection, number, Hello.CODE, hello, (), _HELLO_TIMEOUT_S, self._greeted)
        self._send(greeting, _HELLO_TIMEOUT_S)
        greeting.begin()

    def _greeted(self, greeting: PendingCall, outcome: Reply | NetError) -> None:
        connection = greeting.connection
        connection.calls.pop(greeting.number, None)
        if isinstance(outcome, NetError):
            self._break(connection, outcome)
        elif isinstance(outcome.message, Welcome):  # checked when it came
            connection.greeted = True
            connection.observed = outcome.message.observed

    def _break(self, connection: Connection, error: NetError) -> None:
        """It does not want us, is not who it should be, or is silent: every call on this connection learns why."""
        self._disconnect(connection)
        for call in list(connection.calls.values()):
            call.end(error)

    # --- calls -----------------------------------------------------------------------------------------------

    def _send(self, call: PendingCall, timeout: float) -> None:
        """timeout: seconds that are left."""
        payload = OutgoingPayload(call.payload)
        wait_ms = max(1, round(timeout * 1000))
        envelope = Envelope(Kind.REQUEST, call.code, call.number, wait_ms, payload.sizes)
        call.connection.calls[call.number] = call
        try:
            call.connection.outbox.send(envelope, call.body, payload, urgency_of(call.code))
        except NetError:
            call.connection.calls.pop(call.number, None)
            raise

    def _forget(self, call: PendingCall) -> None:
        """Free both sides of a call that has ended, however it ended."""
        connection = call.connection
        connection.outbox.drop(call.number)
        if call.reserved:
            self._quota.release(connection.link.key, call.reserved)
            call.reserved = 0
        if connection.calls.pop(call.number, None) is None or connection.link not in self._by_link:
            return
        try:
            connection.link.send([pack(Envelope(Kind.CANCEL, 0, call.number))])
        except TransportError as error:
            logger.debug("A cancelled call stays with %s until its deadline: %s", connection.link.address, error)

    def _again(self, call: PendingCall) -> None:
        """The peer has forgotten us: introduce ourselves and send the request once more, as a new call."""
        connection = call.connection
        connection.outbox.drop(call.number)
        call.retried = True
        if not any(other.code == Hello.CODE for other in connection.calls.values()):
            self._greet(connection)
        call.number = next(self._numbers)
        self._send(call, call.deadline - asyncio.get_running_loop().time())

    # --- what the transport reports --------------------------------------------------------------------------

    def refuse_version(self, link: Link, error: VersionError) -> None:
        """The peer answers in another protocol version."""
        connection = self._by_link.get(link)
        if connection is not None:
            refused = RemoteError(FailureCode.VERSION, refused_by(link.address, error.version))
            self._break(connection, refused)

    def received(self, link: Link, envelope: Envelope, body: memoryview, frames: Frames) -> None:
        """A message over a link that we dialled. Never raises."""
        connection = self._by_link.get(link)
        call = connection.calls.get(envelope.call) if connection is not None else None
        if connection is None or call is None or call.ended:
            return  # unsolicited, duplicate, or too late
        connection.seen = self._clock.monotonic()
        try:
            if envelope.kind is Kind.RESPONSE:
                connection.measure(call)
                self._answered(call, envelope, body, frames)
            elif envelope.kind is Kind.FAILURE:
                self._failed(call, body)
            elif envelope.kind is Kind.CHUNK and call.incoming is not None:
                call.incoming.add(envelope.argument, frames)
                self._progress(call)
            elif envelope.kind is Kind.CREDIT:
                connection.outbox.grant(envelope.call, envelope.argument)
        except NetError as error:
            call.end(error)

    def writable(self, link: Link) -> None:
        """A link that we dialled has room again."""
        connection = self._by_link.get(link)
        if connection is not None:
            connection.outbox.pump()

    def lost(self, link: Link, error: TransportError) -> None:
        """A link that we dialled is gone: everything that waited on it fails now."""
        connection = self._by_link.get(link)
        if connection is not None:
            self._remove(connection)
            for call in list(connection.calls.values()):
                call.end(error)

    def redial(self) -> None:
        """Let go of every connection: what waits on one fails now, and the next call makes a new one."""
        error = TransportError("This computer slept; the connection is made anew.")
        for connection in list(self._by_link.values()):
            self._break(connection, error)

    def close(self) -> None:
        """Fail everything that waits."""
        self._closed = True
        for connection in list(self._by_link.values()):
            self._disconnect(connection)
            for call in list(connection.calls.values()):
                call.end(ClosedError("This peer was closed while a call waited."))

    def _answered(self, call: PendingCall, envelope: Envelope, body: memoryview, frames: Frames) -> None:
        if call.incoming is not None:
            raise WireError("A second answer to one call came.")
        message = decode(envelope.code, body)
        if isinstance(message, Welcome) is not (call.code == Hello.CODE):
            raise WireError(f"{type(message).__name__} came as the wrong answer.")
        if isinstance(message, Welcome):
            self._check_welcome(call.connection, message)
        size = sum(envelope.sizes)
        if not self._quota.reserve(call.connection.link.key, size):
            raise QueueFull("Too many bytes are under way from this peer.")
        call.reserved = size
        call.answer = message
        call.incoming = IncomingPayload(envelope.sizes, frames, self._quota.buffers.take)
        self._progress(call)

    def _progress(self, call: PendingCall) -> None:
        incoming, answer = call.incoming, call.answer
        assert incoming is not None  # noqa: S101 - both are set together
        assert answer is not None  # noqa: S101
        if incoming.complete:
            call.connection.calls.pop(call.number, None)
            call.end(Reply(answer, incoming.buffers))
            return
        limit = incoming.due_credit(self._quota.window)
        if limit is not None:
            call.connection.link.send([pack(Envelope(Kind.CREDIT, 0, call.number, limit))])

    def _failed(self, call: PendingCall, body: memoryview) -> None:
        failure = decode(Failure.CODE, body)
        assert isinstance(failure, Failure)  # noqa: S101 - what code 5 is in the table
        call.connection.calls.pop(call.number, None)
        if failure.code == FailureCode.HELLO_REQUIRED and not call.retried and call.code != Hello.CODE:
            self._again(call)
        else:
            call.end(RemoteError(failure.code, failure.text, failure.retry_after))

    def _check_welcome(self, connection: Connection, welcome: Welcome) -> None:
        verify_contact(welcome.contact, self._clock.time())
        same = (welcome.contact.public_key, welcome.contact.curve_key) == (
            connection.contact.public_key,
            connection.contact.curve_key,
        )
        if not same:
            raise IdentityError(f"Another peer answers at {connection.link.address}.")


def _settle(future: "asyncio.Future[Reply]", outcome: Reply | NetError) -> None:
    if future.done():
        return
    if isinstance(outcome, NetError):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
