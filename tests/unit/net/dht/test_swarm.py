"""Swarms joined by the real protocol: what is stored is found, whoever dies."""

import asyncio

import pytest

from net.dht.base import Entry, dht_key
from net.dht.config import DhtConfig
from net.dht.node_id import distance
from net.dht.record import Name
from net.wire.messages import FindValue, Found, Ping, Values


def keys_of(count, tag="key"):
    return [dht_key(tag, str(number)) for number in range(count)]


async def store_everywhere(swarm, keys, life=6000.0):
    """Each key once, by the nodes in turn; returns how many nodes keep each."""
    counts = []
    for number, key in enumerate(keys):
        node = swarm.nodes[number % len(swarm.nodes)]
        counts += await node.store([Entry(key, b"sub", b"value-%d" % number, swarm.clock.time() + life)])
    return counts


async def found_share(swarm, keys, **options):
    """Share of the keys that a random node finds."""
    found = 0
    for number, key in enumerate(keys):
        records = (await swarm.rng.choice(swarm.nodes).get([key], **options))[key]
        found += [record.value for record in records] == [b"value-%d" % number]
    return found / len(keys)


async def mean_lookup(swarm, count=25):
    """(requests, failures, hops) of lookups for random ids."""
    lookups = []
    for _ in range(count):
        node, target = swarm.rng.choice(swarm.nodes), swarm.rng.randbytes(32)
        lookups.append(await node.traversal.find_nodes(target))
    return tuple(sum(getattr(it, what) for it in lookups) / count for what in ("asked", "failures", "hops"))


def test_120_nodes(world):
    """All is found while all live, and nearly all while 30 % are dead and 5 % of the messages are lost."""

    async def scenario():
        swarm = await world.bare_swarm(120)
        keys = keys_of(100)
        assert set(await store_everywhere(swarm, keys)) <= {10, 11}
        assert await found_share(swarm, keys) == 1.0
        asked, failures, hops = await mean_lookup(swarm)
        assert asked < 25
        assert failures == 0
        assert hops < 2.5
        await swarm.kill(swarm.rng.sample(range(120), 36))
        world.bare_network.loss = 0.05
        assert await found_share(swarm, keys) >= 0.99
        assert await found_share(swarm, keys, fresh=True) >= 0.99
        again = keys_of(30, "stored in bad times")
        counts = await store_everywhere(swarm, again)
        assert sum(counts) / len(counts) > 5
        assert await found_share(swarm, again) >= 0.99

    world.run(scenario)


def test_30_nodes_over_the_memory_transport(world):
    async def scenario():
        swarm = await world.swarm(30)
        keys = keys_of(40)
        assert set(await store_everywhere(swarm, keys)) <= {10, 11}
        assert await found_share(swarm, keys) == 1.0
        found = await swarm.nodes[7].get(keys, fresh=True)
        assert [len(found[key]) for key in keys] == [1] * 40
        await swarm.kill(swarm.rng.sample(range(30), 9))
        world.network.conditions.loss = 0.02
        assert await found_share(swarm, keys) >= 0.98

    world.run(scenario)


def test_records_live_on_the_nodes_nearest_to_their_key(world):
    async def scenario():
        swarm = await world.bare_swarm(40)
        keys = keys_of(20)
        await store_everywhere(swarm, keys)
        for number, key in enumerate(keys):
            ranked = sorted(swarm.nodes, key=lambda node, key=key: distance(key, node.peer_id))
            name = Name(key, b"sub", swarm.nodes[number % 40]._identity.public_key)
            assert sum(node.storage.get(name) is not None for node in ranked[:6]) >= 5

    world.run(scenario)


def test_a_node_counts_itself_where_it_is_among_the_nearest(world):
    """Ten nodes keep every record: nine and its owner where that is near, ten and a far owner, or a client."""

    async def scenario():
        swarm = await world.bare_swarm(30)
        rpc = world.bare_rpc(control="")
        client = await swarm.add(rpc, identity=rpc.identity)
        for number, key in enumerate(keys_of(20)):
            owner = client if number % 5 == 0 else swarm.nodes[number]
            kept = (await owner.store([Entry(key, b"sub", b"value", swarm.clock.time() + 600)]))[0]
            ranked = sorted(swarm.nodes[:30], key=lambda node, key=key: distance(key, node.peer_id))
            name = Name(key, b"sub", owner._identity.public_key)
            assert all(node.storage.get(name) for node in ranked[:9])
            assert kept == (10 if owner in ranked[:10] else 11)

    world.run(scenario)


