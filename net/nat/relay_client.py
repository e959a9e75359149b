"""What a peer that cannot be reached does: it keeps reservations at volunteers, and names the ways through them.

Candidates are the peers of its own routing table, asked in random order: all of them can be dialled, and whoever can
relays unless its volunteer has switched that off. There is no list of relays that could be flooded or watched.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from net.addresses import Contact, Endpoint, Route, scope_of
from net.clock import Clock
from net.errors import AddressError, NetError, PeerUnreachable
from net.nat.relay_carrier import Carrier
from net.nat.relay_links import RelayLinks
from net.wire.messages import Plane
from net.wire.nat_messages import Reserve, Reserved

logger = logging.getLogger(__name__)

MAX_RELAYS = 2
ANSWER_S = 10.0
LOOK_AGAIN_S = 15.0  # for candidates, while there are too few relays
REFUSED_S = 300.0  # until one that refused or vanished is asked again
_MAX_REFUSED = 256
_LEAST_BUDGET = 16 * 1024 * 1024  # a relay that gives less is none


@dataclass(slots=True, eq=False)
class _Held:
    """One relay that passes on to this peer. renew: monotonic seconds."""

    route: Route
    carriers: dict[Plane, Carrier] = field(default_factory=dict)
    renew: float = 0.0
    lost: bool = False


class RelayClient:
    """Runs until cancelled. `want` switches it on and off; `routes` are the ways that stand now.

    on_change: called whenever `routes` has changed.
    """

    def __init__(
        self,
        links: RelayLinks,
        network: str,
        own_contact: Callable[[], Contact],
        candidates: Callable[[], Sequence[Contact]],
        clock: Clock,
        rng: random.Random,
    ) -> None:
        """candidates: peers that can be dialled, and might relay."""
        self.routes: tuple[Route, ...] = ()
        self.on_change: Callable[[], None] = lambda: None
        self._links = links
        self._network = network
        self._own_contact = own_contact
        self._candidates = candidates
        self._clock = clock
        self._rng = rng
        self._wanted = False
        self._news = asyncio.Event()
        self._held: list[_Held] = []
        self._refused: dict[bytes, float] = {}
        self._answers: dict[Carrier, asyncio.Future[Reserved]] = {}
        links.answered = self._answered

    def want(self, on: bool) -> None:
        """Keep relays from now on, or let them go."""
        if on is not self._wanted:
            self._wanted = on
            self._news.set()

    def woke(self) -> None:
        """This computer slept: ask again at once, also relays that refused."""
        self._refused.clear()
        for held in self._held:
            held.renew = 0.0
        self._news.set()

    async def run(self) -> None:
        """Keep MAX_RELAYS reservations while they are wanted."""
        try:
            while True:
                self._news.clear()
                if self._wanted:
                    await self._keep()
                    await self._fill()
                else:
                    self._let_go(self._held)
                self._publish()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pause()):
                        await self._news.wait()
        finally:  # nobody is told: the peer is going
            for held in self._held:
                self._release(held)

    def _pause(self) -> float | None:
        """Seconds until something is to be done; None where nothing is."""
        if not self._wanted:
            return None
        now = self._clock.monotonic()
        pauses = [max(0.0, held.renew - now) for held in self._held]
        return min([*pauses, LOOK_AGAIN_S] if len(self._held) < MAX_RELAYS else pauses)

    async def _keep(self) -> None:
        """Drop relays that are gone, renew those that are due."""
        self._let_go([held for held in self._held if held.lost])
        for held in list(self._held):
            if held.renew <= self._clock.monotonic() and not await self._reserve(held):
                self._let_go([held])

    async def _fill(self) -> None:
        """Ask candidates until there are enough relays, or none is left to be asked."""
        for contact in self._order():
            if len(self._held) >= MAX_RELAYS or not self._wanted:
                return
            held = _Held(_through(contact))
            if await self._reserve(held):
                self._held.append(held)
                self._publish()
            else:
                self._let_go([held])

    def _order(self) -> list[Contact]:
        """Who may be asked now: at random, those last that share an address with a relay that stands already."""
        now = self._clock.monotonic()
        self._refused = {key: until for key, until in self._refused.items() if until > now}
        taken = {held.route.relay for held in self._held} | set(self._refused) | {self._own_contact().curve_key}
        found = [contact for contact in self._candidates() if contact.dialable and contact.curve_key not in taken]
        self._rng.shuffle(found)
        hosts = {_host(held.route) for held in self._held}
        found.sort(key=lambda contact: _host(_through(contact)) in hosts)
        return found

    async def _reserve(self, held: _Held) -> bool:
        """Ask one relay on both planes; whether it agrees."""
        request = Reserve(self._network, self._own_contact())
        try:
            for plane in Plane:
                carrier = held.carriers[plane] = self._links.carrier(held.route, plane)
                carrier.kept = True
                answer = self._answers[carrier] = asyncio.get_running_loop().create_future()
                try:
                    carrier.tell(request)
                    async with asyncio.timeout(ANSWER_S):
                        said = await answer
                finally:
                    del self._answers[carrier]
                if said.budget < _LEAST_BUDGET:
                    raise PeerUnreachable("it has nothing left to give.")
                held.renew = self._clock.monotonic() + said.seconds / 2
        except (NetError, TimeoutError) as error:
            logger.info("%s does not relay for this peer: %s", held.route.control, error or "it does not answer.")
            return False
        return not held.lost

    def _answered(self, carrier: Carrier, answer: Reserved | None) -> None:
        waiting = self._answers.get(carrier)
        if waiting is not None and not waiting.done():
            if answer is None:
                waiting.set_exception(PeerUnreachable("it refuses, or is gone."))
            else:
                waiting.set_result(answer)
        elif answer is None:
            for held in self._held:
                if carrier in held.carriers.values():
                    held.lost = True
                    self._news.set()

    def _let_go(self, those: Sequence[_Held]) -> None:
        """Use these relays no more. One that failed is not asked again for a while."""
        for held in list(those):
            if held in self._held:
                self._held.remove(held)
            if self._wanted:
                self._refused[held.route.relay] = self._clock.monotonic() + REFUSED_S
                if len(self._refused) > _MAX_REFUSED:
                    del self._refused[next(iter(self._refused))]
            self._release(held)
        self._publish()

    def _release(self, held: _Held) -> None:
        for carrier in held.carriers.values():
            self._links.release(carrier)

    def _publish(self) -> None:
        routes = tuple(held.route for held in self._held if not held.lost)
        if routes != self.routes:
            self.routes = routes
            self.on_change()


def _through(contact: Contact) -> Route:
    """The way through this peer that most others can take: a public address before a private one, IPv4 before IPv6."""
    best = max(contact.direct, key=lambda route: (_reach(route), ":" not in _host(route)))
    return replace(best, relay=contact.curve_key)


def _host(route: Route) -> str:
    """The IP address; a contact that is in a routing table has parsable ones."""
    return Endpoint.parse(route.control).host


def _reach(route: Route) -> int:
    try:
        return scope_of(_host(route))
    except AddressError:
        return -1
