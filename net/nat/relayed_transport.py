"""A transport that reaches peers behind NAT as well: around any other transport, whose links it shares with relaying.

    RpcPeer  <- links ->  RelayedTransport  <- connections ->  ZmqTransport (or a memory network)

It picks what concerns relays out of what its connections bring: as a relay (`relay_server`), as a caller or a hidden
peer (`relay_links`). Everything else goes to and from those above unchanged.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from net.addresses import Contact, Route
from net.clock import Clock
from net.errors import PeerUnreachable, TransportError, WireError
from net.nat.relay_carrier import CircuitLink
from net.nat.relay_limits import RelayLimits
from net.nat.relay_links import RelayLinks
from net.nat.relay_server import RelayServer
from net.nat.routed_link import RoutedLink
from net.transport.base import Buffer, Frames, Link, Receiver, Transport
from net.wire.envelope import Kind, unpack
from net.wire.messages import Plane
from net.wire.nat_messages import Reversed

_KINDS = frozenset({int(Kind.RELAY), int(Kind.PIECE), int(Kind.GRANT)})
_KIND_AT = 1  # of the first frame

Choose = Callable[[Contact], Sequence[Route]]
"""The routes of a contact that this peer may take, best first."""


class RelayedTransport:
    """See `net.transport.base.Transport`."""

    def __init__(
        self,
        inner: Transport,
        clock: Clock,
        network: str,
        *,
        choose: Choose | None = None,
        direct: Callable[[], Route | None] = lambda: None,
        limits: RelayLimits | None = None,
    ) -> None:
        """network: peers of another one are not relayed; direct: a route by which others can surely dial this peer;
        hidden peers are asked to use it, and only with one does this peer relay.
        """
        self.key = inner.key
        self.control = inner.control
        self.bulk = inner.bulk
        self._inner = inner
        self._choose = choose or _direct_first
        self._routed: dict[Link, RoutedLink] = {}
        self.server = RelayServer(network, clock, lambda: direct() is not None, limits)
        self._up = _Upwards(self._routed)
        self.links = RelayLinks(inner.key, inner.agree, self._dial_route, direct, self._up)

    def attach(self, receiver: Receiver) -> None:
        """See Transport."""
        self._up.receiver = receiver
        self._inner.attach(self)

    def agree(self, key: bytes) -> bytes:
        """See Transport."""
        return self._inner.agree(key)

    def dial(self, contact: Contact, plane: Plane) -> Link:
        """See Transport. Direct routes come before relays."""
        routes = self._choose(contact)
        if not routes:
            raise PeerUnreachable("This peer cannot be dialled: no address of its contact can be used from here.")
        ways = [partial(self._begin, contact, route, plane) for route in routes]
        if len(ways) == 1:
            return ways[0]()
        return RoutedLink(plane, contact.curve_key, ways, self._up.receiver, self._bind)

    async def close(self) -> None:
        """See Transport."""
        self.server.close()
        self.links.close()
        self._routed.clear()
        await self._inner.close()

    # --- Receiver: what the connections report -------------------------------------------------------------------

    def received(self, link: Link, frames: Frames) -> None:
        """See Receiver."""
        if frames and len(frames[0]) > _KIND_AT and frames[0][_KIND_AT] in _KINDS:
            self._relayed(link, frames)
        elif not self.links.owns(link):
            owner = self.links.owners.get(link)
            if owner is None:
                self._up.received(link, frames)
            else:
                owner.received_bytes += sum(map(len, frames))
                self._up.received(owner, frames)

    def writable(self, link: Link) -> None:
        """See Receiver."""
        if self.links.owns(link):
            self.links.writable(link)
            return
        if not link.outbound:
            self.server.writable(link)
        self._up.writable(self.links.owners.get(link, link))

    def lost(self, link: Link, error: TransportError) -> None:
        """See Receiver."""
        if self.links.owns(link):
            self.links.lost(link, error)
            return
        if not link.outbound:
            self.server.lost(link)
        owner = self.links.owners.pop(link, None)
        if isinstance(owner, CircuitLink):
            owner.fail(error)
        else:
            self._up.lost(owner or link, error)

    def _relayed(self, link: Link, frames: Frames) -> None:
        try:
            envelope, body = unpack(_view(frames[0]))
        except WireError:
            return  # it cannot even be answered
        if self.links.owns(link):
            self.links.received(link, envelope, body, frames[1:])
        elif link.outbound or link in self.links.owners or envelope.code == Reversed.CODE:
            self.links.direct(link, envelope, body)
        else:
            self.server.received(link, envelope, body, frames[1:])

    # --- dialling ------------------------------------------------------------------------------------------------

    def _begin(self, contact: Contact, route: Route, plane: Plane) -> Link:
        if route.relay:
            return self.links.open(contact.curve_key, route, plane)
        return self._inner.dial(replace(contact, routes=(route,)), plane)

    def _dial_route(self, key: bytes, route: Route, plane: Plane) -> Link:
        """A connection to whoever proves this CURVE key at this address; who that is, nobody needs to know."""
        somebody = Contact(bytes(32), key, (Route(route.control, route.bulk),), 0.0, bytes(64))
        return self._inner.dial(somebody, plane)

    def _bind(self, link: Link, routed: RoutedLink | None) -> None:
        if routed is None:
            self._routed.pop(link, None)
        else:
            self._routed[link] = routed


class _Upwards:
    """Passes news of links on: of those on trial to their `RoutedLink`, of all others to those above."""

    receiver: Receiver

    def __init__(self, routed: dict[Link, RoutedLink]) -> None:
        self._routed = routed

    def received(self, link: Link, frames: Frames) -> None:
        """See Receiver."""
        routed = self._routed.get(link)
        if routed is None:
            self.receiver.received(link, frames)
        else:
            routed.received(link, frames)

    def writable(self, link: Link) -> None:
        """See Receiver."""
        routed = self._routed.get(link)
        if routed is None:
            self.receiver.writable(link)
        else:
            routed.writable(link)

    def lost(self, link: Link, error: TransportError) -> None:
        """See Receiver."""
        routed = self._routed.get(link)
        if routed is None:
            self.receiver.lost(link, error)
        else:
            routed.lost(link, error)


def _direct_first(contact: Contact) -> Sequence[Route]:
    return *contact.direct, *(route for route in contact.routes if route.relay)


def _view(frame: Buffer) -> bytes | memoryview:
    return memoryview(frame) if isinstance(frame, bytearray) else frame
