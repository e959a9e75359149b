"""Who stands in the table, who waits, who goes."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from net.dht.contacts import place_of
from net.dht.node_id import bucket_index, distance
from net.dht.routing_table import Offer, RoutingTable

OWN = bytes(32)


def far(number):
    """An id in bucket 0."""
    return bytes([128 + number]) + bytes(31)


@pytest.fixture
def table():
    return RoutingTable(OWN, k=3, max_waiting=2)


def test_add_update_and_find(table, make_candidate, now):
    peer = make_candidate(far(1))
    assert table.offer(peer, now) is Offer.ADDED
    assert table.offer(peer, now + 1) is Offer.UPDATED
    assert len(table) == 1
    assert table.get(peer.peer_id).last_seen == now + 1
    assert table.nearest(far(9), 5, now=now) == [peer]
    assert table.contacts() == [peer.contact]


def test_ourselves_and_clients_never_enter(table, make_candidate, now):
    assert table.offer(make_candidate(OWN), now) is Offer.REFUSED
    assert table.offer(make_candidate(far(1), ""), now) is Offer.REFUSED
    assert not table.wants(make_candidate(far(1), ""))
    assert len(table) == 0


def test_old_peers_that_answer_are_preferred(table, make_candidate, now):
    old = [make_candidate(far(number)) for number in range(3)]
    for peer in old:
        table.offer(peer, now)
    new = [make_candidate(far(number)) for number in (5, 6)]
    assert [table.offer(peer, now + 1) for peer in new] == [Offer.WAITING, Offer.WAITING]
    assert [entry.candidate for entry in table] == old
    assert not table.wants(make_candidate(far(9)))


def test_a_failing_peer_gives_way_to_the_last_who_came(table, make_candidate, now):
    for number in range(3):
        table.offer(make_candidate(far(number)), now)
    for number in (5, 6):
        table.offer(make_candidate(far(number)), now)
    assert table.failed(far(0)) is None, "one failure is not enough"
    successor = table.failed(far(0))
    assert successor == make_candidate(far(6))
    assert far(0) in table, "until the other one has answered"
    assert table.offer(successor, now) is Offer.ADDED
    assert {entry.peer_id for entry in table} == {far(1), far(2), far(6)}


def test_the_next_one_is_tried_when_a_successor_does_not_answer(table, make_candidate, now):
    for number in (*range(3), 5, 6):
        table.offer(make_candidate(far(number)), now)
    table.failed(far(0))
    assert table.failed(far(0)) == make_candidate(far(6))
    assert table.failed(far(6)) == make_candidate(far(5))
    assert table.failed(far(5)) is None


def test_who_calls_while_the_bucket_is_full_is_noted_and_not_dialled(table, make_candidate, now):
    caller = make_candidate(far(7))
    table.note(caller, now)
    for number in range(3):
        table.offer(make_candidate(far(number)), now)
    assert not table.wants(caller)
    table.note(caller, now)
    table.failed(far(1))
    assert table.failed(far(1)) == caller
    assert table.failed(far(1)) is None, "it was noted once: before, there was room for it"


def test_a_failing_peer_stays_while_nobody_waits(table, make_candidate, now):
    """Our own line may be what broke: the table must not empty itself."""
    peer = make_candidate(far(0))
    table.offer(peer, now)
    for _ in range(5):
        table.failed(peer.peer_id)
    assert peer.peer_id in table
    assert table.nearest(OWN, 3, now=now) == []
    assert table.doubtful(now, 900) == [peer]
    table.offer(peer, now + 5)
    assert table.nearest(OWN, 3, now=now) == [peer]


def test_a_newcomer_takes_the_place_of_a_bad_peer(table, make_candidate, now):
    for number in range(3):
        table.offer(make_candidate(far(number)), now)
    table.failed(far(1))
    table.failed(far(1))
    assert table.wants(make_candidate(far(5)))
    assert table.offer(make_candidate(far(5)), now) is Offer.ADDED
    assert far(1) not in table


def test_peers_that_failed_once_are_asked_but_not_passed_on(table, make_candidate, now):
    table.offer(make_candidate(far(0)), now)
    table.failed(far(0))
    assert len(table.nearest(OWN, 3, now=now)) == 1
    assert table.nearest(OWN, 3, now=now, told=True) == []


def test_expired_cards_are_not_passed_on(table, make_candidate, now):
    table.offer(make_candidate(far(0), expires=now + 5), now)
    assert len(table.nearest(OWN, 3, now=now, told=True)) == 1
    assert table.nearest(OWN, 3, now=now + 5, told=True) == []


def test_a_silent_failing_peer_is_forgotten_at_last(table, make_candidate, now):
    table.offer(make_candidate(far(0)), now)
    table.forget_silent(now + 100, 50)
    assert far(0) in table, "silent, but not failing"
    table.failed(far(0))
    table.failed(far(0))
    table.forget_silent(now + 49, 50)
    assert far(0) in table
    table.forget_silent(now + 50, 50)
    assert far(0) not in table


def test_heard_from(table, make_candidate, now):
    assert not table.heard(make_candidate(far(0)), now)
    table.offer(make_candidate(far(0)), now)
    renewed = make_candidate(far(0), expires=now + 999_999)
    assert table.heard(renewed, now + 7)
    assert table.get(far(0)).contact == renewed.contact
    assert table.get(far(0)).last_seen == now + 7
    assert not table.heard(make_candidate(far(0), "tcp://10.0.0.9:1"), now), "it moved: dial it back"
    assert not table.heard(make_candidate(far(0), run=1), now), "it was started anew: dial it back"
    table.failed(far(0))
    assert not table.heard(renewed, now), "it failed: find out whether it can be reached"


def test_a_renewed_card_that_others_pass_on_is_taken_over(table, make_candidate, now):
    table.offer(make_candidate(far(0), expires=now + 5), now)
    later = make_candidate(far(0), expires=now + 50)
    for other in (make_candidate(far(0), run=1, expires=now + 99), make_candidate(far(0), expires=now + 1)):
        table.renew(other)
        assert table.get(far(0)).contact.expires == now + 5, "another run, or an older card"
    table.renew(later)
    assert table.get(far(0)).contact == later.contact
    table.renew(make_candidate(far(1)))
    assert far(1) not in table


def test_two_of_a_network_in_a_bucket(make_candidate, now):
    table = RoutingTable(OWN)
    outcomes = [table.offer(make_candidate(far(n), f"tcp://8.8.8.{n}:1"), now) for n in range(3)]
    assert outcomes == [Offer.ADDED, Offer.ADDED, Offer.REFUSED]
    assert not table.wants(make_candidate(far(3), "tcp://8.8.8.3:1"))
    assert table.offer(make_candidate(far(3), "tcp://8.8.9.3:1"), now) is Offer.ADDED
    table.remove(far(0))
    assert table.offer(make_candidate(far(4), "tcp://8.8.8.4:1"), now) is Offer.ADDED


def test_ten_of_a_network_in_the_table(make_candidate, now):
    table = RoutingTable(OWN)
    ids = [bytes([128 >> bucket | low]) + bytes(31) for bucket in range(7) for low in range(2 if bucket < 6 else 1)]
    outcomes = [table.offer(make_candidate(i, f"tcp://8.8.8.{n}:1"), now) for n, i in enumerate(ids)]
    assert outcomes.count(Offer.ADDED) == 10


def test_no_such_limit_at_home(make_candidate, now):
    table = RoutingTable(OWN)
    for number in range(20):
        assert table.offer(make_candidate(far(number), f"tcp://127.0.0.1:{number + 1}"), now) is Offer.ADDED


def test_buckets_to_refresh(table, make_candidate, now):
    for first in (1, 2, 16, 17, 128):
        assert table.buckets_to_refresh(now, 60) == [] or len(table) >= 3, "so few are known to each other anyway"
        table.offer(make_candidate(bytes([first]) + bytes(31)), now)
    assert table.buckets_to_refresh(now, 60) == [0, 1, 2, 3], "not 6 and 7, which are among the 3 nearest to us"
    table.looked_up(bytes([32]) + bytes(31), now)
    table.looked_up(OWN, now)
    assert table.buckets_to_refresh(now + 59, 60) == [0, 1, 3]
    assert table.buckets_to_refresh(now + 60, 60) == [0, 1, 2, 3]


ADDRESSES = ["", "tcp://8.8.8.1:1", "tcp://8.8.8.2:1", "tcp://9.9.9.9:1", "tcp://10.0.0.1:1", "tcp://127.0.0.1:1"]
steps = st.lists(
    st.tuples(
        st.sampled_from(["offer", "offer", "heard", "failed", "failed", "remove"]),
        st.integers(0, 255),
        st.sampled_from(ADDRESSES),
    ),
    max_size=120,
)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(steps, st.integers(0, 255))
def test_invariants_hold_whatever_happens(make_candidate, now, steps, target):
    table = RoutingTable(OWN, k=3, group_per_bucket=2, group_per_table=4, max_waiting=2)
    for step, (what, number, address) in enumerate(steps):
        peer = make_candidate(bytes([number]) + bytes(31), address)
        if what == "offer":
            wanted = table.wants(peer)
            outcome = table.offer(peer, now + step)
            assert not (outcome is Offer.ADDED and not wanted), "whom the table takes it must have wanted"
        elif what == "heard":
            table.heard(peer, now + step)
        elif what == "failed":
            table.failed(peer.peer_id)
        else:
            table.remove(peer.peer_id)
    entries = list(table)
    buckets = Counter(bucket_index(OWN, entry.peer_id) for entry in entries)
    assert all(count <= 3 for count in buckets.values())
    assert len({entry.peer_id for entry in entries}) == len(entries) == len(table)
    groups = Counter(place_of(entry.contact.control).group for entry in entries)
    assert all(count <= 4 for group, count in groups.items() if group)
    in_bucket = Counter((bucket_index(OWN, e.peer_id), place_of(e.contact.control).group) for e in entries)
    assert all(count <= 2 for (_, group), count in in_bucket.items() if group)
    wanted = bytes([target]) + bytes(31)
    good = sorted((e.candidate for e in entries if table.is_good(e)), key=lambda c: distance(wanted, c.peer_id))
    for count in (1, 4, 99):
        assert table.nearest(wanted, count, now=now) == good[:count]
