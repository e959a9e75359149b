"""How others reach this computer: a state machine without I/O.

Events in, instructions out (`handle`). It weighs the routes that this peer might have: addresses of its own
interfaces, ports that the router opened, the address that others see it come from. Public ones are tested by other
peers (`net.nat.dial_back`), whose majority decides; where none holds, relays are asked for. `routes` is what the
peer's contact shall name, composed here and nowhere else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from net.addresses import Endpoint, Route, Scope, scope_of
from net.wire.limits import MAX_ROUTES

CONFIRMED_S = 1200.0  # until a route that works is tested again
DOUBTED_S = 30.0  # until one that worked, and now did not, is tested once more
FIRST_RETRY_S = 60.0  # until one that does not work is tested again; doubled each time
LONGEST_RETRY_S = 1800.0
GRACE_S = 10.0  # how long a peer that has just met others waits for a route of its own before it asks for relays


class State(StrEnum):
    """Ordered from good to bad, but for the first two, which say that nothing is known."""

    UNKNOWN = "unknown"  # not tested yet
    LOCAL = "local"  # no peer on the public Internet is known: only this home or computer matters
    DIRECT = "direct"  # others dial this computer
    MAPPED = "mapped"  # ... through a port that the router opened for it
    RELAYED = "relayed"  # others reach it through helpers
    CLIENT = "client"  # nobody can begin a connection to it


class Origin(StrEnum):
    """Where a candidate comes from."""

    INTERFACE = "interface"
    MAPPING = "mapping"
    OBSERVED = "observed"  # others see us come from there: it works where somebody opened the ports by hand


@dataclass(frozen=True, slots=True)
class Ports:
    """Where one address leads to the three listeners."""

    introduction: int
    control: int
    bulk: int


@dataclass(frozen=True, slots=True)
class Place:
    """One address that might lead to this peer. host: an IP address."""

    host: str
    ports: Ports
    origin: Origin

    @property
    def route(self) -> Route:
        """As it stands in a contact."""
        return Route(str(Endpoint(self.host, self.ports.control)), str(Endpoint(self.host, self.ports.bulk)))

    @property
    def introduction(self) -> str:
        """What others pass to --bootstrap."""
        return str(Endpoint(self.host, self.ports.introduction))


# --- events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlacesFound:
    """All places of one origin, as they are now."""

    origin: Origin
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class HelpersKnown:
    """How many peers with public addresses are known, that could test a route."""

    count: int


@dataclass(frozen=True, slots=True)
class OthersSaid:
    """What those who were asked to dial this place say."""

    place: Place
    reached: int
    not_reached: int


@dataclass(frozen=True, slots=True)
class RelaysChanged:
    """The ways through relays that stand now."""

    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Event = PlacesFound | HelpersKnown | OthersSaid | RelaysChanged | Tick


# --- instructions ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskOthers:
    """Ask others to dial this place, and tell with OthersSaid what they say."""

    place: Place


@dataclass(frozen=True, slots=True)
class WantRelay:
    """Keep relays, or let them go."""

    on: bool


@dataclass(frozen=True, slots=True)
class Announce:
    """Name these ways in the contact from now on."""

    routes: tuple[Route, ...]


Instruction = AskOthers | WantRelay | Announce


@dataclass(slots=True)
class _Trial:
    """What is known about one public place. reached: None before the first answer."""

    reached: bool | None = None
    testing: bool = False
    failures: int = 0
    due: float = field(default=float("-inf"))


class Reachability:
    """The machine. Times are monotonic seconds, passed to `handle`."""

    def __init__(self) -> None:
        self.state = State.LOCAL
        self.routes: tuple[Route, ...] = ()
        self._places: dict[Origin, tuple[Place, ...]] = {}
        self._trials: dict[Place, _Trial] = {}
        self._relays: tuple[Route, ...] = ()
        self._helpers = 0
        self._met_at: float | None = None  # when the first peer on the public Internet was met
        self._wants_relay = False

    @property
    def place(self) -> Place | None:
        """The best place to write down: one that others have reached, else the first that this computer has."""
        ranked = sorted(self._all(), key=lambda place: not self._works(place))
        usable = [place for place in ranked if self._offered(place)]
        return next(iter(usable or [place for place in ranked if place.origin is Origin.INTERFACE]), None)

    def handle(self, event: Event, now: float) -> list[Instruction]:
        """What is to be done about this event. now: monotonic seconds."""
        match event:
            case PlacesFound(origin, places):
                self._places[origin] = places
                public = [place for place in self._all() if scope_of(place.host) is Scope.GLOBAL]
                self._trials = {place: self._trials.get(place, _Trial()) for place in public}
            case HelpersKnown(count):
                self._helpers = count
                if count and self._met_at is None:
                    self._met_at = now
            case OthersSaid(place, reached, not_reached):
                self._weigh(place, reached, not_reached, now)
            case RelaysChanged(routes):
                self._relays = routes
            case Tick():
                pass
        return [*self._tests(now), *self._outcome(now)]

    def _weigh(self, place: Place, reached: int, not_reached: int, now: float) -> None:
        trial = self._trials.get(place)
        if trial is None:
            return  # the address is gone
        trial.testing = False
        if reached > not_reached:
            trial.reached, trial.failures, trial.due = True, 0, now + CONFIRMED_S
            return
        trial.failures += 1
        trial.due = now + min(FIRST_RETRY_S * 2 ** (trial.failures - 1), LONGEST_RETRY_S)
        if not reached and not not_reached:
            return  # nobody could tell
        if trial.reached and trial.failures == 1:
            trial.due = now + DOUBTED_S  # one bad round may be a line that is down for a moment
        else:
            trial.reached = False

    def _tests(self, now: float) -> list[Instruction]:
        if not self._helpers:
            return []
        due = [place for place, trial in self._trials.items() if not trial.testing and trial.due <= now]
        for place in due:
            self._trials[place].testing = True
        return [AskOthers(place) for place in due]

    def _outcome(self, now: float) -> list[Instruction]:
        instructions: list[Instruction] = []
        works = any(trial.reached for trial in self._trials.values())
        hopeless = all(trial.reached is False for trial in self._trials.values())
        met = self._met_at
        wants = not works and met is not None and hopeless and (bool(self._trials) or now - met >= GRACE_S)
        if wants is not self._wants_relay and (works or wants):
            self._wants_relay = wants
            instructions.append(WantRelay(wants))
        self.state = self._judge(works=works, hopeless=wants)
        routes = self._compose()
        if routes != self.routes:
            self.routes = routes
            instructions.append(Announce(routes))
        return instructions

    def _judge(self, *, works: bool, hopeless: bool) -> State:
        if works:
            origins = {place.origin for place, trial in self._trials.items() if trial.reached}
            return State.MAPPED if origins == {Origin.MAPPING} else State.DIRECT
        if self._relays:
            return State.RELAYED
        if self._met_at is None:
            return State.LOCAL
        return State.CLIENT if hopeless else State.UNKNOWN

    def _compose(self) -> tuple[Route, ...]:
        """Confirmed public routes, one a family; relays; the address in the private network. Best first.

        Before its first test an address of the computer's own, or one that the router promised, is named too:
        the first peer of a swarm has nobody to ask.
        """
        everywhere = sorted(self._trials, key=lambda place: not self._works(place))
        public = _one_a_family(place.route for place in everywhere if self._offered(place))
        near = [place.route for place in self._all() if scope_of(place.host) is Scope.PRIVATE]
        near = near or [place.route for place in self._all() if scope_of(place.host) is Scope.LOOPBACK]
        relays = () if any(map(self._works, self._trials)) else self._relays
        return (*public, *relays)[: MAX_ROUTES - len(near[:1])] + tuple(near[:1])

    def _works(self, place: Place) -> bool:
        trial = self._trials.get(place)
        return trial is not None and bool(trial.reached)

    def _offered(self, place: Place) -> bool:
        """Whether others are told of this public place."""
        trial = self._trials.get(place)
        if trial is None:
            return False
        return bool(trial.reached) or (trial.reached is None and place.origin is not Origin.OBSERVED)

    def _all(self) -> list[Place]:
        """Every place, one for each address and port, in order of origin."""
        by_route: dict[Route, Place] = {}
        for origin in Origin:
            for place in self._places.get(origin, ()):
                by_route.setdefault(place.route, place)
        return list(by_route.values())


def _one_a_family(routes: Iterable[Route]) -> list[Route]:
    """The first IPv4 and the first IPv6 route, IPv4 first: a peer that tries but one understands it."""
    chosen: dict[bool, Route] = {}
    for route in routes:
        chosen.setdefault("[" in route.control, route)
    return [chosen[six] for six in sorted(chosen)]
