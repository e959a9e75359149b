"""The lookup as a state machine, played against made-up networks."""

import random

import pytest

from net.dht.lookup import Lookup
from net.dht.node_id import distance

TARGET = bytes(32)


@pytest.fixture
def peer(make_candidate):
    """peer(5) is at distance 5 from the target."""
    return lambda number: make_candidate(number.to_bytes(32, "big"))


def numbers(candidates):
    return [int.from_bytes(candidate.peer_id, "big") for candidate in candidates]


def test_asks_the_alpha_nearest_first(peer):
    lookup = Lookup(TARGET, [peer(n) for n in (9, 3, 7, 5)], alpha=3)
    assert numbers(lookup.next()) == [3, 5, 7]
    assert lookup.next() == []
    assert not lookup.done


def test_follows_the_nearest_that_are_named(peer):
    lookup = Lookup(TARGET, [peer(9)], alpha=1, want=2)
    assert numbers(lookup.next()) == [9]
    lookup.answered(peer(9).peer_id, [peer(4), peer(6), peer(8)])
    assert numbers(lookup.next()) == [4]
    lookup.answered(peer(4).peer_id, [peer(1), peer(6)])
    assert numbers(lookup.next()) == [1]
    lookup.answered(peer(1).peer_id, [])
    assert lookup.done, "the two nearest, 1 and 4, have answered"
    assert numbers(lookup.nearest(9)) == [1, 4, 9]
    assert (lookup.asked, lookup.failures, lookup.hops, lookup.heard_of) == (3, 0, 3, 5)


def test_the_dead_are_replaced_by_the_next(peer):
    lookup = Lookup(TARGET, [peer(n) for n in (1, 2, 3, 4)], alpha=2, want=2)
    assert numbers(lookup.next()) == [1, 2]
    lookup.failed(peer(1).peer_id)
    assert numbers(lookup.next()) == [3]
    lookup.answered(peer(2).peer_id, [])
    lookup.failed(peer(3).peer_id)
    assert numbers(lookup.next()) == [4]
    lookup.answered(peer(4).peer_id, [])
    assert lookup.done
    assert numbers(lookup.nearest(5)) == [2, 4]
    assert lookup.failures == 2


def test_without_anyone_to_ask_it_is_done(peer):
    assert Lookup(TARGET, []).done
    lookup = Lookup(TARGET, [peer(1)])
    lookup.next()
    lookup.failed(peer(1).peer_id)
    assert lookup.done
    assert lookup.nearest(5) == []
    assert lookup.hops == 0


def test_a_stalled_peer_frees_its_place_and_still_counts(peer):
    lookup = Lookup(TARGET, [peer(n) for n in (1, 2, 3)], alpha=1, want=1)
    assert numbers(lookup.next()) == [1]
    lookup.stalled(peer(1).peer_id)
    assert numbers(lookup.next()) == [2]
    assert not lookup.done
    lookup.answered(peer(1).peer_id, [])
    assert lookup.done
    assert numbers(lookup.nearest(1)) == [1]


def test_waits_for_the_stalled_when_there_is_nobody_else(peer):
    lookup = Lookup(TARGET, [peer(1)])
    lookup.next()
    lookup.stalled(peer(1).peer_id)
    assert not lookup.done
    assert lookup.next() == []
    lookup.answered(peer(1).peer_id, [])
    assert lookup.done


def test_answers_that_nobody_asked_for_change_nothing(peer):
    lookup = Lookup(TARGET, [peer(1)])
    lookup.answered(peer(1).peer_id, [peer(2)])
    lookup.answered(peer(7).peer_id, [peer(3)])
    lookup.failed(peer(1).peer_id)
    assert numbers(lookup.next()) == [1]
    lookup.answered(peer(1).peer_id, [peer(4)])
    lookup.answered(peer(1).peer_id, [peer(5)])
    assert lookup.heard_of == 2


