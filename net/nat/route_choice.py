"""Which of a contact's routes this peer may dial, and in which order.

A private address in a stranger's contact names some computer in *this* home, which no stranger has business with.
So private routes are for neighbours: peers that were heard at a private address themselves; and for peers that
have never met anyone on the public Internet, as in a laboratory or on a desk.
"""

from collections.abc import Callable

from net.addresses import Contact, Endpoint, PeerId, Route, Scope, scope_of
from net.errors import AddressError
from net.identity import peer_id_of
from net.nat.own_addresses import has_family


class RouteChoice:
    """What this peer knows about where it is. Set by the driver of reachability."""

    def __init__(self, *, loopback: bool, has_way_to: Callable[[str], bool] = has_family) -> None:
        """loopback: nothing but loopback routes is ever chosen."""
        self._loopback = loopback
        self._has_way_to = has_way_to
        self.secluded = True  # no public address of ours, and nobody there that we know
        self.neighbours: frozenset[PeerId] = frozenset()
        self.has_ipv6 = False
        self.look()

    def look(self) -> None:
        """See anew which families of addresses this computer can dial."""
        self.has_ipv6 = not self._loopback and self._has_way_to("::")

    def routes(self, contact: Contact) -> tuple[Route, ...]:
        """The direct routes to try, best first: near ones, then IPv6, then IPv4; then relays as they stand."""
        near = self.secluded or peer_id_of(contact.public_key) in self.neighbours
        ranked: list[tuple[int, Route]] = []
        for route in contact.direct:
            rank = self._rank(route, near=near)
            if rank is not None:
                ranked.append((rank, route))
        ranked.sort(key=lambda item: item[0])  # stable: the contact's own order among equals
        relays = [route for route in contact.routes if route.relay]
        usable = (route for route in relays if self._rank(route, near=near) is not None)
        return (*(route for _, route in ranked), *usable)

    def _rank(self, route: Route, *, near: bool) -> int | None:
        """The lower the better; None for what may not or cannot be dialled."""
        try:
            host, same = (Endpoint.parse(address).host for address in (route.control, route.bulk))
            scope = scope_of(host)
        except AddressError:
            return None
        if host != same:
            return None  # a route leads to one computer
        if self._loopback:
            return 0 if scope is Scope.LOOPBACK else None
        if scope is not Scope.GLOBAL:
            return 0 if near else None
        if ":" in host:
            return 1 if self.has_ipv6 else None
        return 2
