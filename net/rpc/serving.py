"""The side that answers: sessions of authenticated callers, and their requests being served.

A session belongs to a CURVE key, which the transport has proven, and begins with a Hello whose contact certifies
that key. Nothing else is served before.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from net.addresses import Contact
from net.clock import Clock
from net.errors import IdentityError, NetError, RemoteError, TransportError, WireError
from net.identity import verify_contact
from net.rpc.base import Answer, Caller, Handler, Payload, Reply, answered
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
_TOO_LATE = "The deadline of this call has passed."


@dataclass(slots=True, eq=False)
class _Served:
    """One request: it receives its payload, is handled, then answered, until its deadline. work: its handler's, where
    that has to wait."""

    line: "_Line"
    session: Session
    call: int
    message: Message
    incoming: IncomingPayload
    reserved: int
    deadline: float
    timer: asyncio.TimerHandle | None = None
    work: "asyncio.Future[Answer] | None" = None
    expired: bool = False


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
        self._served: set[_Served] = set()

    @property
    def sessions(self) -> list[Session]:
        """Everyone who has said Hello, least recently heard of first."""
        return list(self._sessions.values())

    @property
    def serving(self) -> int:
        """Requests being served now."""
        return len(self._served)

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
            answer = await answered(handler(caller, message, payload))
        except Exception as error:
            raise _refusal_for(error, message) from error
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
        elif kind is Kind.CANCEL:
            self._stop(served)

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
                self._stop(served)

    def forget(self) -> None:
        """Forget everyone who is not being served now; whoever still wants something introduces itself again."""
        for key in [key for key, session in self._sessions.items() if not session.calls]:
            del self._sessions[key]

    async def close(self) -> None:
        """Cancel everything that is being served."""
        at_work = [served.work for served in self._served if served.work is not None]
        for served in list(self._served):
            self._stop(served)
        await asyncio.gather(*at_work, return_exceptions=True)
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
        if session.calls >= MAX_CALLS_PER_PEER or len(self._served) >= MAX_SERVED_CALLS:
            raise RemoteError(FailureCode.BUSY, "Too many requests at once.", _BUSY_RETRY_S)
        message = decode(envelope.code, body)
        size = sum(envelope.sizes)
        if not self._quota.reserve(link.key, size):
            raise RemoteError(FailureCode.BUSY, "Too many bytes are under way.", _BUSY_RETRY_S)
        try:
            incoming = IncomingPayload(envelope.sizes, frames, self._quota.buffers.take)
        except WireError:
            self._quota.release(link.key, size)
            raise
        loop = asyncio.get_running_loop()
        timeout = min(envelope.argument / 1000, MAX_TIMEOUT_S)
        deadline = loop.time() + timeout
        served = _Served(line, session, envelope.call, message, incoming, size, deadline)
        line.calls[envelope.call] = served
        session.calls += 1
        self._served.add(served)
        if incoming.complete:
            self._handle(served, timeout)
        if served in self._served:  # not answered at once
            served.timer = loop.call_at(deadline, self._expire, served)

    def _handle(self, served: _Served, timeout: float) -> None:
        """Everything has arrived: let the handler answer, at once or within so many seconds."""
        session, message = served.session, served.message
        caller = Caller(session.peer_id, session.contact, served.line.link.address, timeout)
        try:
            answer = self._handlers[message.CODE](caller, message, served.incoming.buffers)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller shall hear of it
            self._refuse(served, error)
            return
        if isinstance(answer, (Reply, Message)) or not isinstance(answer, Awaitable):  # the last is the slowest to ask
            self._respond(served, answer)
            return
        served.work = asyncio.ensure_future(answer)
        served.work.add_done_callback(lambda work: self._handled(served, work))

    def _handled(self, served: _Served, work: "asyncio.Future[Answer]") -> None:
        served.work = None
        if work.cancelled():
            if served.expired:
                self._fail(served.line.link, served.call, FailureCode.TOO_LATE, _TOO_LATE)
            self._end(served)
        elif (error := work.exception()) is not None:
            self._refuse(served, error)
        else:
            self._respond(served, work.result())

    def _respond(self, served: _Served, answer: Answer) -> None:
        """Send the answer; the request ends when its last chunk is on its way."""
        message, buffers = answer if isinstance(answer, Reply) else (answer, ())
        try:
            payload = OutgoingPayload(buffers)
            envelope = Envelope(Kind.RESPONSE, message.CODE, served.call, 0, payload.sizes)
            urgency = urgency_of(served.message.CODE)
            sent = served.line.outbox.send(envelope, encode(message), payload, urgency, partial(self._end, served))
        except NetError as error:
            logger.info("No answer could be sent to %s: %s", served.line.link.address, error)
            self._fail(served.line.link, served.call, FailureCode.INTERNAL, "The answer could not be sent.")
            sent = True
        except Exception as error:  # noqa: BLE001 - a handler's answer may be anything
            self._refuse(served, error)
            return
        if sent:
            self._end(served)

    def _refuse(self, served: _Served, error: BaseException) -> None:
        refusal = _refusal_for(error, served.message)
        self._fail(served.line.link, served.call, refusal.code, refusal.text, refusal.retry_after)
        self._end(served)

    def _expire(self, served: _Served) -> None:
        """The deadline has come."""
        served.expired = True
        if served.work is None:
            self._fail(served.line.link, served.call, FailureCode.TOO_LATE, _TOO_LATE)
        self._stop(served)

    def _stop(self, served: _Served) -> None:
        """Nobody waits for this any more. What its handler has begun may take a moment to end."""
        if served.work is not None:
            served.work.cancel()
        else:
            self._end(served)

    def _end(self, served: _Served) -> None:
        if served not in self._served:
            return
        self._served.discard(served)
        if served.timer is not None:
            served.timer.cancel()
        line = served.line
        line.outbox.drop(served.call)
        line.calls.pop(served.call, None)
        served.session.calls -= 1
        self._quota.release(line.link.key, served.reserved)

    def _add_chunk(self, served: _Served, index: int, frames: Frames) -> None:
        link, call = served.line.link, served.call
        try:
            served.incoming.add(index, frames)
        except WireError as error:
            self._fail(link, call, FailureCode.BAD_REQUEST, str(error))
            self._stop(served)
            return
        limit = served.incoming.due_credit(self._quota.window)
        if limit is not None:
            self._send(link, [pack(Envelope(Kind.CREDIT, 0, call, limit))])
        if served.incoming.complete:
            self._handle(served, max(0.0, served.deadline - asyncio.get_running_loop().time()))

    def _fail(self, link: Link, call: int, code: int, text: str, retry_after: float = 0.0) -> None:
        failure = Failure(code, text[:MAX_TEXT_CHARS], min(max(retry_after, 0.0), 3600.0))
        self._send(link, [pack(Envelope(Kind.FAILURE, Failure.CODE, call), encode(failure))])

    def _send(self, link: Link, frames: Frames) -> None:
        try:
            link.send(frames)
        except TransportError as error:  # its deadline tells the caller
            logger.debug("%s gets no answer: %s", link.address, error)


def _refusal_for(error: BaseException, request: Message) -> RemoteError:
    """What the caller hears of an error in the handler."""
    if isinstance(error, RemoteError):
        return error
    if isinstance(error, NetError):
        return RemoteError(FailureCode.BAD_REQUEST, str(error))
    logger.error("The handler of %s failed.", type(request).__name__, exc_info=error)
    return RemoteError(FailureCode.INTERNAL, "The request failed here; it is not your fault.")
