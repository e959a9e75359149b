"""Reversal: the peer that cannot be dialled dials, so that heavy traffic takes no relay.

A caller that others can dial sends, sealed in what opens the circuit, a route of its own and a nonce. The hidden peer
dials it, says the nonce, and from then on requests go over that connection in the direction that it was not made in:
`Offers` is the caller's side, `ReversedLink` the hidden peer's.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from net.addresses import Endpoint, Route, scope_of
from net.errors import AddressError
from net.transport.base import Frames, Link
from net.wire.messages import Plane
from net.wire.nat_messages import Reverse

_NONCE_BYTES = 16

REVERSAL_S = 2.0
"""How long a caller waits for the hidden peer's connection before it goes through the relay."""
MAX_REVERSED = 64
"""Connections that a hidden peer keeps because callers asked for them."""


@dataclass(frozen=True, slots=True)
class _Offer:
    key: bytes
    plane: Plane
    take: Callable[[Link], None]


class Offers:
    """What this peer has asked hidden peers for, by nonce."""

    def __init__(self) -> None:
        self._offers: dict[bytes, _Offer] = {}

    def make(self, route: Route, key: bytes, plane: Plane, take: Callable[[Link], None]) -> Reverse:
        """Ask the peer of this CURVE key to dial `route` on this plane; `take` is called with its connection."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        self._offers[nonce] = _Offer(key, plane, take)
        return Reverse(route, nonce)

    def withdraw(self, nonce: bytes) -> None:
        """It is too late for this one."""
        self._offers.pop(nonce, None)

    def arrived(self, link: Link, nonce: bytes) -> bool:
        """A connection came that says this nonce; whether it was asked for, on this plane, of the peer behind it."""
        offer = self._offers.get(nonce)
        if offer is None or (offer.key, offer.plane) != (link.key, link.plane):
            return False
        del self._offers[nonce]
        offer.take(link)
        return True


class ReversedLink:
    """A connection that this side made and that carries the other side's requests. See Link."""

    outbound = False

    def __init__(self, path: Link) -> None:
        self.plane = path.plane
        self.key = path.key
        self.address = path.address
        self.path = path
        self.sent_bytes = 0
        self.received_bytes = 0

    @property
    def ready(self) -> bool:
        """See Link."""
        return self.path.ready

    def send(self, frames: Frames) -> None:
        """See Link."""
        self.path.send(frames)
        self.sent_bytes += sum(map(len, frames))

    def close(self) -> None:
        """See Link."""
        self.path.close()


def may_dial_back(route: Route, plane: Plane, relay: str) -> bool:
    """Whether a caller may have this address dialled. relay: the relay's address that its request came through.

    Who asks from the public Internet gets nothing dialled in this home. Who is behind the address must prove the
    caller's own key there, so nobody can point at another.
    """
    address = route.control if plane is Plane.CONTROL else route.bulk
    try:
        there, here = Endpoint.parse(address), Endpoint.parse(relay)
        return not route.relay and scope_of(there.host) >= scope_of(here.host)
    except AddressError:
        return False
