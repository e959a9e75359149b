"""Announcements are believed only as far as they are consistent, and rivals are ranked alike by everyone."""

import itertools
from dataclasses import replace

import pytest

from core.experts.announcement import VERSION, AnnouncedExpert, Announcement, read, resolve, row_key
from core.experts.uid import Grid
from net.addresses import Route
from net.clock import SystemClock
from net.wire.limits import MAX_VALUE_BYTES
from net.wire.messages import Record
from tests.support.expert_swarm import PROJECT, Peer, Swarm

GRID = Grid("ffn.", (4, 4))
SWARM = Swarm(SystemClock())
PEER, RIVAL = SWARM.peer(), SWARM.peer()
NOW = SWARM.clock.time()


def record(peer: Peer = PEER, *, subkey: bytes = b"3", **changes) -> Record:
    said = replace(Announcement(VERSION, peer.contact, NOW - 5, 7, "serving"), **changes)
    return Record(row_key(PROJECT, "ffn.1."), subkey, peer.identity.public_key, 1, NOW + 60, said.to_bytes(), bytes(64))


def test_a_good_announcement_names_expert_host_and_age() -> None:
    found = read(record(), GRID, "ffn.1.", NOW)
    expected = AnnouncedExpert("ffn.1.3", (1, 3), PEER.peer_id, PEER.contact, NOW - 5, 7, "serving", NOW + 60)
    assert found == expected
    assert len(record().value) <= MAX_VALUE_BYTES


def test_the_longest_contact_fits_a_dht_value() -> None:
    v6, v4 = "tcp://[2a00:1234:5678:9abc:def0:1234:5678:9abc]:48021", "tcp://255.255.255.255:65535"
    routes = (Route(v6, v6), Route(v4, v4), Route(v6, v6, bytes(32)), Route(v6, v6, bytes(32)))
    contact = replace(PEER.contact, routes=routes)
    assert len(Announcement(VERSION, contact, NOW, 2**40, "claiming").to_bytes()) <= MAX_VALUE_BYTES


@pytest.mark.parametrize(
    "broken",
    [
        replace(record(), value=b""),
        replace(record(), value=b"\xc1garbage"),
        replace(record(), value=record().value[:-1]),
        replace(record(), owner=RIVAL.identity.public_key),  # somebody announces another peer's contact
        replace(record(), expires=NOW),
        record(subkey=b"4"),
        record(subkey=b"03"),
        record(subkey=b"3.0"),
        record(subkey="٣".encode()),
        record(subkey=b""),
        record(state="mine"),
        record(since=NOW + 60),
        record(contact=replace(PEER.contact, routes=(Route("tcp://10.9.9.9:1", ""),))),  # changed on the way
        record(contact=replace(PEER.contact, expires=NOW - 1)),
    ],
)  # fmt: skip
def test_anything_else_is_nobodys_word(broken: Record) -> None:
    assert read(broken, GRID, "ffn.1.", NOW) is None


def test_another_version_is_not_guessed_at() -> None:
    value = bytearray(record().value)
    assert value[1] == VERSION
    value[1] = VERSION + 1
    assert read(replace(record(), value=bytes(value)), GRID, "ffn.1.", NOW) is None


def announced(peer: Peer, since: float, state: str = "serving", uid: str = "ffn.1.3") -> AnnouncedExpert:
    return AnnouncedExpert(uid, (1, 3), peer.peer_id, peer.contact, since, 0, state, NOW + 60)


def test_of_two_hosts_the_earlier_one_is_right_whatever_is_heard_first() -> None:
    early, late = announced(PEER, 1.0), announced(RIVAL, 2.0)
    for order in itertools.permutations([early, late]):
        assert resolve(order) == {"ffn.1.3": early}


def test_at_the_same_moment_the_lower_peer_id_is_right() -> None:
    first, second = sorted([PEER, RIVAL], key=lambda peer: peer.peer_id)
    assert resolve([announced(second, 1.0), announced(first, 1.0)])["ffn.1.3"].peer_id == first.peer_id


def test_whoever_serves_comes_before_whoever_only_wants_to() -> None:
    serving, wanting = announced(PEER, 9.0), announced(RIVAL, 1.0, "claiming")
    assert resolve([wanting, serving])["ffn.1.3"] is serving
    paused = announced(PEER, 9.0, "paused")
    assert resolve([wanting, paused])["ffn.1.3"] is paused