def test_a_partition_heals(world):
    """Each half works alone; afterwards everyone finds what either half has stored."""

    async def scenario():
        swarm = await world.swarm(24)
        transports = [rpc._transport for rpc in swarm.rpcs]
        world.network.partition(transports[:12], transports[12:])
        left, right = keys_of(10, "left"), keys_of(10, "right")
        clock = swarm.clock
        await swarm.nodes[0].store([Entry(key, b"", b"left", clock.time() + 7000) for key in left])
        await swarm.nodes[-1].store([Entry(key, b"", b"right", clock.time() + 7000) for key in right])
        await asyncio.sleep(600)
        found = await swarm.nodes[5].get([*left, *right])
        assert [len(found[key]) for key in (*left, *right)] == [1] * 10 + [0] * 10
        world.network.heal()
        await asyncio.sleep(900)
        for index in (0, 11, 12, 23):
            found = await swarm.nodes[index].get([*left, *right], fresh=True)
            assert [len(found[key]) for key in (*left, *right)] == [1] * 20
        assert min(node.table.good_count() for node in swarm.nodes) >= 20

    world.run(scenario)


def test_peers_that_join_through_one_at_the_same_moment_find_each_other(world):
    async def scenario():
        swarm = await world.bare_swarm(1)
        first = swarm.nodes[0]
        others = [await swarm.add(join=False) for _ in range(7)]
        await asyncio.gather(*(node.join([first.contact]) for node in others))
        await asyncio.sleep(5)
        assert [len(node.table) for node in swarm.nodes] == [7] * 8

    world.run(scenario)


def test_a_newcomer_is_given_what_it_is_nearest_to(world):
    async def scenario():
        swarm = await world.bare_swarm(4)
        await asyncio.sleep(5)
        keys = keys_of(30)
        await store_everywhere(swarm, keys)
        newcomer = await swarm.add()
        await asyncio.sleep(5)
        assert set(newcomer.storage.keys()) == set(keys)
        await swarm.kill(range(4))
        found = await newcomer.get(keys)
        assert all(len(found[key]) == 1 for key in keys)

    world.run(scenario)


def test_records_outlive_the_nodes_that_were_given_them(world):
    """Owner and holders leave one after the other; the others pass the records on every hour."""

    async def scenario():
        config = DhtConfig(replicate_period=600.0)
        swarm = await world.bare_swarm(26, config)
        keys = keys_of(10)
        await store_everywhere(swarm, keys, life=7000.0)
        for _ in range(5):
            holders = [i for i, node in enumerate(swarm.nodes) if len(node.storage)]
            await swarm.kill(holders[: len(holders) // 3])
            await asyncio.sleep(900)
        assert len(swarm.nodes) < 16
        assert await found_share(swarm, keys, fresh=True) == 1.0

    world.run(scenario)


def test_a_restarted_peer_is_found_under_its_new_address(world):
    async def scenario():
        swarm = await world.bare_swarm(6)
        identity = swarm.nodes[3]._identity
        await swarm.kill([3])
        await asyncio.sleep(20)
        again = await swarm.add(identity=identity)
        await asyncio.sleep(5)
        for node in swarm.nodes:
            if node is not again:
                assert node.table.get(identity.peer_id).contact == again.contact

    world.run(scenario)


def test_a_node_that_lost_everyone_comes_back_by_its_first_contacts(world):
    async def scenario():
        swarm = await world.bare_swarm(5, DhtConfig(forget_after=100.0))
        lonely, rpc = swarm.nodes[4], swarm.rpcs[4]
        world.bare_network.unreachable.add(rpc.curve_key)
        await asyncio.sleep(3000)
        assert len(lonely.table) == 0
        world.bare_network.unreachable.clear()
        await asyncio.sleep(300)
        assert lonely.table.good_count() == 4
        assert all(lonely.peer_id in node.table for node in swarm.nodes[:4])

    world.run(scenario)


def test_colluders_that_name_only_each_other_do_not_hide_a_record(world):
    """20 % of the nodes claim to know nothing and nobody but their accomplices."""

    async def scenario():
        swarm = await world.bare_swarm(40)
        keys = keys_of(40)
        await store_everywhere(swarm, keys)
        bad = swarm.rng.sample(range(40), 8)
        accomplices = tuple(swarm.nodes[index].contact for index in bad)

        async def lie(caller, request, payload):
            return Values(tuple(Found(key, (), False, accomplices) for key in request.keys), b"token")

        for index in bad:
            swarm.rpcs[index].handlers[FindValue] = lie
        honest = [node for index, node in enumerate(swarm.nodes) if index not in bad]
        found = [len((await swarm.rng.choice(honest).get([key], fresh=True))[key]) for key in keys]
        assert found == [1] * 40

    world.run(scenario)


@pytest.mark.parametrize("silent_s", [900.0])
def test_the_dead_are_noticed_without_any_traffic(world, silent_s):
    async def scenario():
        swarm = await world.bare_swarm(10, DhtConfig(silent_after=silent_s, small_refresh_period=1e9))
        await swarm.kill([2, 5])
        await asyncio.sleep(silent_s + 300)
        assert Ping in world.bare_network.calls
        assert [node.table.good_count() for node in swarm.nodes] == [7] * 8

    world.run(scenario)
