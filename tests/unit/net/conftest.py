"""Peers over a memory network in virtual time."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from net.clock import LoopClock, VirtualTimeLoop
from net.identity import Identity
from net.rpc.peer import RpcPeer
from net.transport.memory import MemoryNetwork


class MemoryWorld:
    """A network inside the process, and the peers on it.

    `run` runs one coroutine in virtual time, then closes the peers and checks that nothing is left behind.
    """

    def __init__(self) -> None:
        self.rng = random.Random(7)
        self.network = MemoryNetwork(self.rng)
        self.peers: list[RpcPeer] = []
        self.loop_errors: list[dict[str, Any]] = []

    def run(self, scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(self._run(scenario))
        assert not self.loop_errors

    async def _run(self, scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self.loop_errors.append(context))
        try:
            await scenario()
        finally:
            for peer in self.peers:
                await peer.close()
        assert [peer for peer in self.peers if peer.pending or peer.serving] == []

    def peer(self, *, dialable: bool = True, identity: Identity | None = None, **options: Any) -> RpcPeer:
        """A new peer; options go to RpcPeer."""
        clock = LoopClock(asyncio.get_running_loop())
        transport = self.network.transport(dialable=dialable)
        made = RpcPeer(transport, identity or Identity(self.rng.randbytes(32)), clock, **options)
        self.peers.append(made)
        return made


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()
