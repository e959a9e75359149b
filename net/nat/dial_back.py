"""Dial-back: whether others can open a connection to an address of ours, and the same favour for them.

Bounds against abuse are those of AutoNAT v2: only public addresses, only the asker's own, one that it does not call
from only after it has sent more than the dialling costs, and few at a time. See docs/protocol.md, Reachability.
"""

import asyncio
import hmac
import ipaddress
import logging
import random
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

from net.addresses import Contact, Endpoint, PeerId, Route, Scope, scope_of
from net.clock import Clock
from net.errors import AddressError, IdentityError, NetError
from net.identity import peer_id_of, verify_contact
from net.nat.own_addresses import has_family
from net.rpc.base import Caller, Payload, Reply, Rpc
from net.wire.limits import DIAL_BACK_PRICE_BYTES
from net.wire.messages import Message
from net.wire.nat_messages import DialBack, DialBackCode, DialBackResult, Knock, Knocked

logger = logging.getLogger(__name__)

HELPERS = 4
CARD_LIFE_S = 60.0
_ASK_TIMEOUT_S = 12.0
_DIAL_TIMEOUT_S = 6.0
_AT_ONCE = 4  # dialled for others
_EACH_S = 5.0  # between two requests of one peer, after a burst of _BURST; the same for a network
_BURST = 6.0
_REMEMBERED = 1024  # peers and networks whose requests are counted


class DialBackRpc(Rpc, Protocol):
    """What dial-back needs of `net.rpc.peer.RpcPeer` beside calls."""

    @property
    def contact(self) -> Contact:
        """This peer's card."""
        ...

    def card(self, routes: Sequence[Route], life: float) -> Contact:
        """A card of this peer with other routes, valid for `life` seconds."""
        ...

    async def call_anew(self, contact: Contact, request: Message, *, timeout: float) -> Reply:
        """As `call`, over a connection of its own that is closed afterwards."""
        ...


class DialBackAsker:
    """Asks peers to dial one of our addresses."""

    def __init__(self, rpc: DialBackRpc, rng: random.Random) -> None:
        self._rpc = rpc
        self._rng = rng
        self._expected: dict[bytes, PeerId] = {}  # who shall knock with which nonce
        self._knocked: set[bytes] = set()
        rpc.handle(Knock, self._on_knock)

    async def test(self, route: Route, known: Sequence[Contact]) -> tuple[int, int]:
        """How many of those who were asked to reached this route, and how many did not. known: whom to choose from."""
        host = Endpoint.parse(route.control).host
        others = [each for each in known if is_helper(each) and _host_of(each) != host]
        helpers = choose_helpers(others, self._rng)
        answers = await asyncio.gather(*(self._ask(helper, route) for helper in helpers))
        return answers.count(True), answers.count(False)

    async def _ask(self, helper: Contact, route: Route) -> bool | None:
        """Whether it reached us; None where it cannot tell."""
        nonce = secrets.token_bytes(16)
        request = DialBack(nonce, self._rpc.card((route,), CARD_LIFE_S))
        self._expected[nonce] = peer_id_of(helper.public_key)
        try:
            answer = (await self._rpc.call(helper, request, timeout=_ASK_TIMEOUT_S)).message
            if isinstance(answer, DialBackResult) and answer.code == DialBackCode.PAY_FIRST:
                price = (bytes(DIAL_BACK_PRICE_BYTES),)
                answer = (await self._rpc.call(helper, request, price, timeout=_ASK_TIMEOUT_S)).message
            return _verdict(answer, knocked=nonce in self._knocked)
        except NetError as error:
            logger.debug("A peer that was asked to dial back says nothing: %s", error)
            return None
        finally:
            del self._expected[nonce]
            self._knocked.discard(nonce)

    async def _on_knock(self, caller: Caller, request: Knock, _payload: Payload) -> Knocked:
        if self._expected.get(request.nonce) == caller.peer_id:
            self._knocked.add(request.nonce)
        return Knocked()


