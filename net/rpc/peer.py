"""One peer's RPC over any transport: it asks, answers, and knows its own contact."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from net.addresses import Contact, Endpoint, PeerId, Route, Scope, scope_of
from net.clock import Clock
from net.errors import AddressError, ClosedError, DeadlineExceeded, NetError, TransportError, WireError
from net.identity import Identity, peer_id_of, sign_contact
from net.rpc.base import Caller, Ended, Handler, Payload, Reply
from net.rpc.calls import Client
from net.rpc.serving import Server
from net.rpc.streams import StreamQuota
from net.rpc.turns import Turns
from net.transport.base import Frames, Link, Transport
from net.wire.envelope import VersionError, detach, unpack
from net.wire.limits import CHUNK_BYTES, CONTACT_LIFE_S, MAX_SESSIONS, STREAM_WINDOW_CHUNKS
from net.wire.messages import Message

M = TypeVar("M", bound=Message)

_AHEAD_S = 0.5  # what a sender may have under way over a capped line


@dataclass(frozen=True, slots=True)
class PeerStats:
    """One peer that this one talks with. rtt_s: None before the first measurement; last_seen: monotonic seconds."""

    peer_id: PeerId
    address: str
    direction: Literal["out", "in"]  # "out" when this side dialled, even if the other did as well
    rtt_s: float | None
    last_seen: float
    sent_bytes: int
    received_bytes: int


class RpcPeer:
    """Implements `net.rpc.base.Rpc`. It owns its transport."""

    def __init__(self, transport: Transport, identity: Identity, clock: Clock, *, network: str = "hivelet") -> None:
        """network: peers of another network are refused."""
        self._transport = transport
        self._identity = identity
        self._clock = clock
        direct = bool(transport.control)
        self._routes: tuple[Route, ...] = (Route(transport.control, transport.bulk),) if direct else ()
        self._contact = self.card(self._routes, CONTACT_LIFE_S)
        self._closed = False
        self._own_calls: set[asyncio.Task[None]] = set()
        self._lost: dict[bytes, float] = {}  # when connections that this side made broke, by the other's CURVE key
        self._quota = quota = StreamQuota()
        turns = Turns()
        self._client = Client(transport, network, lambda: self.contact, clock, quota, turns)
        self._server = Server(network, lambda: self.contact, clock, quota, turns)
        transport.attach(self)

    @property
    def contact(self) -> Contact:
        """This peer's card, renewed when half of its life is over: ask for it anew each time it is passed on."""
        if self._contact.expires - self._clock.time() < CONTACT_LIFE_S / 2:
            self._contact = self.card(self._routes, CONTACT_LIFE_S)
        return self._contact

    def announce(self, routes: Sequence[Route]) -> None:
        """Name these ways in the contact from now on; those who are connected learn it with the next call."""
        self._routes = tuple(routes)
        self._contact = self.card(self._routes, CONTACT_LIFE_S)

    def card(self, routes: Sequence[Route], life: float) -> Contact:
        """A signed card of this peer's present run with these ways to it, valid for `life` seconds."""
        expires = self._clock.time() + life
        return sign_contact(
            self._identity, curve_key=self._transport.key, control="", bulk="", expires=expires, others=routes
        )

    @property
    def observed(self) -> list[str]:
        """The IP address that each peer which this one has dialled says to see it come from; nonsense is left out."""
        return [host for host in (_host_in(each.observed) for each in self._client.connections) if host]

    @property
    def peer_id(self) -> PeerId:
        """Who this peer is."""
        return self._identity.peer_id

    @property
    def pending(self) -> int:
        """Own calls that wait for an answer."""
        return self._client.pending

    @property
    def serving(self) -> int:
        """Requests of others being served now."""
        return self._server.serving

    async def call(self, contact: Contact, request: Message, payload: Payload = (), *, timeout: float) -> Reply:
        """See Rpc.call. A call to this very peer goes straight to its handler."""
        if contact.public_key == self._identity.public_key:
            return await self._call_self(request, payload, timeout)
        return await self._client.call(contact, request, payload, timeout)

    def start(self, contact: Contact, request: Message, payload: Payload = (), *, timeout: float, ended: Ended) -> None:
        """See StartingRpc.start."""
        if contact.public_key == self._identity.public_key:
            self._start_self(request, payload, timeout, ended)
            return
        try:
            self._client.start(contact, request, payload, timeout, ended)
        except NetError as error:
            ended(error)

    @property
    def neighbours(self) -> frozenset[PeerId]:
        """Peers that are connected from or at an address of this computer or home."""
        dialled = {
            peer_id_of(connection.contact.public_key)
            for connection in self._client.connections
            if connection.greeted and _is_near(connection.link.address)
        }
        return frozenset(dialled | {each.peer_id for each in self._server.sessions if _is_near(each.address)})

    async def call_anew(self, contact: Contact, request: Message, *, timeout: float) -> Reply:
        """As `call`, over a connection of its own that is closed afterwards: it proves that one can be made now."""
        return await self._client.call(contact, request, (), timeout, anew=True)

    def handle(self, request_type: type[M], handler: Handler[M]) -> None:
        """See Rpc.handle."""
        self._server.handle(request_type, handler)

    def peers(self) -> list[PeerStats]:
        """One row for each peer with an open connection in either direction."""
        rows: dict[PeerId, PeerStats] = {}
        for connection in self._client.connections:
            if not connection.greeted:
                continue
            link, peer_id = connection.link, peer_id_of(connection.contact.public_key)
            rtts = [connection.rtt] if connection.rtt is not None else []
            row = PeerStats(peer_id, link.address, "out", None, connection.seen, link.sent_bytes, link.received_bytes)
            rows[peer_id] = _merged(rows.get(peer_id), row, rtts)
        for session in self._server.sessions:
            if session.seen <= self._lost.get(session.contact.curve_key, -math.inf):
                continue  # our own connection to it broke and it has not been heard since: it is gone
            row = PeerStats(
                session.peer_id,
                session.contact.control or session.address,
                "in",
                None,
                session.seen,
                session.sent_bytes,
                session.received_bytes,
            )
            rows[session.peer_id] = _merged(rows.get(session.peer_id), row, [])
        return list(rows.values())

    def expect_rate(self, down: float | None) -> None:
        """What comes to us is capped at so many bytes a second (None: it is not): let senders be less far ahead."""
        ahead = STREAM_WINDOW_CHUNKS if down is None else int(down * _AHEAD_S / CHUNK_BYTES)
        self._quota.window = min(max(1, ahead), STREAM_WINDOW_CHUNKS)

    def woke(self) -> None:
        """This computer slept: the others have let go of its connections, so it does, too, and waits on none."""
        self._lost.clear()
        self._client.redial()
        self._server.forget()

    async def close(self) -> None:
        """Fail own calls, cancel those being served, and close the transport."""
        if not self._closed:
            self._closed = True
            self._client.close()
            await self._server.close()
            await self._transport.close()

    # --- Receiver: what the transport reports ----------------------------------------------------------------

    def received(self, link: Link, frames: Frames) -> None:
        """See Receiver."""
        side = self._client if link.outbound else self._server
        if self._closed or not frames:
            return
        try:
            envelope, body = unpack(frames[0])
        except VersionError as error:
            side.refuse_version(link, error)
            return
        except WireError:
            return  # it cannot even be answered
        frames = frames[1:]
        if envelope.attached:
            body, attached = detach(envelope, body)
            frames = [*attached, *frames]
        side.received(link, envelope, body, frames)

    def writable(self, link: Link) -> None:
        """See Receiver."""
        side = self._client if link.outbound else self._server
        side.writable(link)

    def lost(self, link: Link, error: TransportError) -> None:
        """See Receiver."""
        if link.outbound:
            # One that never stood says nothing: a peer behind a router may well talk to us and not be dialled.
            if any(connection.link is link and connection.greeted for connection in self._client.connections):
                self._lost.pop(link.key, None)
                self._lost[link.key] = self._clock.monotonic()
                if len(self._lost) > MAX_SESSIONS:
                    del self._lost[next(iter(self._lost))]
            self._client.lost(link, error)
        else:
            self._server.lost(link)

    # --- own affairs -----------------------------------------------------------------------------------------

    async def _call_self(self, request: Message, payload: Payload, timeout: float) -> Reply:
        if self._closed:
            raise ClosedError("This peer is closed.")
        caller = Caller(self.peer_id, self.contact, self._transport.control, timeout)
        try:
            async with asyncio.timeout(timeout) as scope:
                return await self._server.answer(caller, request, payload)
        except TimeoutError:
            if not scope.expired():
                raise
            raise DeadlineExceeded(f"This peer itself did not answer within {timeout:.1f} seconds.") from None

    def _start_self(self, request: Message, payload: Payload, timeout: float, ended: Ended) -> None:
        async def call() -> None:
            try:
                outcome: Reply | NetError = await self._call_self(request, payload, timeout)
            except NetError as error:
                outcome = error
            ended(outcome)

        task = asyncio.get_running_loop().create_task(call())
        self._own_calls.add(task)
        task.add_done_callback(self._own_calls.discard)


def _merged(known: PeerStats | None, row: PeerStats, rtts: list[float]) -> PeerStats:
    """One row for a peer that is connected more than once; the control plane's round trip is the shorter one."""
    if known is not None and known.rtt_s is not None:
        rtts = [*rtts, known.rtt_s]
    base = known or row
    return PeerStats(
        peer_id=row.peer_id,
        address=base.address,
        direction=base.direction,
        rtt_s=min(rtts, default=None),
        last_seen=max(base.last_seen, row.last_seen),
        sent_bytes=row.sent_bytes + (known.sent_bytes if known else 0),
        received_bytes=row.received_bytes + (known.received_bytes if known else 0),
    )


def _host_in(address: str) -> str:
    """The IP address of one computer in a peer's word, "" where there is none."""
    try:
        host = Endpoint.parse(address).host
        scope_of(host)
    except AddressError:
        return ""
    return host


def _is_near(address: str) -> bool:
    host = _host_in(address)
    return bool(host) and scope_of(host) is not Scope.GLOBAL
