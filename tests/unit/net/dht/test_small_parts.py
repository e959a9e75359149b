"""Tokens, blacklist, read cache, sizes."""

import random

import pytest

from net.dht.blacklist import Blacklist
from net.dht.cache import ReadCache
from net.dht.sizes import contact_bytes, record_bytes
from net.dht.tokens import TOKEN_BYTES, WriteTokens
from net.identity import sign_contact
from net.wire.codec import encode
from net.wire.limits import MAX_ADDRESS_CHARS
from net.wire.messages import Nodes, Store


@pytest.fixture
def tokens():
    return WriteTokens(300.0, random.Random(1).randbytes)


def test_a_token_is_good_for_one_peer(tokens):
    token = tokens.issue(b"a" * 32, 0)
    assert len(token) == TOKEN_BYTES
    assert tokens.accepts(token, b"a" * 32, 0)
    assert not tokens.accepts(token, b"b" * 32, 0)
    assert not tokens.accepts(b"", b"a" * 32, 0)
    assert not tokens.accepts(b"x" * TOKEN_BYTES, b"a" * 32, 0)


def test_a_token_lives_for_one_to_two_periods(tokens):
    tokens.issue(b"a" * 32, 0)
    token = tokens.issue(b"a" * 32, 299)
    assert tokens.accepts(token, b"a" * 32, 301)
    assert tokens.accepts(token, b"a" * 32, 600)
    assert not tokens.accepts(token, b"a" * 32, 601)


def test_tokens_do_not_survive_a_long_silence(tokens):
    token = tokens.issue(b"a" * 32, 0)
    assert not tokens.accepts(token, b"a" * 32, 10_000)


def test_tokens_of_another_node_are_worthless(tokens):
    other = WriteTokens(300.0, random.Random(2).randbytes)
    assert not tokens.accepts(other.issue(b"a" * 32, 0), b"a" * 32, 0)


def test_back_off_doubles_and_is_bounded(make_candidate):
    contact = make_candidate(b"a").contact
    blacklist, now, waits = Blacklist(1.0, 8.0), 0.0, []
    for _ in range(6):
        blacklist.failed(contact, now)
        start = now
        while blacklist.blocks(contact, now):
            now += 0.5
        waits.append(now - start)
    assert waits == [1, 2, 4, 8, 8, 8]
    blacklist.failed(contact, now)
    blacklist.succeeded(contact)
    assert not blacklist.blocks(contact, now)


def test_calls_that_fail_together_count_once(make_candidate):
    contact = make_candidate(b"a").contact
    blacklist = Blacklist(1.0, 300.0)
    for _ in range(10):
        blacklist.failed(contact, 0.0)
    assert not blacklist.blocks(contact, 1.0)


def test_a_restarted_peer_has_a_clean_slate_and_nobody_can_blacklist_another(make_candidate):
    blacklist = Blacklist()
    blacklist.failed(make_candidate(b"a", run=1).contact, 0.0)
    assert not blacklist.blocks(make_candidate(b"a", run=2).contact, 0.0)
    assert not blacklist.blocks(make_candidate(b"b", run=1).contact, 0.0)


def test_the_blacklist_is_bounded(make_candidate):
    blacklist = Blacklist(capacity=10)
    for number in range(50):
        blacklist.failed(make_candidate(bytes([number])).contact, 0.0)
    assert len(blacklist) == 10


def test_cache_forgets_by_age_and_by_writes(make_record):
    cache = ReadCache(5.0)
    cache.put(b"a", [make_record()], 0.0)
    assert cache.get(b"a", 4.9) == [make_record()]
    assert cache.get(b"a", 5.0) is None
    cache.put(b"b", [], 0.0)
    assert cache.get(b"b", 1.0) == []
    cache.drop(b"b")
    assert cache.get(b"b", 1.0) is None


def test_what_is_asked_for_is_due_before_it_goes_stale(make_record, now):
    cache = ReadCache(10.0)
    cache.put(b"long", [make_record(life=60.0)], 0.0)
    cache.put(b"short", [make_record(life=60.0), make_record(life=7.0)], 0.0)
    assert [cache.due(key, 4.0, now) for key in (b"long", b"short", b"unknown")] == [False, False, False]
    assert [cache.due(key, 4.0, now + 4.0) for key in (b"long", b"short")] == [False, True]
    assert cache.due(b"long", 5.0, now + 5.0)


def test_cache_is_bounded_in_keys_and_records(make_record):
    cache = ReadCache(5.0, capacity=3, max_records=5)
    for number in range(10):
        cache.put(b"%d" % number, [], 0.0)
    assert len(cache) == 3
    for number in range(4):
        cache.put(b"%d" % number, [make_record()] * 2, 0.0)
    assert len(cache) == 2
    assert cache.get(b"3", 0.0) is not None


@pytest.mark.parametrize("size", [0, 1, 31, 32, 64, 255, 256, 1000])
def test_sizes_are_upper_bounds(make_record, alice, size):
    empty = len(encode(Store(bytes(32), ())))
    record = make_record(value=bytes(size), subkey=bytes(min(size, 64)), seq=2**62)
    assert len(encode(Store(bytes(32), (record,)))) - empty <= record_bytes(record)
    address = "tcp://".ljust(min(size, MAX_ADDRESS_CHARS), "1")[:MAX_ADDRESS_CHARS]
    contact = sign_contact(alice, curve_key=bytes(32), control=address, bulk=address, expires=1e9)
    assert len(encode(Nodes((contact,), b""))) - len(encode(Nodes((), b""))) <= contact_bytes(contact)
