"""How sparse peers must stand for a lookup to count as led astray."""

import random

import pytest

from net.dht.density import COMPARED, expected_nearer, is_sparse
from net.dht.node_id import distance


def nearest(peers, target, count):
    return sorted(peers, key=lambda peer: distance(target, peer.peer_id))[:count]


@pytest.fixture
def peers(make_candidate):
    rng = random.Random(11)
    return [make_candidate(rng.randbytes(32)) for _ in range(1000)]


def share_of_alarms(peers, visible, rng, trials=300):
    alarms = 0
    for _ in range(trials):
        target, own = rng.randbytes(32), rng.choice(peers)
        neighbours = nearest([peer for peer in peers if peer is not own], own.peer_id, 20)
        found = nearest(visible, target, COMPARED)
        alarms += is_sparse(int.from_bytes(target, "big"), found, own.number, neighbours)
    return alarms / trials


def test_where_everybody_is_found_it_is_content(peers, rng):
    assert share_of_alarms(peers, peers, rng) <= 0.02


def test_where_a_fifth_is_found_it_is_not(peers, rng):
    assert share_of_alarms(peers, peers[:200], rng) >= 0.9


def test_few_are_sparse_only_where_more_are_known(peers):
    few = peers[:5]
    assert is_sparse(0, few, 1, peers[:20])
    assert not is_sparse(0, few, 1, few)
    assert not is_sparse(0, [], 1, [])


def test_how_many_are_nearer_is_told_within_chance(peers, rng):
    ratios = []
    for _ in range(100):
        target, own = rng.randbytes(32), rng.choice(peers)
        neighbours = nearest([peer for peer in peers if peer is not own], own.peer_id, 20)
        fiftieth = nearest(peers, target, 50)[-1]
        ratios.append(expected_nearer(int.from_bytes(target, "big"), fiftieth, own.number, neighbours) / 50)
    assert 0.9 <= sum(ratios) / 100 <= 1.2
    assert 0.3 <= min(ratios) <= max(ratios) <= 3
