"""Which contacts are believed."""

from dataclasses import replace

import pytest

from net.addresses import Route
from net.dht.contacts import Scope, check_contact, check_told, place_of
from net.errors import AddressError, IdentityError
from net.identity import Identity, sign_contact


def card(identity, control="tcp://10.0.0.1:4000", expires=1_700_003_600.0):
    return sign_contact(identity, curve_key=bytes(32), control=control, bulk=control, expires=expires)


@pytest.mark.parametrize(
    ("address", "scope", "group"),
    [
        ("tcp://127.0.0.1:1", Scope.LOOPBACK, ""),
        ("tcp://localhost:1", Scope.LOOPBACK, ""),
        ("tcp://[::1]:1", Scope.LOOPBACK, ""),
        ("tcp://192.168.1.7:1", Scope.PRIVATE, ""),
        ("tcp://100.64.0.9:1", Scope.PRIVATE, ""),
        ("tcp://[fd00::1]:1", Scope.PRIVATE, ""),
        ("tcp://8.8.4.77:1", Scope.GLOBAL, "8.8.4.0/24"),
        ("tcp://[::ffff:8.8.4.77]:1", Scope.GLOBAL, "8.8.4.0/24"),
        ("tcp://[2a00:1450:4001:8ff::5]:1", Scope.GLOBAL, "2a00:1450:4001:800::/56"),
    ],
)
def test_places(address, scope, group):
    assert place_of(address) == (scope, group)


@pytest.mark.parametrize(
    "address",
    [
        "tcp://8.8.4.4:0",
        "tcp://0.0.0.0:5",
        "tcp://224.0.0.1:5",
        "tcp://[ff02::1]:5",
        "tcp://example.org:5",
        "udp://8.8.4.4:5",
        "",
    ],
)
def test_addresses_that_nobody_can_be_dialled_at(address):
    with pytest.raises(AddressError):
        place_of(address)


def test_a_good_card(alice, now):
    assert check_contact(card(alice), now).peer_id == alice.peer_id


def test_the_id_is_bound_to_the_key(alice, bob, now):
    forged = replace(card(alice), public_key=bob.public_key)
    with pytest.raises(IdentityError):
        check_contact(forged, now)


@pytest.mark.parametrize(
    "change", [{"routes": (Route("tcp://10.0.0.2:4000", ""),)}, {"curve_key": b"x" * 32}, {"expires": 1_700_009_999.0}]
)
def test_a_changed_card(alice, now, change):
    with pytest.raises(IdentityError):
        check_contact(replace(card(alice), **change), now)


def test_expired_and_client_cards(alice, now):
    with pytest.raises(IdentityError, match="expired"):
        check_contact(card(alice, expires=now), now)
    with pytest.raises(AddressError, match="client"):
        check_contact(card(alice, control=""), now)


def test_what_a_stranger_may_tell(alice, bob, now):
    """Not us, no repetitions, nothing forged, and no address nearer to home than its own."""
    others = [Identity(bytes([number]) * 32) for number in range(4)]
    told = (
        card(alice),
        card(others[0], "tcp://8.8.8.8:1"),
        card(others[0], "tcp://8.8.8.8:1"),
        card(others[1], "tcp://192.168.0.1:22"),
        card(others[2], "tcp://127.0.0.1:22"),
        replace(card(others[3], "tcp://9.9.9.9:1"), expires=now + 9),
    )

    def ids(teller):
        return [candidate.peer_id for candidate in check_told(told, card(bob, teller), alice.peer_id, now)]

    assert ids("tcp://1.1.1.1:1") == [others[0].peer_id]
    assert ids("tcp://192.168.0.9:1") == [others[0].peer_id, others[1].peer_id]
    assert ids("tcp://127.0.0.1:1") == [other.peer_id for other in others[:3]]
