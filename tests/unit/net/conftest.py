"""Event loops in virtual time, and peers over a memory network."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from net.clock import LoopClock, VirtualTimeLoop
from net.identity import Identity
from net.rpc.peer import RpcPeer
from net.transport.memory import MemoryNetwork


class _VirtualTimePolicy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return VirtualTimeLoop()


@pytest.fixture
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return _VirtualTimePolicy()


@pytest.fixture
def rng() -> random.Random:
    return random.Random(7)


@pytest.fixture
def network(rng: random.Random) -> MemoryNetwork:
    return MemoryNetwork(rng)


@pytest_asyncio.fixture
async def make_peer(rng: random.Random, network: MemoryNetwork) -> AsyncIterator[Callable[..., RpcPeer]]:
    """A function that makes RpcPeers on one memory network and closes them after the test."""
    made: list[RpcPeer] = []

    def make(*, dialable: bool = True, **options: object) -> RpcPeer:
        clock = LoopClock(asyncio.get_running_loop())
        made.append(RpcPeer(network.transport(dialable=dialable), Identity(rng.randbytes(32)), clock, **options))
        return made[-1]

    yield make
    for peer in made:
        await peer.close()
        assert peer.pending == peer.serving == 0
