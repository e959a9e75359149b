"""One node against peers that lie, flood, forge or say nothing."""

import asyncio
from dataclasses import replace

import pytest

from net.dht.base import Entry, dht_key
from net.dht.config import DhtConfig
from net.dht.contacts import Candidate
from net.dht.record import sign_record
from net.dht.storage import StorageLimits
from net.errors import RemoteError
from net.identity import Identity, sign_contact
from net.wire.codec import encode
from net.wire.limits import CONTROL_MESSAGE_BYTES
from net.wire.messages import (
    FailureCode,
    FindNode,
    FindValue,
    Found,
    Nodes,
    Ping,
    Pong,
    Store,
    Stored,
    Values,
)

KEY = dht_key("key")


async def ask(rpc, node, request):
    return (await rpc.call(node.contact, request, timeout=5)).message


async def token_for(rpc, node):
    return (await ask(rpc, node, FindNode(KEY))).token


def liar(rpc, **answers):
    """Make a bare peer answer: name of the message type -> a function of (caller, request)."""
    for kind in (Ping, FindNode, FindValue, Store):
        answer = answers.get(kind.__name__, lambda caller, request, kind=kind: DEFAULTS[kind])

        async def handle(caller, request, payload, answer=answer):
            return answer(caller, request)

        rpc.handle(kind, handle)


DEFAULTS = {Ping: Pong(0.0), FindNode: Nodes((), b"t"), FindValue: Values((), b"t"), Store: Stored(())}


def record_for(identity, clock, subkey=b"sub", value=b"value", seq=1, life=600.0, key=KEY):
    return sign_record(identity, Entry(key, subkey, value, clock.time() + life), seq)


def test_a_caller_enters_the_table_only_when_it_answers_at_its_address(world):
    async def scenario():
        swarm = await world.bare_swarm(1)
        node = swarm.nodes[0]
        honest, mute, impostor = (world.bare_rpc() for _ in range(3))
        liar(honest)
        liar(mute)
        world.bare_network.unreachable.add(mute.curve_key)
        # It shows the address and CURVE key of another, certified by its own identity: dialled back, it is not there.
        impostor.contact = sign_contact(
            impostor.identity, curve_key=bytes(32), control=honest.control, bulk="", expires=swarm.clock.time() + 99
        )
        for rpc in (honest, impostor):
            await ask(rpc, node, Ping())
        node.protocol.met(Candidate(mute.identity.peer_id, mute.contact))
        await asyncio.sleep(10)
        assert [entry.peer_id for entry in node.table] == [honest.identity.peer_id]

    world.run(scenario)


def test_clients_are_served_but_never_listed(world):
    async def scenario():
        swarm = await world.bare_swarm(3)
        client = world.bare_rpc(control="")
        answer = await ask(client, swarm.nodes[0], FindNode(KEY))
        assert len(answer.contacts) == 2
        await asyncio.sleep(10)
        assert all(client.identity.peer_id not in node.table for node in swarm.nodes)

    world.run(scenario)


def test_nobody_is_told_about_itself(world):
    async def scenario():
        swarm = await world.bare_swarm(5)
        await asyncio.sleep(1)
        contacts = (await ask(swarm.rpcs[1], swarm.nodes[0], FindNode(swarm.nodes[1].peer_id))).contacts
        assert len(contacts) == 3
        assert swarm.nodes[1].contact not in contacts

    world.run(scenario)


def test_stores_need_ones_own_token(world):
    async def scenario():
        swarm = await world.bare_swarm(1)
        node, clock = swarm.nodes[0], swarm.clock
        mine, other = world.bare_rpc(), world.bare_rpc()
        record = record_for(mine.identity, clock)
        for token in (b"", bytes(16), await token_for(other, node)):
            with pytest.raises(RemoteError) as refused:
                await ask(mine, node, Store(token, (record,)))
            assert refused.value.code == FailureCode.UNAUTHORIZED
        assert len(node.storage) == 0
        token = await token_for(mine, node)
        assert await ask(mine, node, Store(token, (record,))) == Stored(("",), token)
        assert await ask(mine, node, Store(token, (record,))) == Stored(("",), token), "the same again is kept already"
        await asyncio.sleep(700)
        with pytest.raises(RemoteError):
            await ask(mine, node, Store(token, (record_for(mine.identity, clock),)))

    world.run(scenario)


