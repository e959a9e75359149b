"""The memory network does to messages what its conditions say."""

import asyncio
import random
from typing import Any

import pytest

from net.addresses import Contact, Route
from net.clock import VirtualTimeLoop
from net.errors import AddressError, PeerUnreachable, QueueFull
from net.transport.memory import Conditions, MemoryNetwork, MemoryTransport
from net.wire.limits import PEER_SEND_QUEUE
from net.wire.messages import Plane


class Receiver:
    def __init__(self) -> None:
        self.arrived: list[tuple[float, bytes]] = []
        self.links: list[Any] = []
        self.writable_at: list[float] = []
        self.lost_at: list[float] = []

    def received(self, link: Any, frames: Any) -> None:
        self.links.append(link)
        self.arrived.append((now(), bytes(frames[0])))

    def writable(self, link: Any) -> None:
        self.writable_at.append(now())

    def lost(self, link: Any, error: Exception) -> None:
        assert isinstance(error, PeerUnreachable)
        self.lost_at.append(now())


def now() -> float:
    return asyncio.get_running_loop().time()


def contact(transport: MemoryTransport) -> Contact:
    return Contact(bytes(32), transport.key, (Route(transport.control, transport.bulk),), 0.0, bytes(64))


def pair(network: MemoryNetwork) -> tuple[Any, Receiver, Receiver, MemoryTransport]:
    """A link from one transport to another, both receivers, and the other transport."""
    here, there = network.transport(), network.transport()
    mine, theirs = Receiver(), Receiver()
    here.attach(mine)
    there.attach(theirs)
    return here.dial(contact(there), Plane.CONTROL), mine, theirs, there


def run(scenario: Any, **conditions: Any) -> None:
    async def main() -> None:
        await scenario(MemoryNetwork(random.Random(3), Conditions(**conditions)))

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())


def test_latency_and_handshake() -> None:
    async def scenario(network: MemoryNetwork) -> None:
        link, _, theirs, _ = pair(network)
        link.send([b"first"])
        await asyncio.sleep(1)
        link.send([b"second"])
        await asyncio.sleep(1)
        assert theirs.arrived == [(pytest.approx(0.7), b"first"), (pytest.approx(1.1), b"second")]

    run(scenario, latency=0.1)


def test_jitter_never_reorders() -> None:
    async def scenario(network: MemoryNetwork) -> None:
        link, _, theirs, _ = pair(network)
        for number in range(100):
            link.send([b"%d" % number])
            await asyncio.sleep(0.001)
        await asyncio.sleep(5)
        times = [when for when, _ in theirs.arrived]
        assert [content for _, content in theirs.arrived] == [b"%d" % number for number in range(100)]
        assert times == sorted(times)

    run(scenario, latency=0.05, jitter=0.2)


def test_loss_is_a_share_of_the_messages() -> None:
    async def scenario(network: MemoryNetwork) -> None:
        link, _, theirs, _ = pair(network)
        for _ in range(1000):
            link.send([b"x"])
        await asyncio.sleep(1)
        assert 650 < len(theirs.arrived) < 750

    run(scenario, loss=0.3)


def test_bandwidth_queues_and_bounds() -> None:
    async def scenario(network: MemoryNetwork) -> None:
        link, mine, theirs, _ = pair(network)
        assert link.ready
        for _ in range(PEER_SEND_QUEUE):
            link.send([bytes(1000)])
        assert not link.ready
        with pytest.raises(QueueFull):
            link.send([b"one too many"])
        await asyncio.sleep(1000)
        assert len(theirs.arrived) == PEER_SEND_QUEUE
        assert theirs.arrived[-1][0] == pytest.approx(PEER_SEND_QUEUE)
        assert mine.writable_at == [pytest.approx(PEER_SEND_QUEUE)]
        assert link.ready

    run(scenario, bandwidth=1000.0)


def test_each_pair_may_have_a_delay_of_its_own() -> None:
    async def scenario(network: MemoryNetwork) -> None:
        network.delay_of = lambda one, other: 0.5 if one < other else 0.25
        link, mine, theirs, _ = pair(network)
        link.send([b"there"])
        await asyncio.sleep(1)
        theirs.links[0].send([b"back"])
        await asyncio.sleep(1)
        assert theirs.arrived[0][0] == pytest.approx(0.5)
        assert mine.arrived[0][0] == pytest.approx(1.25)

    run(scenario, handshake=0)


def test_a_partition_swallows_messages_until_it_heals() -> None:
    async def scenario(network: MemoryNetwork) -> None:
        link, mine, theirs, there = pair(network)
        network.partition([there])
        assert network.connected("somewhere", "else")
        network.partition([link.owner], [there])
        link.send([b"swallowed"])
        await asyncio.sleep(1)
        network.heal()
        link.send([b"passes"])
        await asyncio.sleep(1)
        assert [content for _, content in theirs.arrived] == [b"passes"]
        assert mine.lost_at == []

    run(scenario)


def test_a_crash_breaks_links_after_what_was_under_way() -> None:
    async def scenario(network: MemoryNetwork) -> None:
        link, mine, theirs, there = pair(network)
        link.send([b"hello"])
        await asyncio.sleep(1)
        theirs.links[0].send([b"last words"])
        await there.close()
        await asyncio.sleep(1)
        assert mine.arrived == [(pytest.approx(1.1), b"last words")]
        assert mine.lost_at == [pytest.approx(1.1)]
        with pytest.raises(AddressError):
            link.owner.dial(Contact(bytes(32), bytes(32), (), 0.0, bytes(64)), Plane.BULK)

    run(scenario, latency=0.1)


def test_nobody_and_a_wrong_key_are_lost_links() -> None:
    async def scenario(network: MemoryNetwork) -> None:
        here, there = network.transport(), network.transport()
        mine = Receiver()
        here.attach(mine)
        there.attach(Receiver())
        here.dial(Contact(bytes(32), bytes(32), (Route(there.control, ""),), 0.0, bytes(64)), Plane.CONTROL)
        here.dial(Contact(bytes(32), bytes(32), (Route("tcp://10.9.9.9:1", ""),), 0.0, bytes(64)), Plane.CONTROL)
        await asyncio.sleep(1)
        assert len(mine.lost_at) == 2

    run(scenario)


def test_what_the_sender_changes_later_changes_nothing() -> None:
    async def scenario(network: MemoryNetwork) -> None:
        link, _, theirs, _ = pair(network)
        buffer = bytearray(b"before")
        link.send([buffer])
        buffer[:] = b"after!"
        await asyncio.sleep(1)
        assert theirs.arrived[0][1] == b"before"

    run(scenario)


def test_an_address_in_use_is_refused_and_a_hidden_peer_has_none() -> None:
    async def scenario(network: MemoryNetwork) -> None:
        first = network.transport()
        with pytest.raises(AddressError):
            network.transport(address=first.address)
        hidden = network.transport(dialable=False)
        assert (hidden.control, hidden.bulk) == ("", "")
        assert network.find(hidden.address) is None

    run(scenario)


def test_the_same_seed_gives_the_same_history() -> None:
    histories = []

    async def scenario(network: MemoryNetwork) -> None:
        link, _, theirs, _ = pair(network)
        for number in range(50):
            link.send([b"%d" % number])
        await asyncio.sleep(5)
        histories.append(theirs.arrived)

    for _ in range(2):
        run(scenario, latency=0.1, jitter=0.3, loss=0.2)
    assert histories[0] == histories[1]
