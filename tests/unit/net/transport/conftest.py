"""The same worlds for every transport: peers over a memory network in virtual time, or over ZeroMQ on loopback."""

import asyncio
import gc
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from net.addresses import Endpoint
from net.clock import LoopClock, SystemClock, VirtualTimeLoop
from net.identity import Identity
from net.rpc.peer import RpcPeer
from net.transport.base import Transport
from net.transport.memory import MemoryNetwork
from net.transport.zeromq import Listen, ZmqTransport

Scenario = Callable[[], Coroutine[Any, Any, None]]


class World:
    """Makes peers and transports, runs one scenario, closes everything, and checks that nothing is left behind."""

    new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.SelectorEventLoop

    def __init__(self) -> None:
        self.rng = random.Random(11)
        self.opened: list[Any] = []
        self.loop_errors: list[dict[str, Any]] = []

    def transport(self, like: Transport | None = None) -> Transport:
        """A new transport; `like`: at the same addresses as this one, which is closed."""
        made = self._transport(like)
        self.opened.append(made)
        return made

    def peer(self, *, like: RpcPeer | None = None, identity: Identity | None = None, **options: Any) -> RpcPeer:
        """A new peer; `like`: at the same addresses as this one, which is closed; options go to RpcPeer."""
        transport = self._transport(like._transport if like else None)
        made = RpcPeer(transport, identity or Identity(self.rng.randbytes(32)), self.clock(), **options)
        self.opened.append(made)
        return made

    def run(self, scenario: Scenario) -> None:
        with asyncio.Runner(loop_factory=self.new_loop) as runner:
            runner.run(self._run(scenario))
        gc.collect()
        assert self.loop_errors == []

    async def _run(self, scenario: Scenario) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self.loop_errors.append(context))
        try:
            await scenario()
        finally:
            for made in self.opened:
                await made.close()
        assert [made for made in self.opened if isinstance(made, RpcPeer) and (made.pending or made.serving)] == []
        assert asyncio.all_tasks() == {asyncio.current_task()}

    def clock(self) -> Any:
        raise AssertionError

    def _transport(self, like: Transport | None) -> Transport:
        raise AssertionError


class MemoryWorld(World):
    new_loop = VirtualTimeLoop

    def __init__(self) -> None:
        super().__init__()
        self.network = MemoryNetwork(self.rng)

    def clock(self) -> LoopClock:
        return LoopClock(asyncio.get_running_loop())

    def _transport(self, like: Transport | None) -> Transport:
        return self.network.transport(address=like.control if like else None)


class ZmqWorld(World):
    def clock(self) -> SystemClock:
        return SystemClock()

    def _transport(self, like: Transport | None) -> Transport:
        ports = [Endpoint.parse(address).port for address in (like.control, like.bulk)] if like else [0, 0]
        return ZmqTransport(Listen(control_port=ports[0], bulk_port=ports[1]))


@pytest.fixture(params=[MemoryWorld, ZmqWorld], ids=["memory", "zeromq"])
def world(request: pytest.FixtureRequest) -> World:
    made: World = request.param()
    return made


@pytest.fixture
def zmq_world() -> ZmqWorld:
    return ZmqWorld()
