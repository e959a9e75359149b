"""What one node promises to the rest of Hivelet."""

import asyncio

import pytest

from net.clock import LoopClock, SystemClock
from net.dht.base import Dht, Entry, dht_key
from net.dht.config import DhtConfig
from net.dht.node import DhtNode
from net.errors import ClosedError, IdentityError, RecordError
from net.wire.limits import MAX_RECORD_LIFE_S
from net.wire.messages import FindNode, FindValue, Ping, Store

KEY = dht_key("key")


def values(records):
    return [record.value for record in records]


def entry(clock, subkey=b"sub", value=b"value", life=600.0, key=KEY):
    return Entry(key, subkey, value, clock.time() + life)


def test_alone_it_works_at_once_and_without_a_message(world):
    async def scenario():
        swarm = await world.swarm(1)
        node: Dht = swarm.nodes[0]
        started = asyncio.get_running_loop().time()
        assert await node.store([entry(swarm.clock, b"b"), entry(swarm.clock, b"a", b"other")]) == [1, 1]
        found = await node.get([KEY, dht_key("nothing")], fresh=True)
        assert values(found[KEY]) == [b"other", b"value"]
        assert found[dht_key("nothing")] == []
        assert asyncio.get_running_loop().time() == started
        assert world.network.messages == 0

    world.run(scenario)


@pytest.mark.parametrize("size", [2, 4, 16])
def test_small_swarms_take_one_round_trip(world, size):
    """The round trip is 40 ms here; connections are made and write tokens known since the last store."""

    async def scenario():
        swarm = await world.swarm(size)
        await asyncio.sleep(5)
        loop = asyncio.get_running_loop()
        keys = [dht_key(str(number)) for number in range(40)]
        await swarm.nodes[0].store([entry(swarm.clock, key=dht_key(b"early %d" % number)) for number in range(40)])
        started = loop.time()
        entries = [entry(swarm.clock, key=key) for key in keys]
        assert set(await swarm.nodes[0].store(entries)) <= {min(size, 11), min(size, 10)}
        assert loop.time() - started == pytest.approx(0.04)
        started = loop.time()
        found = await swarm.nodes[-1].get(keys)
        assert loop.time() - started == pytest.approx(0.04)
        assert all(values(found[key]) == [b"value"] for key in keys)

    world.run(scenario)


def test_keys_to_one_peer_travel_together(world):
    async def scenario():
        swarm = await world.bare_swarm(2)
        await asyncio.sleep(5)
        calls = world.bare_network.calls
        calls.clear()
        keys = [dht_key(str(number)) for number in range(32)]
        await swarm.nodes[0].store([entry(swarm.clock, key=key) for key in keys])
        assert calls.count(Store) == 1
        await swarm.nodes[1].get(keys)
        assert calls.count(FindValue) == 2

    world.run(scenario)


def test_the_newest_version_replaces_the_others(world):
    async def scenario():
        swarm = await world.bare_swarm(8)
        for value in (b"one", b"two", b"three"):
            await swarm.nodes[2].store([entry(swarm.clock, value=value)])
        for node in swarm.nodes:
            assert values((await node.get([KEY]))[KEY]) == [b"three"]
        counts = await swarm.nodes[2].store([entry(swarm.clock, value=b"four"), entry(swarm.clock, value=b"five")])
        assert counts == [8, 8]
        assert values((await swarm.nodes[3].get([KEY], fresh=True))[KEY]) == [b"five"]

    world.run(scenario)


def test_owners_do_not_overwrite_each_other(world):
    async def scenario():
        swarm = await world.bare_swarm(6)
        for number, node in enumerate(swarm.nodes):
            await node.store([entry(swarm.clock, value=b"%d" % number)])
        records = (await swarm.nodes[0].get([KEY], fresh=True))[KEY]
        assert sorted(values(records)) == [b"%d" % number for number in range(6)]
        assert [(r.subkey, r.owner) for r in records] == sorted((r.subkey, r.owner) for r in records)

    world.run(scenario)


def test_an_empty_value_withdraws_for_good(world):
    """Also where a node missed the withdrawal and still has the old version when it would have been forgotten."""

    async def scenario():
        swarm = await world.bare_swarm(6)
        owner = swarm.nodes[0]
        await owner.store([entry(swarm.clock, life=600)])
        deaf = swarm.rpcs[3]
        world.bare_network.unreachable.add(deaf.curve_key)
        await owner.store([entry(swarm.clock, value=b"", life=5)])
        assert (await swarm.nodes[4].get([KEY]))[KEY] == []
        world.bare_network.unreachable.clear()
        await asyncio.sleep(30)
        for node in swarm.nodes:
            assert (await node.get([KEY], fresh=True))[KEY] == []

    world.run(scenario)


