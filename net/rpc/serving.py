"""The side that answers: sessions of authenticated callers, and their requests being served.

A session belongs to a CURVE key, which the transport has proven, and begins with a Hello whose contact certifies
that key. Nothing else is served before.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from net.addresses import Contact
from net.clock import Clock
from net.errors import IdentityError, NetError, RemoteError, TransportError, WireError
from net.identity import verify_contact
from net.rpc.base import Caller, Handler, Payload, Reply
from net.rpc.outbox import Outbox
from net.rpc.session import Session
from net.rpc.streams import IncomingPayload, OutgoingPayload, StreamQuota
from net.rpc.turns import Turns, urgency_of
from net.transport.base import Frames, Link
from net.wire.codec import decode, encode
from net.wire.envelope import Envelope, Kind, VersionError, pack, refusal_of
from net.wire.limits import MAX_CALLS_PER_PEER, MAX_SERVED_CALLS, MAX_SESSIONS, MAX_TEXT_CHARS, MAX_TIMEOUT_S
from net.wire.messages import PROTOCOL_VERSION, Failure, FailureCode, Hello, Message, Welcome
from net.wire.table import TABLE

logger = logging.getLogger(__name__)

_BUSY_RETRY_S = 0.5


@dataclass(slots=True)
class _Served:
    """One request: it receives its payload, is handled, then answered, all by one task until its deadline."""

    line: "_Line"
    session: Session
    call: int
    message: Message
    incoming: IncomingPayload
    reserved: int
    deadline: float
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None
    timer: asyncio.TimerHandle | None = None
    expired: bool = False

    def expire(self) -> None:
        """The deadline has come."""
        self.expired = True
        if self.task is not None:
            self.task.cancel()


class _Line:
    """One inbound link and what runs over it."""

    __slots__ = ("calls", "link", "outbox")

    def __init__(self, link: Link, turns: Turns) -> None:
        self.link = link
        self.outbox = Outbox(link, turns)
        self.calls: dict[int, _Served] = {}


class Server:
    """Serves requests that come over inbound links. Driven by `net.rpc.peer.RpcPeer`."""

    def __init__(
        self, network: str, own_contact: Callable[[], Contact], clock: Clock, quota: StreamQuota, turns: Turns
    ) -> None:
        self._network = network
        self._own_contact = own_contact
        self._clock = clock
        self._quota = quota
        self._turns = turns
        self._handlers: dict[int, Handler[Any]] = {}
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self._lines: dict[Link, _Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def sessions(self) -> list[Session]:
        """Everyone who has said Hello, least recently heard of first."""
        return list(self._sessions.values())

    @property
    def serving(self) -> int:
        """Requests being served now."""
        return len(self._tasks)

    def handle(self, request_type: type[Message], handler: Handler[Any]) -> None:
        """See Rpc.handle."""
        if TABLE.get(request_type.CODE) is not request_type or request_type is Hello:
            raise ValueError(f"{request_type.__name__} is no request that can be served.")
        if request_type.CODE in self._handlers:
            raise ValueError(f"{request_type.__name__} is served already.")
        self._handlers[request_type.CODE] = handler

    async def answer(self, caller: Caller, message: Message, payload: Payload) -> Reply:
        """Run the handler of this message. Raises RemoteError with the code that the caller shall see."""
        handler = self._handlers.get(message.CODE)
        if handler is None:
            raise RemoteError(FailureCode.UNKNOWN_METHOD, f"{type(message).__name__} is not served here.")
        try:
            answer = await handler(caller, message, payload)
        except RemoteError:
            raise
        except NetError as error:
            raise RemoteError(FailureCode.BAD_REQUEST, str(error)) from error
        except Exception as error:
            logger.exception("The handler of %s failed.", type(message).__name__)
            raise RemoteError(FailureCode.INTERNAL, "The request failed here; it is not your fault.") from error
        return answer if isinstance(answer, Reply) else Reply(answer)

    # --- what the transport reports --------------------------------------------------------------------------

    def refuse_version(self, link: Link, error: VersionError) -> None:
        """Someone speaks another protocol version: say so, in ours."""
        self._fail(link, error.call, FailureCode.VERSION, str(error))

    def received(self, link: Link, envelope: Envelope, body: memoryview, frames: Frames) -> None:
        """A message over an inbound link. Never raises."""
        kind, call = envelope.kind, envelope.call
        if kind is Kind.REQUEST:
            try:
                if envelope.code == Hello.CODE:
                    self._greet(link, call, body)
                else:
                    self._begin(link, envelope, body, frames)
            except RemoteError as refusal:
                self._fail(link, call, refusal.code, refusal.text, refusal.retry_after)
            except WireError as error:
                self._fail(link, call, FailureCode.BAD_REQUEST, str(error))
            return
        line = self._lines.get(link)
        served = line.calls.get(call) if line is not None else None
        if line is None or served is None:
            return  # the call is over: late chunks and credits are no fault
        if kind is Kind.CHUNK:
            self._add_chunk(served, envelope.argument, frames)
        elif kind is Kind.CREDIT:
            line.outbox.grant(call, envelope.argument)
        elif kind is Kind.CANCEL and served.task is not None:
            served.task.cancel()

    def writable(self, link: Link) -> None:
        """An inbound link has room again."""
        line = self._lines.get(link)
        if line is not None:
            line.outbox.pump()

    def lost(self, link: Link) -> None:
        """An inbound link is gone, and with it everything that ran over it."""
        line = self._lines.pop(link, None)
        if line is not None:
            for served in list(line.calls.values()):
                if served.task is not None:
                    served.task.cancel()

    async def close(self) -> None:
        """Cancel everything that is being served."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lines.clear()

    # --- one request -----------------------------------------------------------------------------------------

    def _greet(self, link: Link, call: int, body: memoryview) -> None:
        hello = decode(Hello.CODE, body)
        assert isinstance(hello, Hello)  # noqa: S101 - what code 3 is in the table
        if hello.version != PROTOCOL_VERSION:
            raise RemoteError(FailureCode.VERSION, refusal_of(hello.version))
        if hello.network != self._network:
            raise RemoteError(
                FailureCode.UNAUTHORIZED, f"This peer belongs to the network {self._network!r}, not {hello.network!r}."
            )
        try:
            peer_id = verify_contact(hello.contact, self._clock.time())
        except IdentityError as error:
            raise RemoteError(FailureCode.UNAUTHORIZED, str(error)) from error
        if hello.contact.curve_key != link.key:
            raise RemoteError(FailureCode.UNAUTHORIZED, "Your contact names another CURVE key than the one you use.")
        session = self._sessions.get(link.key)
        if session is None:
            self._make_room()
            session = Session(peer_id, hello.contact, link.address, self._clock.monotonic())
            self._sessions[link.key] = session
        session.peer_id, session.contact, session.address = peer_id, hello.contact, link.address
        session.links[link.plane] = link
        welcome = Welcome(PROTOCOL_VERSION, self._own_contact(), link.address, self._clock.time())
        self._send(link, [pack(Envelope(Kind.RESPONSE, Welcome.CODE, call), encode(welcome))])

    def _make_room(self) -> None:
        while len(self._sessions) >= MAX_SESSIONS:
            idle = next((key for key, session in self._sessions.items() if not session.calls), None)
            if idle is None:
                raise RemoteError(FailureCode.BUSY, "Too many peers are being served.", _BUSY_RETRY_S)
            del self._sessions[idle]

    def _begin(self, link: Link, envelope: Envelope, body: memoryview, frames: Frames) -> None:
        session = self._sessions.get(link.key)
        if session is None or session.contact.expires <= self._clock.time():
            raise RemoteError(FailureCode.HELLO_REQUIRED, "Say Hello first.")
        self._sessions.move_to_end(link.key)
        session.seen = self._clock.monotonic()
        line = self._lines.get(link)
        if line is None:
            line = self._lines[link] = _Line(link, self._turns)
        if envelope.call in line.calls:
            raise WireError(f"Call {envelope.call} is under way already.")
        request_type = TABLE.get(envelope.code)
        if request_type is None or envelope.code not in self._handlers:
            raise RemoteError(FailureCode.UNKNOWN_METHOD, f"Message {envelope.code} is not served here.")
        if request_type.PLANE is not link.plane:
            raise WireError(f"{request_type.__name__} travels on the other plane.")
        if session.calls >= MAX_CALLS_PER_PEER or len(self._tasks) >= MAX_SERVED_CALLS:
            raise RemoteError(FailureCode.BUSY, "Too many requests at once.", _BUSY_RETRY_S)
        message = decode(envelope.code, body)
        size = sum(envelope.sizes)
        if not self._quota.reserve(link.key, size):
            raise RemoteError(FailureCode.BUSY, "Too many bytes are under way.", _BUSY_RETRY_S)
        try:
            incoming = IncomingPayload(envelope.sizes, frames)
        except WireError:
            self._quota.release(link.key, size)
            raise
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(envelope.argument / 1000, MAX_TIMEOUT_S)
        served = _Served(line, session, envelope.call, message, incoming, size, deadline)
        line.calls[envelope.call] = served
        session.calls += 1
        served.task = loop.create_task(self._serve(served))
        # A timer of its own: `asyncio.timeout` would take more time than the rest of a small request.
        served.timer = loop.call_at(deadline, served.expire)
        self._tasks.add(served.task)
        # Not a `finally` in the task: one that is cancelled before its first step never enters its body.
        served.task.add_done_callback(lambda task: self._end(served, task))

    def _end(self, served: _Served, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if served.timer is not None:
            served.timer.cancel()
        served.line.outbox.drop(served.call)
        served.line.calls.pop(served.call, None)
        served.session.calls -= 1
        self._quota.release(served.line.link.key, served.reserved)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("Serving a call failed.", exc_info=error)

    async def _serve(self, served: _Served) -> None:
        link, call = served.line.link, served.call
        session = served.session
        try:
            if not served.incoming.complete:
                await served.arrived.wait()
            timeout = max(0.0, served.deadline - asyncio.get_running_loop().time())
            caller = Caller(session.peer_id, session.contact, link.address, timeout)
            reply = await self.answer(caller, served.message, served.incoming.buffers)
            await self._respond(served, reply)
        except RemoteError as refusal:
            self._fail(link, call, refusal.code, refusal.text, refusal.retry_after)
        except asyncio.CancelledError:
            if not served.expired:
                raise
            self._fail(link, call, FailureCode.TOO_LATE, "The deadline of this call has passed.")
        except NetError as error:
            logger.info("No answer could be sent to %s: %s", link.address, error)
            self._fail(link, call, FailureCode.INTERNAL, "The answer could not be sent.")

    async def _respond(self, served: _Served, reply: Reply) -> None:
        """Send the answer; returns when its last chunk is on its way."""
        payload = OutgoingPayload(reply.payload)
        envelope = Envelope(Kind.RESPONSE, reply.message.CODE, served.call, 0, payload.sizes)
        gone = asyncio.Event()
        urgency = urgency_of(served.message.CODE)
        if not served.line.outbox.send(envelope, encode(reply.message), payload, urgency, gone.set):
            await gone.wait()

    def _add_chunk(self, served: _Served, index: int, frames: Frames) -> None:
        link, call = served.line.link, served.call
        try:
            served.incoming.add(index, frames)
        except WireError as error:
            self._fail(link, call, FailureCode.BAD_REQUEST, str(error))
            if served.task is not None:
                served.task.cancel()
            return
        limit = served.incoming.due_credit(self._quota.window)
        if limit is not None:
            self._send(link, [pack(Envelope(Kind.CREDIT, 0, call, limit))])
        if served.incoming.complete:
            served.arrived.set()

    def _fail(self, link: Link, call: int, code: int, text: str, retry_after: float = 0.0) -> None:
        failure = Failure(code, text[:MAX_TEXT_CHARS], min(max(retry_after, 0.0), 3600.0))
        self._send(link, [pack(Envelope(Kind.FAILURE, Failure.CODE, call), encode(failure))])

    def _send(self, link: Link, frames: Frames) -> None:
        try:
            link.send(frames)
        except TransportError as error:  # its deadline tells the caller
            logger.debug("%s gets no answer: %s", link.address, error)
