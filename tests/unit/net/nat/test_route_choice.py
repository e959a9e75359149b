"""Which routes of a contact are dialled, and in which order."""

import pytest

from net.addresses import Contact, Route
from net.identity import Identity, peer_id_of, sign_contact
from net.nat.route_choice import RouteChoice


def route(host: str) -> Route:
    return Route(f"tcp://{host}:4801", f"tcp://{host}:4802")


V4, V6, NEAR, HERE = route("11.1.0.1"), route("[2a00:1::1]"), route("192.168.1.5"), route("127.0.0.1")
RELAY = Route("tcp://11.9.0.1:4801", "tcp://11.9.0.1:4802", b"k" * 32)
HOME_RELAY = Route("tcp://192.168.1.1:80", "tcp://192.168.1.1:80", b"k" * 32)


def contact(*routes: Route) -> Contact:
    return sign_contact(Identity(bytes(32)), curve_key=bytes(32), control="", bulk="", expires=1e9, others=routes)


def choice(*, ipv6: bool = True, secluded: bool = False, loopback: bool = False) -> RouteChoice:
    made = RouteChoice(loopback=loopback, has_way_to=lambda _: ipv6)
    made.secluded = secluded
    made.look()
    return made


def test_ipv6_comes_first_where_there_is_any() -> None:
    assert choice().routes(contact(V4, V6, RELAY)) == (V6, V4, RELAY)
    assert choice(ipv6=False).routes(contact(V4, V6, RELAY)) == (V4, RELAY)


def test_private_addresses_of_strangers_are_never_dialled() -> None:
    assert choice().routes(contact(V4, NEAR)) == (V4,)
    assert choice().routes(contact(NEAR, HERE, HOME_RELAY)) == ()


def test_neighbours_are_dialled_at_home_first() -> None:
    made, card = choice(), contact(V4, V6, NEAR)
    made.neighbours = frozenset({peer_id_of(card.public_key)})
    assert made.routes(card) == (NEAR, V6, V4)


def test_a_secluded_peer_dials_whatever_its_swarm_uses() -> None:
    assert choice(secluded=True).routes(contact(NEAR, HERE)) == (NEAR, HERE)


def test_a_loopback_peer_stays_on_this_computer() -> None:
    assert choice(loopback=True).routes(contact(V4, NEAR, HERE, RELAY)) == (HERE,)


@pytest.mark.parametrize("text", ["", "tcp://example.org:80", "tcp://224.0.0.1:80", "ipc:///tmp/x", "tcp://0.0.0.0:1"])
def test_nonsense_in_a_strangers_contact_is_passed_over(text: str) -> None:
    assert choice(secluded=True).routes(contact(Route(text, text), V4)) == (V4,)
    assert choice(secluded=True).routes(contact(Route(V6.control, text), V4)) == (V4,)


def test_both_planes_are_on_one_computer() -> None:
    assert choice().routes(contact(Route(V4.control, "tcp://11.2.0.1:4802"), V6)) == (V6,)
