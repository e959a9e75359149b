"""Hivemind's defects, found by reading it, that concern the DHT: each has its test here, named after it."""

from dataclasses import replace

import pytest

from net.dht.config import DhtConfig
from net.dht.contacts import check_contact
from net.dht.record import sign_record
from net.dht.storage import Storage, StorageLimits
from net.errors import IdentityError, RecordError
from net.identity import Identity, peer_id_of, sign_contact
from net.wire.limits import MAX_CLOCK_SKEW_S, MAX_RECORD_LIFE_S
from net.wire.messages import FindNode, Store

KEY = b"k" * 32


def test_defect_8_a_stranger_fills_its_quota_and_not_the_node(world, make_record):
    """No quota: anyone may fill a node's memory."""

    async def scenario():
        swarm = await world.bare_swarm(2, DhtConfig(storage=StorageLimits(total_records=100, owner_records=20)))
        node, flooder = swarm.nodes[0], world.bare_rpc()
        token = (await flooder.call(node.contact, FindNode(KEY), timeout=2)).message.token
        expires = swarm.clock.time() + 600
        records = tuple(
            replace(make_record(), owner=flooder.identity.public_key, subkey=bytes([number]), expires=expires)
            for number in range(60)
        )
        signed = tuple(sign_record(flooder.identity, record, 1) for record in records)
        answer = (await flooder.call(node.contact, Store(token, signed), timeout=2)).message
        assert [not refusal for refusal in answer.refusals] == [True] * 20 + [False] * 40
        assert "quota" in answer.refusals[-1]
        assert len(node.storage) == 20

    world.run(scenario)


def test_defect_8_a_thousand_identities_share_the_room_fairly(make_record):
    """No quota: and one owner's is no help against many owners, so that the total is bounded, too."""
    storage = Storage(StorageLimits(total_records=50, owner_records=20))
    modest = make_record(owner=Identity(bytes(32)), subkey=b"modest")
    storage.store(modest, 0)
    for number in range(1, 1000):
        owner = Identity(number.to_bytes(32, "big"))
        for index in range(3):
            try:
                storage.store(make_record(owner=owner, subkey=bytes([index])), 0)
            except RecordError:
                break
    assert len(storage) == 50
    assert modest in list(storage)


@pytest.mark.parametrize("life", [MAX_RECORD_LIFE_S + 2 * MAX_CLOCK_SKEW_S, 1e18, float("inf"), float("nan")])
def test_defect_8_nothing_is_kept_for_ever(world, make_record, life):
    """No cap on the expiry."""

    async def scenario():
        swarm = await world.bare_swarm(2)
        node, immortal = swarm.nodes[0], world.bare_rpc()
        token = (await immortal.call(node.contact, FindNode(KEY), timeout=2)).message.token
        record = sign_record(immortal.identity, replace(make_record(), expires=swarm.clock.time() + life), 1)
        answer = (await immortal.call(node.contact, Store(token, (record,)), timeout=2)).message
        assert answer.refusals[0]
        assert not len(node.storage)

    world.run(scenario)


def test_defect_8_an_id_is_the_hash_of_a_key_and_cannot_be_chosen(now):
    """Node ids are not bound to keys, so that anyone may settle beside any key."""
    identity = Identity(b"who".ljust(32))
    contact = sign_contact(
        identity, curve_key=bytes(32), control="tcp://10.0.0.1:1", bulk="tcp://10.0.0.1:2", expires=now + 60
    )
    assert check_contact(contact, now).peer_id == peer_id_of(identity.public_key) == identity.peer_id
    other = Identity(b"beside the key".ljust(32))
    with pytest.raises(IdentityError, match="does not hold"):
        check_contact(replace(contact, public_key=other.public_key), now)


def test_defect_11_a_rejected_older_store_does_not_end_the_newer_record_early(world, make_record):
    """The rejected version's expiry remains in the heap and takes the newer record with it."""

    async def scenario():
        swarm = await world.bare_swarm(2)
        node, owner = swarm.nodes[0], world.bare_rpc()
        token = (await owner.call(node.contact, FindNode(KEY), timeout=2)).message.token
        now = swarm.clock.time()
        newer = sign_record(owner.identity, replace(make_record(), expires=now + 600), 2)
        older = sign_record(owner.identity, replace(make_record(), expires=now + 5), 1)
        answer = (await owner.call(node.contact, Store(token, (newer, older)), timeout=2)).message
        assert [bool(refusal) for refusal in answer.refusals] == [False, True]
        for later in (6.0, 300.0, 599.0):
            node.storage.expire(now + later)
            assert node.storage.dictionary(newer.key, now + later) == [newer]
        assert node.storage.expire(now + 600) == 1

    world.run(scenario)