def test_records_expire_one_by_one_in_virtual_hours(world):
    async def scenario():
        swarm = await world.bare_swarm(6)
        await swarm.nodes[0].store([entry(swarm.clock, b"%d" % hours, life=hours * 1800.0) for hours in (1, 2, 3, 4)])
        for left in (3, 2, 1, 0):
            await asyncio.sleep(1801)
            assert len((await swarm.nodes[5].get([KEY], fresh=True))[KEY]) == left
        await asyncio.sleep(60)
        assert [len(node.storage) for node in swarm.nodes] == [0] * 6

    world.run(scenario)


def test_reads_are_cached_for_a_moment_unless_fresh(world):
    async def scenario():
        swarm = await world.bare_swarm(5)
        reader, writer = swarm.nodes[4], swarm.nodes[1]
        await writer.store([entry(swarm.clock, value=b"old")])
        assert values((await reader.get([KEY]))[KEY]) == [b"old"]
        await writer.store([entry(swarm.clock, value=b"new")])
        calls = len(world.bare_network.calls)
        assert values((await reader.get([KEY]))[KEY]) == [b"old"]
        assert len(world.bare_network.calls) == calls
        assert values((await reader.get([KEY], fresh=True))[KEY]) == [b"new"]
        assert values((await reader.get([KEY]))[KEY]) == [b"new"]
        await writer.store([entry(swarm.clock, value=b"newest")])
        await asyncio.sleep(6)
        assert values((await reader.get([KEY]))[KEY]) == [b"newest"]

    world.run(scenario)


def test_one_reads_ones_own_writes(world):
    async def scenario():
        swarm = await world.bare_swarm(5)
        for value in (b"1", b"2", b"3"):
            await swarm.nodes[0].store([entry(swarm.clock, value=value)])
            assert values((await swarm.nodes[0].get([KEY]))[KEY]) == [value]

    world.run(scenario)


def test_cached_records_expire_too(world):
    async def scenario():
        swarm = await world.bare_swarm(3)
        await swarm.nodes[0].store([entry(swarm.clock, life=2.0)])
        assert len((await swarm.nodes[1].get([KEY]))[KEY]) == 1
        await asyncio.sleep(2.5)
        assert (await swarm.nodes[1].get([KEY]))[KEY] == []

    world.run(scenario)


@pytest.mark.parametrize(
    "change",
    [
        {"key": b"short"},
        {"subkey": bytes(65)},
        {"value": bytes(1001)},
        {"life": 0.0},
        {"life": MAX_RECORD_LIFE_S + 60},
        {"life": float("nan")},
    ],
)
def test_entries_that_break_a_bound_are_refused_before_anything_is_stored(world, change):
    async def scenario():
        swarm = await world.bare_swarm(2)
        node = swarm.nodes[0]
        with pytest.raises(RecordError):
            await node.store([entry(swarm.clock, b"good"), entry(swarm.clock, **change)])
        assert len(node.storage) == 0

    world.run(scenario)


def test_a_key_of_wrong_length_is_refused(world):
    async def scenario():
        swarm = await world.bare_swarm(1)
        with pytest.raises(RecordError, match="32 bytes"):
            await swarm.nodes[0].get([b"short"])

    world.run(scenario)


def test_a_client_stores_and_reads_but_is_in_no_table(world):
    async def scenario():
        swarm = await world.bare_swarm(6)
        rpc = world.bare_rpc(control="")
        client = await swarm.add(rpc, identity=rpc.identity)
        assert await client.store([entry(swarm.clock)]) == [7]
        assert values((await swarm.nodes[0].get([KEY]))[KEY]) == [b"value"]
        await swarm.nodes[1].store([entry(swarm.clock, b"zzz", b"theirs")])
        assert values((await client.get([KEY], fresh=True))[KEY]) == [b"value", b"theirs"]
        assert len(client.table) == 6
        assert all(client.peer_id not in node.table for node in swarm.nodes)

    world.run(scenario)


def test_an_owner_with_a_clock_set_back_still_replaces_its_records(world):
    async def scenario():
        swarm = await world.bare_swarm(4)
        rpc = world.bare_rpc()
        fast = DhtNode(rpc, rpc.identity, rpc.contact, LoopClock(asyncio.get_running_loop(), skew=1000.0))
        await fast.start([swarm.nodes[0].contact])
        await fast.store([entry(swarm.clock, value=b"from the future", life=2000.0)])
        await fast.close()
        await rpc.close()
        again = await swarm.add(identity=rpc.identity)
        await again.get([KEY])  # shows it the number that its earlier run had reached
        await again.store([entry(swarm.clock, value=b"now")])
        assert values((await swarm.nodes[2].get([KEY], fresh=True))[KEY]) == [b"now"]

    world.run(scenario)