class DialBackServer:
    """Dials others who ask for it."""

    def __init__(self, rpc: DialBackRpc, clock: Clock, *, has_way_to: Callable[[str], bool] = has_family) -> None:
        """has_way_to: whether this computer can dial IP addresses of this one's family."""
        self._rpc = rpc
        self._clock = clock
        self._has_way_to = has_way_to
        self._under_way = 0
        self._spent: OrderedDict[bytes | str, tuple[float, float]] = OrderedDict()
        rpc.handle(DialBack, self._on_dial_back)

    async def _on_dial_back(self, caller: Caller, request: DialBack, payload: Payload) -> DialBackResult:
        host = self._check(caller, request.contact)
        if _same(host, Endpoint.parse(caller.address).host):
            paid = True
        else:
            paid = sum(map(len, payload)) >= DIAL_BACK_PRICE_BYTES
        if not paid:
            return DialBackResult(DialBackCode.PAY_FIRST)
        if self._under_way >= _AT_ONCE or not self._has_way_to(host) or not self._allow(caller, host):
            return DialBackResult(DialBackCode.CANNOT_TELL)
        self._under_way += 1
        try:
            answer = await self._rpc.call_anew(request.contact, Knock(request.nonce), timeout=_DIAL_TIMEOUT_S)
        except NetError as error:
            logger.debug("A peer that asked to be dialled cannot be: %s", error)
            return DialBackResult(DialBackCode.NOT_REACHED)
        finally:
            self._under_way -= 1
        reached = isinstance(answer.message, Knocked)
        return DialBackResult(DialBackCode.REACHED if reached else DialBackCode.NOT_REACHED)

    def _check(self, caller: Caller, contact: Contact) -> str:
        """The IP address that shall be dialled. Raises IdentityError or AddressError, which refuse the request."""
        now = self._clock.time()
        mine = verify_contact(contact, now) == caller.peer_id and hmac.compare_digest(
            contact.curve_key, caller.contact.curve_key
        )
        if not mine:
            raise IdentityError("Only the asker's own addresses are dialled.")
        if len(contact.routes) != 1 or contact.routes[0].relay:
            raise AddressError("Exactly one direct route is dialled.")
        endpoint = Endpoint.parse(contact.control).require_dialable(loopback=False)
        if scope_of(endpoint.host) is not Scope.GLOBAL:
            raise AddressError("Only public addresses are dialled.")
        return endpoint.host

    def _allow(self, caller: Caller, host: str) -> bool:
        """Whether neither this peer nor the network that it wants dialled has asked too often."""
        now = self._clock.monotonic()
        names: tuple[bytes | str, ...] = (caller.peer_id, network_of(host))
        rooms = {name: self._room(name, now) for name in names}
        if min(rooms.values()) < 1:
            return False
        for name, room in rooms.items():
            self._spent.pop(name, None)
            self._spent[name] = (room - 1, now)
        while len(self._spent) > _REMEMBERED:
            self._spent.popitem(last=False)
        return True

    def _room(self, name: bytes | str, now: float) -> float:
        room, since = self._spent.get(name, (_BURST, now))
        return min(_BURST, room + (now - since) / _EACH_S)


def choose_helpers(known: Sequence[Contact], rng: random.Random) -> list[Contact]:
    """At most HELPERS peers with public addresses, in different networks as far as there are enough of them."""
    by_network: dict[str, list[Contact]] = {}
    shuffled = [contact for contact in known if is_helper(contact)]
    rng.shuffle(shuffled)
    for contact in shuffled:
        by_network.setdefault(network_of(_host_of(contact)), []).append(contact)
    ranked = sorted((rank, index) for rank, index in _ranks(by_network))
    flat = list(by_network.values())
    return [flat[index][rank] for rank, index in ranked[:HELPERS]]


def is_helper(contact: Contact) -> bool:
    """Whether it names a public address, so that its word about ours means something."""
    try:
        return scope_of(_host_of(contact)) is Scope.GLOBAL
    except AddressError:
        return False


def network_of(host: str) -> str:
    """What addresses of one owner have in common: the /16 of an IPv4 address, the /32 of an IPv6 one."""
    ip = ipaddress.ip_address(host)
    return str(ipaddress.ip_network(f"{ip}/{16 if ip.version == 4 else 32}", strict=False))


def _verdict(answer: Message, *, knocked: bool) -> bool | None:
    """Whether a route works, by one helper's word; None where it says nothing, or claims what did not happen."""
    if not isinstance(answer, DialBackResult):
        return None
    match answer.code:
        case DialBackCode.REACHED:
            return True if knocked else None
        case DialBackCode.NOT_REACHED:
            return False
    return None


def _ranks(by_network: dict[str, list[Contact]]) -> list[tuple[int, int]]:
    """(n-th of its network, network) of every contact: sorted, networks take turns."""
    return [(rank, index) for index, group in enumerate(by_network.values()) for rank in range(len(group))]


def _host_of(contact: Contact) -> str:
    """The address of its first direct route. Raises AddressError where there is none."""
    return Endpoint.parse(contact.control).host


def _same(one: str, other: str) -> bool:
    try:
        return ipaddress.ip_address(one) == ipaddress.ip_address(other)
    except ValueError:
        return False
