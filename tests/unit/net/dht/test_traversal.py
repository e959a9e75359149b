"""A search whose first contacts all lie: it sees that too few peers stand around its target, and starts again."""

import asyncio
import random

import pytest

import net.dht.traversal as traversal_module
from net.clock import LoopClock, VirtualTimeLoop
from net.dht.background import Background
from net.dht.config import DhtConfig
from net.dht.node_id import distance
from net.dht.routing_table import RoutingTable
from net.dht.traversal import Traversal


class Colluding:
    """Stands in for DhtProtocol: peers that all know everybody, but for liars, who name the nearest liars."""

    blacklist = ()

    def __init__(self, honest, liars):
        self._honest = honest
        self._liars = liars
        self._lying = {liar.peer_id for liar in liars}

    async def find_values(self, *_):
        raise AssertionError("nobody reads here")

    async def find_node(self, peer, target):
        known = self._liars if peer.peer_id in self._lying else self._honest
        return sorted(known, key=lambda other: distance(target, other.peer_id))[:20]


@pytest.mark.parametrize("looks", [True, False])
def test_a_search_whose_first_contacts_all_lie(make_candidate, monkeypatch, looks):
    if not looks:
        monkeypatch.setattr(traversal_module, "is_sparse", lambda *_: False)
    rng = random.Random(3)
    target = rng.randbytes(32)
    peers = [make_candidate(rng.randbytes(32)) for _ in range(1000)]
    liars, honest = peers[:200], peers[200:]
    table = RoutingTable(rng.randbytes(32))
    for peer in sorted(honest, key=lambda peer: distance(target, peer.peer_id))[100:]:
        table.offer(peer, 0.0)
    (first_honest,) = table.nearest(target, 1, now=0.0)
    nearer = [peer for peer in liars if distance(target, peer.peer_id) < distance(target, first_honest.peer_id)]

    async def search():
        background = Background()
        await background.start()
        clock = LoopClock(asyncio.get_running_loop(), epoch=0.0)
        traversal = Traversal(Colluding(honest, liars), table, clock, DhtConfig(), background.spawn)
        lookup = await traversal.find_nodes(target, want=13, seeds=nearer[:20], paths=4)
        await background.close()
        return lookup.nearest(10)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        found = runner.run(search())
    assert any(peer in honest for peer in found) == looks