def test_restarted_from_its_own_table(world):
    async def scenario():
        swarm = await world.bare_swarm(12)
        kept = swarm.nodes[5].contacts()
        assert len(kept) == 11
        await swarm.kill([0, 1, 5])
        node = await swarm.add(join=False)
        assert await node.join(kept) == 9
        await node.store([entry(swarm.clock)])
        assert values((await swarm.nodes[0].get([KEY]))[KEY]) == [b"value"]

    world.run(scenario)


def test_join_passes_over_what_does_not_answer(world):
    async def scenario():
        swarm = await world.bare_swarm(3)
        gone = world.bare_rpc()
        await gone.close()
        node = await swarm.add(join=False)
        assert await node.join([]) == 0
        assert await node.join([gone.contact, node.contact]) == 0
        assert await node.join([gone.contact, swarm.nodes[1].contact]) == 3

    world.run(scenario)


def test_close_ends_what_is_under_way(world):
    async def scenario():
        swarm = await world.bare_swarm(3)
        node = swarm.nodes[0]
        for rpc in swarm.rpcs[1:]:
            world.bare_network.unreachable.add(rpc.curve_key)
        reading = asyncio.create_task(node.get([KEY], fresh=True))
        await asyncio.sleep(0.1)
        await node.close()
        with pytest.raises(ClosedError):
            await asyncio.wait_for(reading, 1)
        with pytest.raises(ClosedError):
            await node.get([KEY], fresh=True)

    world.run(scenario)


def test_only_its_own_card_is_its_contact(world):
    async def scenario():
        swarm = await world.bare_swarm(2)
        node, other = swarm.nodes
        node.update_contact(node.contact)
        with pytest.raises(IdentityError):
            node.update_contact(other.contact)

    world.run(scenario)


def test_idle_nodes_say_little(world):
    async def scenario():
        await world.bare_swarm(24)
        await asyncio.sleep(60)
        calls = world.bare_network.calls
        calls.clear()
        await asyncio.sleep(3600)
        per_node = len(calls) / 24
        assert calls.count(Ping) / 24 < 120
        assert per_node < 400, f"{per_node} messages an hour, {calls.count(FindNode) / 24} of them lookups"

    world.run(scenario)


def test_defaults_work_without_choosing_anything(world):
    async def scenario():
        rpc = world.bare_rpc()
        node = DhtNode(rpc, rpc.identity, rpc.contact, SystemClock())
        assert node.config == DhtConfig()
        await node.start()
        with pytest.raises(ValueError, match="started"):
            await node.start()
        await node.close()
        await node.close()

    world.run(scenario)


def test_a_node_whose_clock_is_wrong_learns_it_from_the_others(world):
    async def scenario():
        swarm = await world.bare_swarm(5)
        rpc = world.bare_rpc()
        slow = DhtNode(rpc, rpc.identity, rpc.contact, LoopClock(asyncio.get_running_loop(), skew=-90.0))
        await slow.start([swarm.nodes[0].contact])
        await asyncio.sleep(5)
        assert "90 seconds slow" in slow.clock_problem
        assert [node.clock_problem for node in swarm.nodes] == [""] * 5, "one peer with a bad clock convinces nobody"
        await slow.close()
        await rpc.close()

    world.run(scenario)


def test_who_was_dialled_back_has_given_its_token(world):
    """The first store of a node takes one round trip, and so does every later one, however much later."""

    async def scenario():
        swarm = await world.bare_swarm(6)
        await asyncio.sleep(5)
        for pause in (0.0, 200.0, 200.0, 200.0):
            await asyncio.sleep(pause)
            asked = world.bare_network.calls.count(FindNode)
            started = asyncio.get_running_loop().time()
            await swarm.nodes[0].store([entry(swarm.clock)])
            assert asyncio.get_running_loop().time() - started == pytest.approx(2 * world.bare_network.latency)
            assert world.bare_network.calls.count(FindNode) == asked

    world.run(scenario)


def test_who_reads_again_and_again_never_waits(world):
    async def scenario():
        swarm = await world.bare_swarm(6)
        await swarm.nodes[0].store([entry(swarm.clock)])
        reader, loop = swarm.nodes[5], asyncio.get_running_loop()
        await reader.get([KEY])
        before = world.bare_network.calls.count(FindValue)
        started = loop.time()
        for number in range(20):
            await asyncio.sleep(1)
            if number == 9:
                await swarm.nodes[0].store([entry(swarm.clock, value=b"new")])
            asked = loop.time()
            found = values((await reader.get([KEY]))[KEY])
            assert loop.time() == asked
            assert found == [b"new"] or number < 14
        reads = (world.bare_network.calls.count(FindValue) - before) / reader.config.read_holders
        assert reads <= (loop.time() - started) / (reader.config.cache_life / 2)

    world.run(scenario)
