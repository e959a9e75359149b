"""Versions, expiry, quotas and pages of what is kept for others."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from net.dht.quota import OwnerCounts
from net.dht.record import Name
from net.dht.sizes import record_bytes
from net.dht.storage import Storage, StorageLimits
from net.errors import RecordError
from net.identity import Identity
from net.wire.messages import Record

KEY = b"k" * 32


def plain(key=KEY, subkey=b"sub", owner=b"o" * 32, seq=1, expires=60.0, value=b"value"):
    """A record as storage sees it: signatures are not its business."""
    return Record(key, subkey, owner, seq, expires, value, bytes(64))


def test_the_newest_version_wins_in_any_order():
    old, new = plain(seq=1), plain(seq=2, value=b"new")
    storage = Storage()
    assert storage.store(old, 0)
    assert storage.store(new, 0)
    with pytest.raises(RecordError, match="newer"):
        storage.store(old, 0)
    assert storage.dictionary(KEY, 0) == [new]


def test_the_same_again_changes_nothing():
    storage = Storage()
    assert storage.store(plain(), 0)
    assert not storage.store(plain(), 0)
    assert len(storage) == 1


@pytest.mark.parametrize("other", [plain(value=b"other"), plain(expires=99.0)])
def test_one_number_for_two_versions_is_refused(other):
    storage = Storage()
    storage.store(plain(), 0)
    with pytest.raises(RecordError, match="same sequence number"):
        storage.store(other, 0)
    assert storage.dictionary(KEY, 0) == [plain()]


def test_a_refused_older_version_never_shortens_the_newer_one():
    """Hivemind's TimedStorage evicted the newer record when the rejected one would have expired."""
    storage = Storage()
    new = plain(seq=2, expires=100.0)
    storage.store(new, 0)
    with pytest.raises(RecordError):
        storage.store(plain(seq=1, expires=10.0), 0)
    for now in (10, 11, 99):
        storage.expire(now)
        assert storage.dictionary(KEY, now) == [new]
    assert storage.expire(100) == 1
    assert len(storage) == 0


def test_a_replaced_version_leaves_no_expiry_behind():
    storage = Storage()
    storage.store(plain(seq=1, expires=10.0), 0)
    storage.store(plain(seq=2, expires=100.0), 0)
    assert storage.expire(50) == 0
    assert len(storage) == 1


def test_subkeys_expire_one_by_one():
    storage = Storage()
    for number in range(5):
        storage.store(plain(subkey=b"%d" % number, expires=10.0 + number), 0)
    assert [record.subkey for record in storage.dictionary(KEY, 12)] == [b"3", b"4"]
    assert storage.expire(12) == 3
    assert len(storage) == 2
    storage.expire(99)
    assert storage.keys() == []


def test_rewriting_does_not_fill_memory():
    storage = Storage()
    for seq in range(5000):
        storage.store(plain(seq=seq, expires=1e6), 0)
    assert len(storage._expiries) < 200


def test_pages_are_ordered_and_complete():
    storage = Storage()
    owners = [bytes([number]) * 32 for number in range(3)]
    for number in reversed(range(100)):
        for owner in owners:
            storage.store(plain(subkey=b"%02d" % number, owner=owner), 0)
    seen, after, more = [], None, True
    while more:
        records, more, size = storage.page(KEY, 0, after=after, room=10_000)
        assert 0 < len(records) <= 64
        assert size == sum(map(record_bytes, records)) <= 10_000
        seen += [(record.subkey, record.owner) for record in records]
        after = seen[-1]
    assert seen == [(b"%02d" % number, owner) for number in range(100) for owner in owners]


def test_a_page_without_room_says_so():
    storage = Storage()
    storage.store(plain(), 0)
    assert storage.page(KEY, 0, room=10) == ((), True, 0)
    assert storage.page(b"x" * 32, 0) == ((), False, 0)
    assert storage.page(KEY, 60) == ((), False, 0), "expired records are no page"