def test_a_search_for_values_ends_with_enough_holders(peer):
    lookup = Lookup(TARGET, [peer(n) for n in range(1, 9)], alpha=3, want=8, holders=2)
    assert numbers(lookup.next()) == [1, 2], "a third answer may not be needed"
    lookup.answered(peer(1).peer_id, [])
    assert numbers(lookup.next()) == [3]
    lookup.answered(peer(3).peer_id, [], holds=True)
    assert lookup.next() == []
    assert not lookup.done
    lookup.failed(peer(2).peer_id)
    assert numbers(lookup.next()) == [4]
    lookup.answered(peer(4).peer_id, [], holds=True)
    assert lookup.done
    assert lookup.next() == []


def test_a_newer_card_of_a_peer_replaces_the_older_one(make_candidate):
    old, new = make_candidate(b"a", "tcp://10.0.0.1:1"), make_candidate(b"a", "tcp://10.0.0.1:2", expires=2e9)
    lookup = Lookup(TARGET, [old, make_candidate(bytes(31) + b"\1")], alpha=1)
    first = lookup.next()[0]
    lookup.answered(first.peer_id, [new])
    assert lookup.next() == [new]


def test_believes_at_most_k_contacts_of_one_answer(peer):
    lookup = Lookup(TARGET, [peer(10_000)], k=5)
    lookup.next()
    lookup.answered(peer(10_000).peer_id, [peer(n) for n in range(1, 10_000)])
    assert lookup.heard_of == 6


def test_an_endless_chain_of_ever_nearer_liars_ends(peer):
    lookup = Lookup(TARGET, [peer(10**9)], k=20, want=20)
    nearest, asked = 10**9, 0
    while not lookup.done:
        for candidate in lookup.next():
            asked += 1
            nearest -= 20
            lookup.answered(candidate.peer_id, [peer(nearest + n) for n in range(20)])
    assert asked == lookup.asked == 60


def test_disjoint_paths_ask_nobody_twice_and_follow_their_own_answers(peer):
    seeds = [peer(n) for n in (10, 20, 30, 40)]
    lookup = Lookup(TARGET, seeds, alpha=1, want=2, paths=2)
    assert numbers(lookup.next()) == [10, 20]  # dealt out: 10 and 30 to one path, 20 and 40 to the other
    lookup.answered(peer(10).peer_id, [peer(1), peer(2)])
    lookup.answered(peer(20).peer_id, [peer(1), peer(3)])
    assert numbers(lookup.next()) == [1, 3]
    lookup.answered(peer(1).peer_id, [])
    assert numbers(lookup.next()) == [2]
    lookup.answered(peer(2).peer_id, [])
    lookup.answered(peer(3).peer_id, [])
    assert lookup.done
    assert lookup.next() == []
    assert numbers(lookup.nearest(9)) == [1, 2, 3, 10, 20]


def test_every_path_finds_a_holder_of_its_own(peer):
    lookup = Lookup(TARGET, [peer(n) for n in (1, 2, 3, 4)], alpha=1, want=8, paths=2, holders=2)
    assert numbers(lookup.next()) == [1, 2]
    lookup.answered(peer(1).peer_id, [], holds=True)
    assert not lookup.done, "one path captured by a liar does not end the other"
    lookup.answered(peer(2).peer_id, [])
    assert numbers(lookup.next()) == [4]
    lookup.answered(peer(4).peer_id, [], holds=True)
    assert lookup.done


class _Network:
    """Peers with ideal tables; bad ones name bad ones only and hold nothing."""

    def __init__(self, rng, make_candidate, size, bad_share=0.0, dead_share=0.0):
        self.peers = [make_candidate(rng.randbytes(32)) for _ in range(size)]
        shuffled = rng.sample(self.peers, size)
        self.bad = {peer.peer_id for peer in shuffled[: int(size * bad_share)]}
        self.dead = {peer.peer_id for peer in shuffled[size - int(size * dead_share) :]}
        self._bad_peers = [peer for peer in self.peers if peer.peer_id in self.bad]
        self._tables = {}
        self._rng = rng

    def table(self, owner):
        """20 peers of each distance from `owner`."""
        if owner not in self._tables:
            buckets = {}
            for peer in self._rng.sample(self.peers, len(self.peers)):
                if peer.peer_id != owner:
                    bucket = buckets.setdefault(distance(owner, peer.peer_id).bit_length(), [])
                    if len(bucket) < 20:
                        bucket.append(peer)
            self._tables[owner] = [peer for bucket in buckets.values() for peer in bucket]
        return self._tables[owner]

    def nearest(self, target, among, count=20):
        return sorted(among, key=lambda peer: distance(target, peer.peer_id))[:count]

    def search(self, target, start, **options):
        lookup = Lookup(target, self.nearest(target, self.table(start)), **options)
        holders = {peer.peer_id for peer in self.nearest(target, self.peers, 5)}
        reached = False
        while not lookup.done:
            for peer in lookup.next():
                if peer.peer_id in self.dead:
                    lookup.failed(peer.peer_id)
                elif peer.peer_id in self.bad:
                    lookup.answered(peer.peer_id, self.nearest(target, self._bad_peers))
                else:
                    reached = reached or peer.peer_id in holders
                    lookup.answered(peer.peer_id, self.nearest(target, self.table(peer.peer_id)))
        return lookup, reached