def test_bad_records_are_refused_one_by_one(world):
    async def scenario():
        swarm = await world.bare_swarm(1)
        node, clock = swarm.nodes[0], swarm.clock
        rpc, victim = world.bare_rpc(), Identity(b"v" * 32)
        good = record_for(rpc.identity, clock, seq=5)
        bad = [
            replace(good, subkey=b"a", value=b"forged"),
            replace(good, subkey=b"b", owner=victim.public_key),
            record_for(rpc.identity, clock, subkey=b"c", life=-1),
            record_for(rpc.identity, clock, subkey=b"d", life=1e18),
            record_for(rpc.identity, clock, subkey=b"e", life=float("nan")),
            record_for(rpc.identity, clock, seq=4),
            record_for(rpc.identity, clock, seq=5, value=b"other"),
        ]
        answer = await ask(rpc, node, Store(await token_for(rpc, node), (good, *bad)))
        assert answer.refusals[0] == ""
        assert all(answer.refusals[1:])
        assert list(node.storage) == [good]

    world.run(scenario)


def test_a_flood_of_records_meets_the_quota(world):
    async def scenario():
        config = DhtConfig(storage=StorageLimits(total_records=100, owner_records=40))
        swarm = await world.bare_swarm(1, config)
        node, clock = swarm.nodes[0], swarm.clock
        for _ in range(5):
            rpc = world.bare_rpc()
            token = await token_for(rpc, node)
            for start in range(0, 100, 20):
                records = [record_for(rpc.identity, clock, subkey=b"%d" % n) for n in range(start, start + 20)]
                await ask(rpc, node, Store(token, tuple(records)))
        owners = [record.owner for record in node.storage]
        assert len(owners) == 100
        assert {owners.count(owner) for owner in set(owners)} <= set(range(15, 41))
        assert await node.store([Entry(KEY, b"own", b"own", clock.time() + 60)]) == [1], "our own records always fit"

    world.run(scenario)


def test_an_answer_never_exceeds_one_message(world):
    async def scenario():
        swarm = await world.bare_swarm(25)
        node, clock = swarm.nodes[0], swarm.clock
        keys = [dht_key("key", str(number)) for number in range(16)]
        owner = Identity(b"o" * 32)
        for key in keys:
            for number in range(60):
                node.storage.store(record_for(owner, clock, b"%02d" % number, bytes(1000), key=key), clock.time())
        for count in (1, 2, 16):
            answer = await ask(swarm.rpcs[1], node, FindValue(tuple(keys[:count]), b"", b""))
            assert len(encode(answer)) <= CONTROL_MESSAGE_BYTES - 1024
            assert all(found.more and found.records for found in answer.found)
            assert min(len(found.contacts) for found in answer.found) >= 5

    world.run(scenario)


def test_pages_of_several_keys_are_a_bad_request(world):
    async def scenario():
        swarm = await world.bare_swarm(2)
        for request in (FindValue((KEY, bytes(32)), b"a", b"o" * 32), FindValue((), b"", b"")):
            with pytest.raises(RemoteError) as refused:
                await ask(swarm.rpcs[1], swarm.nodes[0], request)
            assert refused.value.code == FailureCode.BAD_REQUEST

    world.run(scenario)


def test_500_subkeys_are_paged_through(world):
    async def scenario():
        swarm = await world.swarm(8)
        await asyncio.sleep(5)
        entries = [Entry(KEY, b"%03d" % n, b"v" * 200, swarm.clock.time() + 60) for n in range(500)]
        assert set(await swarm.nodes[0].store(entries)) == {8}
        records = (await swarm.nodes[5].get([KEY], fresh=True))[KEY]
        assert [record.subkey for record in records] == [entry.subkey for entry in entries]

    world.run(scenario)


def test_a_peer_that_pages_in_circles_is_left(world):
    async def scenario():
        swarm = await world.bare_swarm(1)
        rpc = world.bare_rpc()
        record = record_for(rpc.identity, swarm.clock)
        liar(rpc, FindValue=lambda caller, request: Values((Found(KEY, (record,), True, ()),), b""))
        await swarm.nodes[0].join([rpc.contact])
        assert (await swarm.nodes[0].get([KEY]))[KEY] == [record]
        assert world.bare_network.calls.count(FindValue) == 2

    world.run(scenario)


def test_forged_records_in_answers_are_not_believed(world):
    async def scenario():
        swarm = await world.bare_swarm(1)
        node, rpc = swarm.nodes[0], world.bare_rpc()
        good = record_for(rpc.identity, swarm.clock)
        forged = replace(good, subkey=b"forged")
        stray = record_for(rpc.identity, swarm.clock, key=dht_key("another"))
        answers = [(good, forged), (good, stray), (good, record_for(rpc.identity, swarm.clock, b"old", life=-1))]
        liar(rpc, FindValue=lambda caller, request: Values((Found(KEY, answers[0], False, ()),), b""))
        await node.join([rpc.contact])
        assert (await node.get([KEY], fresh=True))[KEY] == [], "who forges one is believed in nothing"
        assert node.table.get(rpc.identity.peer_id).failures == 1
        for _ in range(2):
            del answers[0]
            await asyncio.sleep(5)
            assert (await node.get([KEY], fresh=True))[KEY] == [good]

    world.run(scenario)


