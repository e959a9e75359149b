"""The carrier: records for one peer travel together, and no more than one message waits at it."""

import asyncio
from collections import deque

import pytest

from net.clock import VirtualTimeLoop
from net.dht.background import Background
from net.dht.carrier import Carrier, take_load
from net.dht.record import Name
from net.dht.sizes import MESSAGE_ROOM, record_bytes
from net.errors import ClosedError
from net.wire.codec import encode
from net.wire.limits import CONTROL_MESSAGE_BYTES, MAX_RECORDS
from net.wire.messages import Store


class Peers:
    """Answer every message of records after `delay` seconds with what `answer` makes of it."""

    def __init__(self, delay=1.0):
        self.delay = delay
        self.messages = []  # (peer id, records)
        self.under_way = 0
        self.most = 0
        self.dead = set()
        self.refused = set()

    async def store(self, node, records):
        self.messages.append((node.peer_id, list(records)))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(self.delay)
        finally:
            self.under_way -= 1
        return None if node.peer_id in self.dead else [record.subkey not in self.refused for record in records]

    def blocks(self, node):
        return node.peer_id in self.dead


def carrying(scenario, at_once=64, **options):
    """Run `scenario(carrier, peers, background)` in virtual time."""

    async def run():
        peers, background = Peers(**options), Background()
        await background.start()
        carrier = Carrier(peers.store, peers.blocks, background.spawn, at_once)
        try:
            await scenario(carrier, peers, background)
        finally:
            await background.close()
        assert not carrier._ways

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(run())


@pytest.fixture
def records(make_record):
    return [make_record(subkey=b"%d" % number) for number in range(8)]


def test_what_comes_while_a_message_is_under_way_shares_the_next(make_candidate, records):
    async def scenario(carrier, peers, _):
        node = make_candidate(b"a")
        first = carrier.bring(node, records[:1])
        await asyncio.sleep(0.5)
        others = [carrier.bring(node, [record]) for record in records[1:]]
        assert await first == [Name.of(records[0])]
        assert not any(other.done() for other in others)
        assert [await other for other in others] == [[Name.of(record)] for record in records[1:]]
        assert [sent for _, sent in peers.messages] == [records[:1], records[1:]]
        assert asyncio.get_running_loop().time() == pytest.approx(2.0)

    carrying(scenario)


def test_peers_do_not_wait_for_each_other_until_too_many_are_asked(make_candidate, records):
    async def scenario(carrier, peers, _):
        ways = [carrier.bring(make_candidate(b"%d" % number), records) for number in range(5)]
        assert [len(await way) for way in ways] == [len(records)] * 5
        assert peers.most == 2
        assert asyncio.get_running_loop().time() == pytest.approx(3.0)

    carrying(scenario, at_once=2)


def test_what_a_peer_refused_is_not_among_the_names(make_candidate, records):
    async def scenario(carrier, peers, _):
        peers.refused = {b"2", b"5"}
        taken = await carrier.bring(make_candidate(b"a"), records)
        assert taken == [Name.of(record) for record in records if record.subkey not in peers.refused]
        assert await carrier.bring(make_candidate(b"a"), []) == []

    carrying(scenario)


def test_a_silent_peer_costs_one_timeout(make_candidate, records):
    async def scenario(carrier, peers, _):
        node = make_candidate(b"a")
        peers.dead = {node.peer_id}
        ways = [carrier.bring(node, records[:1])]
        await asyncio.sleep(0.5)
        ways += [carrier.bring(node, [record]) for record in records]
        assert [await way for way in ways] == [[]] * len(ways)
        assert asyncio.get_running_loop().time() == pytest.approx(1.0)
        peers.dead = set()
        assert len(await carrier.bring(node, records)) == len(records)

    carrying(scenario)


def test_the_end_of_the_node_ends_all_waiting(make_candidate, records):
    async def scenario(carrier, _peers, background):
        node = make_candidate(b"a")
        ways = [carrier.bring(node, records[:1])]
        await asyncio.sleep(0.5)
        ways.append(carrier.bring(node, records))
        await background.close()
        assert [await way for way in ways] == [[], []]
        with pytest.raises(ClosedError):
            carrier.bring(node, records)

    carrying(scenario)


@pytest.mark.parametrize(("count", "size"), [(0, 10), (64, 10), (65, 10), (200, 1000)])
def test_loads_fit_into_a_message(make_record, count, size):
    records = [make_record(value=bytes(size), subkey=b"%d" % number) for number in range(count)]
    waiting = deque((record, None) for record in records)
    loads = []
    while waiting:
        loads.append([record for record, _ in take_load(waiting)])
    assert [record for load in loads for record in load] == records
    for load in loads:
        assert 0 < len(load) <= MAX_RECORDS
        assert sum(map(record_bytes, load)) <= MESSAGE_ROOM
        assert len(encode(Store(bytes(32), tuple(load)))) < CONTROL_MESSAGE_BYTES