@pytest.fixture
def make_network(make_candidate):
    return lambda **options: _Network(random.Random(3), make_candidate, **options)


@pytest.mark.parametrize("dead_share", [0.0, 0.3])
def test_finds_exactly_the_nearest(make_network, dead_share):
    network = make_network(size=300, dead_share=dead_share)
    alive = [peer for peer in network.peers if peer.peer_id not in network.dead]
    rng = random.Random(5)
    for _ in range(10):
        target = rng.randbytes(32)
        lookup, _ = network.search(target, rng.choice(alive).peer_id)
        assert lookup.nearest(8) == network.nearest(target, alive, 8)


def test_more_paths_withstand_more_colluders(make_network):
    network = make_network(size=300, bad_share=0.4)
    good = [peer.peer_id for peer in network.peers if peer.peer_id not in network.bad]
    rng = random.Random(5)
    cases = [(rng.randbytes(32), rng.choice(good)) for _ in range(40)]
    reached = {
        paths: sum(network.search(target, start, want=8, paths=paths)[1] for target, start in cases) for paths in (1, 4)
    }
    assert reached[4] > reached[1]
    assert reached[4] >= 36


def test_a_broadened_search_counts_on_nobody_that_was_asked_before(peer):
    lookup = Lookup(TARGET, [peer(n) for n in (50, 60)], alpha=1, want=2, paths=2)
    liars = [peer(1), peer(2)]
    while not lookup.done:
        for candidate in lookup.next():
            lookup.answered(candidate.peer_id, liars)
    assert numbers(lookup.nearest(9)) == [1, 2, 50, 60]
    before = lookup.asked
    lookup.broaden([peer(n) for n in (50, 70, 80, 1)])
    assert not lookup.done
    assert numbers(lookup.next()) == [70, 80], "nobody is asked twice"
    lookup.answered(peer(70).peer_id, [*liars, peer(9), peer(10)])
    assert numbers(lookup.next()) == [9], "the liars fill no window any more"
    lookup.answered(peer(80).peer_id, [])
    lookup.answered(peer(9).peer_id, [])
    assert numbers(lookup.next()) == [10]
    lookup.answered(peer(10).peer_id, [])
    assert lookup.done
    assert lookup.asked == before + 4
    assert numbers(lookup.nearest(4)) == [1, 2, 9, 10], "what was found stays found"


def test_a_broadened_search_without_other_contacts_is_done(peer):
    lookup = Lookup(TARGET, [peer(1)], want=2, paths=2)
    for candidate in lookup.next():
        lookup.answered(candidate.peer_id, [])
    assert lookup.done
    lookup.broaden([])
    assert lookup.done
    assert lookup.next() == []


def test_before_the_first_answer_fewer_may_be_asked(peer):
    lookup = Lookup(TARGET, [peer(n) for n in (5, 6, 7)], alpha=3, want=8, holders=2, first=1)
    assert numbers(lookup.next()) == [5]
    assert lookup.next() == []
    lookup.stalled(peer(5).peer_id)
    assert numbers(lookup.next()) == [6], "a slow one holds up nothing"
    lookup.answered(peer(6).peer_id, [peer(1), peer(2), peer(3)])
    assert numbers(lookup.next()) == [1, 2]