def test_contacts_in_answers_are_checked(world):
    async def scenario():
        swarm = await world.bare_swarm(1)
        node, rpc = swarm.nodes[0], world.bare_rpc()
        identity = Identity(b"x" * 32)

        def card(control, **change):
            expires = swarm.clock.time() + 600
            made = sign_contact(identity, curve_key=bytes(32), control=control, bulk=control, expires=expires)
            return replace(made, **change)

        told = (
            card("tcp://10.9.9.9:1", public_key=b"y" * 32),
            card("tcp://10.9.9.9:1", expires=swarm.clock.time() + 601),
            card("tcp://10.9.9.9:0"),
            card("tcp://224.0.0.1:80"),
            card("tcp://127.0.0.1:80"),
            card("tcp://example.org:80"),
            node.contact,
        )
        liar(rpc, FindNode=lambda caller, request: Nodes(told, b""))
        assert await node.join([rpc.contact]) == 1
        lookup = await node.traversal.find_nodes(KEY)
        assert lookup.heard_of == 1

    world.run(scenario)


def test_wrong_answers_count_as_none(world):
    async def scenario():
        swarm = await world.bare_swarm(1)
        node, rpc = swarm.nodes[0], world.bare_rpc()
        liar(
            rpc,
            FindNode=lambda caller, request: Pong(1.0),
            FindValue=lambda caller, request: Values((Found(bytes(32), (), False, ()),), b""),
            Store=lambda caller, request: Stored(("", "", "")),
        )
        peer = Candidate(rpc.identity.peer_id, rpc.contact)
        assert await node.protocol.find_node(peer, KEY) is None
        assert await node.protocol.find_values(peer, [KEY]) == {}
        assert await node.protocol.store(peer, [record_for(rpc.identity, swarm.clock)]) is None

    world.run(scenario)


def test_a_token_that_expired_is_renewed(world):
    async def scenario():
        swarm = await world.bare_swarm(1)
        node, rpc = swarm.nodes[0], world.bare_rpc()
        tokens = [b"first", b"second"]

        def store(caller, request):
            if request.token != b"second":
                raise RemoteError(FailureCode.UNAUTHORIZED, "old token")
            return Stored(("",))

        liar(rpc, FindNode=lambda caller, request: Nodes((), tokens.pop(0)), Store=store)
        peer = Candidate(rpc.identity.peer_id, rpc.contact)
        record = record_for(rpc.identity, swarm.clock)
        assert await node.protocol.store(peer, [record]) == [True]
        assert world.bare_network.calls == [FindNode, Store, FindNode, Store]

    world.run(scenario)


def test_a_token_that_is_never_right_is_given_up(world):
    async def scenario():
        swarm = await world.bare_swarm(1)
        rpc = world.bare_rpc()

        def refuse(caller, request):
            raise RemoteError(FailureCode.UNAUTHORIZED, "no")

        liar(rpc, Store=refuse)
        peer = Candidate(rpc.identity.peer_id, rpc.contact)
        assert await swarm.nodes[0].protocol.store(peer, [record_for(rpc.identity, swarm.clock)]) is None
        assert len(world.bare_network.calls) == 4

    world.run(scenario)


def test_many_callers_are_dialled_back_a_few_at_a_time(world):
    async def scenario():
        swarm = await world.bare_swarm(1, DhtConfig(max_dialling=4))
        node = swarm.nodes[0]
        for _ in range(50):
            rpc = world.bare_rpc()
            liar(rpc)
            node.protocol.met(Candidate(rpc.identity.peer_id, rpc.contact))
            node.protocol.met(Candidate(rpc.identity.peer_id, rpc.contact))
        await asyncio.sleep(1)
        assert len(world.bare_network.calls) == 4
        assert len(node.table) == 4

    world.run(scenario)


def test_a_dead_peer_costs_one_time_out_not_one_a_lookup(world):
    async def scenario():
        swarm = await world.bare_swarm(2)
        node, loop = swarm.nodes[0], asyncio.get_running_loop()
        world.bare_network.unreachable.add(swarm.rpcs[1].curve_key)
        assert (await node.get([KEY], fresh=True))[KEY] == []
        calls = len(world.bare_network.calls)
        swarm.nodes[0].protocol.blacklist.failed(swarm.nodes[1].contact, loop.time() + 99)
        started = loop.time()
        await node.store([Entry(KEY, b"", b"v", swarm.clock.time() + 60)])
        assert loop.time() == started
        assert len(world.bare_network.calls) == calls

    world.run(scenario)