def test_an_owner_has_a_quota_but_may_always_renew():
    storage = Storage(StorageLimits(owner_records=2))
    storage.store(plain(subkey=b"a"), 0)
    storage.store(plain(subkey=b"b"), 0)
    with pytest.raises(RecordError, match="quota"):
        storage.store(plain(subkey=b"c"), 0)
    assert storage.store(plain(subkey=b"a", seq=2), 0)
    storage.expire(60)
    assert storage.store(plain(subkey=b"c", expires=99.0), 60)


def test_greedy_owners_make_way_for_modest_ones():
    storage = Storage(StorageLimits(total_records=10, owner_records=20))
    greedy, modest = b"g" * 32, b"m" * 32
    for number in range(10):
        storage.store(plain(subkey=b"%d" % number, owner=greedy), 0)
    with pytest.raises(RecordError, match="no room"):
        storage.store(plain(subkey=b"x", owner=greedy), 0)
    for number in range(5):
        storage.store(plain(subkey=b"%d" % number, owner=modest), 0)
    with pytest.raises(RecordError, match="no room"):
        storage.store(plain(subkey=b"5", owner=modest), 0)
    kept = storage.dictionary(KEY, 0)
    assert len(kept) == 10
    assert [record.subkey for record in kept if record.owner == greedy] == [b"5", b"6", b"7", b"8", b"9"]


def test_we_ourselves_have_no_quota():
    me = b"m" * 32
    storage = Storage(StorageLimits(total_records=2, owner_records=1), privileged=me)
    for number in range(5):
        storage.store(plain(subkey=b"%d" % number, owner=me), 0)
    assert len(storage) == 5


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=200))
def test_owner_counts_know_the_largest(changes):
    counts, model = OwnerCounts(), {}
    for number, more in changes:
        owner = bytes([number])
        if not more and not model.get(owner):
            continue
        change = 1 if more else -1
        counts.add(owner, change)
        model[owner] = model.get(owner, 0) + change
        assert counts[owner] == model[owner]
        owner, most = counts.largest()
        assert most == max(model.values())
        assert most == 0 or model[owner] == most


stores = st.lists(
    st.tuples(
        st.integers(0, 2),  # key
        st.integers(0, 3),  # subkey
        st.integers(0, 3),  # owner
        st.integers(0, 4),  # seq
        st.integers(1, 40),  # life
        st.booleans(),  # value
        st.integers(0, 6),  # time that passes
    ),
    max_size=100,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(stores)
def test_storage_does_what_a_plain_dictionary_would(steps):
    """Against a model without heaps, quotas or indexes."""
    storage, model, now = Storage(), {}, 0.0
    for key, subkey, owner, seq, life, value, pause in steps:
        now += pause
        model = {name: record for name, record in model.items() if record.expires > now}
        record = plain(bytes([key]) * 32, bytes([subkey]), bytes([owner]) * 32, seq, now + life, b"%d" % value)
        known = model.get(Name.of(record))
        if known is None or known.seq < seq:
            assert storage.store(record, now)
            model[Name.of(record)] = record
        elif known == record:
            assert not storage.store(record, now)
        else:
            with pytest.raises(RecordError):
                storage.store(record, now)
        for number in range(3):
            expected = [model[name] for name in sorted(model) if name.key == bytes([number]) * 32]
            assert storage.dictionary(bytes([number]) * 32, now) == expected
    storage.expire(now)
    assert len(storage) == len(model)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(stores)
def test_quotas_hold_whatever_is_stored(steps):
    storage, now = Storage(StorageLimits(total_records=6, owner_records=4)), 0.0
    for key, subkey, owner, seq, life, value, pause in steps:
        now += pause
        record = plain(bytes([key]) * 32, bytes([subkey]), bytes([owner]) * 32, seq, now + life, b"%d" % value)
        try:
            storage.store(record, now)
        except RecordError:
            continue
        assert storage.get(Name.of(record)) == record, "what was accepted is there"
        assert len(storage) <= 6
        owners, keys = [kept.owner for kept in storage], storage.keys()
        assert all(owners.count(one) <= 4 for one in owners)
        assert sum(len(storage.dictionary(one, 0)) for one in keys) == len(storage)


def test_real_records_go_the_same_way(make_record, now):
    storage = Storage()
    storage.store(make_record(owner=Identity(bytes(32))), now)
    storage.store(make_record(), now)
    assert len(storage.dictionary(KEY, now)) == 2
