"""The driver of reachability: looks at this computer and its peers, and does what `net.nat.reachability` says.

Addresses come and go without notice (a laptop moves, DHCP, a new prefix every night), and no system tells of it in
a way that all share, so that they are looked at every few seconds.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from net.addresses import Contact, Endpoint, PeerId, Route, Scope, scope_of
from net.clock import Clock
from net.identity import peer_id_of
from net.nat.dial_back import DialBackAsker, DialBackRpc, DialBackServer, is_helper
from net.nat.lan import Discovery
from net.nat.own_addresses import own_addresses
from net.nat.port_mapping import Mapping, PortMapper, PortMapping
from net.nat.reachability import (
    Announce,
    AskOthers,
    Event,
    HelpersKnown,
    Origin,
    OthersSaid,
    Place,
    PlacesFound,
    Ports,
    Reachability,
    RelaysChanged,
    State,
    Tick,
    WantRelay,
)
from net.nat.route_choice import RouteChoice

logger = logging.getLogger(__name__)

LOOK_S = 3.0
FIRST_LOOKS_S = 0.5  # while things are new: just started, or just moved
_NEW_S = 20.0


class ReachingRpc(DialBackRpc, Protocol):
    """What the driver needs of `net.rpc.peer.RpcPeer`."""

    def announce(self, routes: Sequence[Route]) -> None:
        """Name these ways in the contact."""
        ...

    @property
    def observed(self) -> list[str]:
        """The IP addresses that peers see this one come from; they may lie, but name addresses of one computer."""
        ...

    @property
    def neighbours(self) -> frozenset[PeerId]:
        """Peers that are connected from or at an address of this computer or home."""
        ...


class Relays(Protocol):
    """`net.nat.relay_client.RelayClient`, as far as the driver uses it."""

    on_change: Callable[[], None]

    @property
    def routes(self) -> tuple[Route, ...]:
        """The ways through relays that stand now."""
        ...

    def want(self, on: bool) -> None:
        """Keep relays, or let them go."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """What a peer may use to be reached and to find others. All empty: what --loopback leaves."""

    mappers: tuple[PortMapper, ...] = ()
    discovery: Discovery | None = None
    addresses: Callable[[str], tuple[str, ...]] = own_addresses


@dataclass(frozen=True, slots=True)
class Reach:
    """How this peer is reached now, in values that sentences can be made of.

    ports: of this computer, that others dial; mapping_problem: why the router opened none, "" where it did or was not
    asked; router_host: the address that the router says it has, "" where none opened ports.
    """

    state: State
    ports: tuple[int, int, int]
    mapping_problem: str = ""
    router_host: str = ""


class Reaching:
    """Runs until cancelled; `close` gives back what was taken from the home's router.

    known: the peers of this one's routing table; announced: told after the contact has changed; found: told of
    addresses in this home.
    """

    def __init__(
        self,
        rpc: ReachingRpc,
        clock: Clock,
        rng: random.Random,
        choice: RouteChoice,
        means: Means,
        *,
        bound: str,
        ports: Ports,
        known: Callable[[], Sequence[Contact]],
        announced: Callable[[], None],
        found: Callable[[Endpoint], None],
    ) -> None:
        self._rpc = rpc
        self._clock = clock
        self._choice = choice
        self._means = means
        self._bound = bound
        self._ports = ports
        self._known = known
        self._announced: Callable[[], None] = lambda: None
        self._found = found
        self._asker = DialBackAsker(rpc, rng)
        self._server = DialBackServer(rpc, clock)
        self._machine = Reachability()
        self._mapping = PortMapping(self._mapped)
        self._discovery: Discovery | None = None
        self._mapped_host = ""
        self._hosts: tuple[str, ...] = ()
        self._moved_at = 0.0
        self._home = ""  # the private address whose router and neighbours are asked
        self._at_home: asyncio.Task[None] | None = None
        self._means_changed = False
        self._relays: Relays | None = None
        self._tasks: asyncio.TaskGroup
        self._look_at_addresses()
        self._announced = announced

    @property
    def reach(self) -> Reach:
        """How others reach this peer now."""
        ports = (self._ports.introduction, self._ports.control, self._ports.bulk)
        return Reach(self._machine.state, ports, self._mapping.problem, self._mapped_host)

    @property
    def address(self) -> str:
        """What others pass to --bootstrap: the best address that this peer has."""
        place = self._machine.place
        return place.introduction if place else str(Endpoint(self._hosts[0], self._ports.introduction))

    def use_relays(self, relays: Relays) -> None:
        """Where to get ways through relays from, once; before `run`."""
        self._relays = relays
        relays.on_change = lambda: self._feed(RelaysChanged(relays.routes))

    async def run(self) -> None:
        """Look, and act, until cancelled. Returns at once for a peer that listens on this computer only."""
        if scope_of(self._hosts[0]) is Scope.LOOPBACK and not Endpoint(self._bound, 0).is_wildcard:
            return
        async with asyncio.TaskGroup() as self._tasks:
            while True:
                self._look()
                await self._move_in()
                new = self._clock.monotonic() - self._moved_at < _NEW_S
                await asyncio.sleep(FIRST_LOOKS_S if new else LOOK_S)

    def use(self, means: Means) -> None:
        """Use these means from the next look on."""
        self._means = means
        self._means_changed = True

    def woke(self) -> None:
        """This computer slept, and may be somewhere else now: look soon and often, and ask the router again."""
        self._moved_at = self._clock.monotonic()
        self._means_changed = True

    def meet(self, contact: Contact) -> None:
        """This peer was found in this home: its private addresses may be dialled before it is connected."""
        self._choice.neighbours |= {peer_id_of(contact.public_key)}

    async def close(self) -> None:
        """Take leave of the home: its router gets its ports back, its computers a goodbye."""
        await self._leave_home()

    # --- looking ---------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._look_at_addresses()
        helpers = sum(map(is_helper, self._known()))
        observed = self._observed()
        public = any(scope_of(host) is Scope.GLOBAL for host in (*self._hosts, *observed))
        self._choice.look()
        self._choice.neighbours = self._rpc.neighbours
        self._choice.secluded = not public and not helpers
        if observed:
            places = tuple(Place(host, self._ports, Origin.OBSERVED) for host in observed)
            self._feed(PlacesFound(Origin.OBSERVED, places))
        self._feed(HelpersKnown(helpers))
        self._feed(Tick())

    def _look_at_addresses(self) -> None:
        hosts = self._means.addresses(self._bound)
        if hosts == self._hosts:
            return
        if self._hosts:
            logger.info("This computer's addresses have changed to %s.", ", ".join(hosts))
        self._hosts = hosts
        self._moved_at = self._clock.monotonic()
        self._feed(PlacesFound(Origin.OBSERVED, ()))
        self._feed(PlacesFound(Origin.INTERFACE, tuple(Place(host, self._ports, Origin.INTERFACE) for host in hosts)))

    def _observed(self) -> list[str]:
        """The public IPv4 address that most peers see us come from, where it is none of our own."""
        seen = Counter(host for host in self._rpc.observed if ":" not in host and scope_of(host) is Scope.GLOBAL)
        best = [host for host, _ in seen.most_common(1)]
        return [host for host in best if host not in self._hosts]

    # --- the home: its router and its other computers --------------------------------------------------------

    async def _move_in(self) -> None:
        """Ask the router and greet the neighbours of the home that this computer is in now."""
        home = next((host for host in self._hosts if ":" not in host and scope_of(host) is Scope.PRIVATE), "")
        if home == self._home and not self._means_changed:
            return
        self._means_changed = False
        await self._leave_home()
        self._mapped(None)
        self._home = home
        if home:
            self._at_home = self._tasks.create_task(self._live_in(home))

    async def _live_in(self, home: str) -> None:
        async with asyncio.TaskGroup() as group:
            if self._means.mappers:
                ports = (self._ports.introduction, self._ports.control, self._ports.bulk)
                group.create_task(self._mapping.run(self._means.mappers, home, ports))
            if self._means.discovery is not None:
                self._discovery = self._means.discovery
                group.create_task(self._discovery.start(home, self._ports.introduction, self._found))

    async def _leave_home(self) -> None:
        task, self._at_home, self._home = self._at_home, None, ""
        if task is None:
            return
        task.cancel()
        await asyncio.wait([task])
        await self._mapping.end()
        if self._discovery is not None:
            await self._discovery.close()
            self._discovery = None

    def _mapped(self, mapping: Mapping | None) -> None:
        places: tuple[Place, ...] = ()
        self._mapped_host = mapping.host if mapping else ""
        if mapping is not None and scope_of(mapping.host) is Scope.GLOBAL:
            ports = Ports(*(mapping.outside(port) for port in
                            (self._ports.introduction, self._ports.control, self._ports.bulk)))  # fmt: skip
            places = (Place(mapping.host, ports, Origin.MAPPING),)
        self._feed(PlacesFound(Origin.MAPPING, places))

    # --- doing what the machine says --------------------------------------------------------------------------

    def _feed(self, event: Event) -> None:
        before = self._machine.state
        for instruction in self._machine.handle(event, self._clock.monotonic()):
            match instruction:
                case AskOthers(place):
                    self._tasks.create_task(self._test(place))
                case WantRelay(on):
                    if self._relays is not None:
                        self._relays.want(on)
                case Announce(routes):
                    self._rpc.announce(routes)
                    self._announced()
        if self._machine.state is not before:
            logger.info("Reachability: %s, at %s.", self._machine.state, self.address)

    async def _test(self, place: Place) -> None:
        reached, not_reached = await self._asker.test(place.route, self._known())
        logger.info("%s was reached by %d peers, and not by %d.", place.route.control, reached, not_reached)
        self._feed(OthersSaid(place, reached, not_reached))
