"""A publisher, its record, and a swarm over the memory transport that believes it."""

import asyncio
import random
from dataclasses import replace
from typing import Any

from core.release.record import Release, ReleaseCheck, sign_release
from net.clock import LoopClock
from net.dht.node import DhtNode
from net.identity import Identity
from net.rpc.peer import RpcPeer
from net.transport.memory import Conditions, MemoryNetwork

PUBLISHER = Identity(b"publisher".ljust(32))
RELEASE = Release(
    7, "0.2.0", "2026-11-29", "https://hivelet.example/news/0.2.0", "Snapshots on three peers.\nLess memory."
)


def record(publisher: Identity = PUBLISHER, **changes: Any) -> bytes:
    """The signed value of RELEASE, or of one that differs."""
    return sign_release(replace(RELEASE, **changes), publisher)


class ReleaseSwarm:
    """DHT nodes that join one after the other; `checks` is each one's own."""

    def __init__(self) -> None:
        self.rng = random.Random(11)
        self.network = MemoryNetwork(self.rng, Conditions(latency=0.02))
        self.clock = LoopClock(asyncio.get_running_loop())
        self.nodes: list[DhtNode] = []
        self.identities: list[Identity] = []
        self.checks: list[ReleaseCheck] = []
        self._rpcs: list[RpcPeer] = []

    async def add(self, *, believes: bool = True) -> int:
        """One more node; its number. believes: whether it checks what lies under the publisher's key."""
        identity, check = Identity(self.rng.randbytes(32)), ReleaseCheck(PUBLISHER.public_key)
        rpc = RpcPeer(self.network.transport(), identity, self.clock)
        rng = random.Random(self.rng.random())
        node = DhtNode(rpc, identity, rpc.contact, self.clock, rng=rng, checks=(check,) if believes else ())
        await node.start([self.nodes[0].contact] if self.nodes else [])
        for kept, new in ((self.nodes, node), (self.identities, identity), (self.checks, check), (self._rpcs, rpc)):
            kept.append(new)  # type: ignore[attr-defined]
        return len(self.nodes) - 1

    async def close(self) -> None:
        for node, rpc in zip(self.nodes, self._rpcs, strict=True):
            await node.close()
            await rpc.close()
