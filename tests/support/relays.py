"""Peers with relays between them, over a memory network in virtual time or over ZeroMQ on loopback."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

from net.addresses import Contact, Route
from net.clock import LoopClock, VirtualTimeLoop
from net.identity import Identity
from net.nat.relay_client import RelayClient
from net.nat.relay_limits import RelayLimits
from net.nat.relayed_transport import RelayedTransport
from net.rpc.peer import RpcPeer
from net.transport.base import Transport
from net.transport.memory import Conditions, MemoryNetwork

NETWORK = "hivelet"


class RelayPeer:
    """One peer: its parts by name. A hidden one keeps relays among `candidates` once `hide` is called."""

    def __init__(
        self,
        transport: Transport,
        identity: Identity,
        clock: Any,
        rng: random.Random,
        *,
        dialable: bool,
        reversible: bool,
        limits: RelayLimits | None,
    ) -> None:
        self.inner = transport
        self.transport = RelayedTransport(transport, clock, NETWORK, direct=self._direct, limits=limits)
        self.rpc = RpcPeer(self.transport, identity, clock, network=NETWORK)
        self.rpc.announce((Route(transport.control, transport.bulk),) if dialable else ())
        self.reversible = reversible
        self.relays = False
        self.candidates: list[RelayPeer] = []
        self.client = RelayClient(
            self.transport.links,
            NETWORK,
            lambda: self.rpc.contact,
            lambda: [peer.rpc.contact for peer in self.candidates],
            clock,
            rng,
        )
        self.client.on_change = lambda: self.rpc.announce(self.client.routes)
        self._task: asyncio.Task[None] | None = None

    @property
    def contact(self) -> Contact:
        return self.rpc.contact

    def relay(self) -> None:
        """Relay for others."""
        self.relays = True
        self.server.enable(True)

    @property
    def server(self) -> Any:
        return self.transport.server

    async def hide(self, *relays: "RelayPeer") -> None:
        """Become reachable through these, and wait until that is so."""
        self.candidates = list(relays)
        self._task = asyncio.create_task(self.client.run())
        self.client.want(True)
        await self.until(lambda: len(self.client.routes) == min(2, len(relays)))

    async def until(self, condition: Callable[[], object], seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - many different conditions, and time is virtual
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.rpc.close()

    def _direct(self) -> Route | None:
        offered = self.reversible or self.relays
        return self.rpc.contact.direct[0] if offered and self.rpc.contact.direct else None


class RelayWorld:
    """A memory network in virtual time; `run` closes everything and checks that nothing is left."""

    def __init__(self) -> None:
        self.rng = random.Random(5)
        self.network = MemoryNetwork(self.rng, Conditions(latency=0.02))
        self.peers: list[RelayPeer] = []
        self.loop_errors: list[dict[str, Any]] = []

    def run(self, scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(self._run(scenario))
        assert self.loop_errors == []

    def peer(
        self,
        *,
        dialable: bool = True,
        relays: bool = False,
        reversible: bool = False,
        limits: RelayLimits | None = None,
        identity: Identity | None = None,
    ) -> RelayPeer:
        made = RelayPeer(
            self.network.transport(dialable=dialable),
            identity or Identity(self.rng.randbytes(32)),
            LoopClock(asyncio.get_running_loop()),
            self.rng,
            dialable=dialable,
            reversible=reversible,
            limits=limits,
        )
        if relays:
            made.relay()
        self.peers.append(made)
        return made

    async def _run(self, scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self.loop_errors.append(context))
        try:
            await scenario()
        finally:
            for peer in self.peers:
                await peer.close()
        assert [peer for peer in self.peers if peer.rpc.pending or peer.rpc.serving] == []
        assert asyncio.all_tasks() == {asyncio.current_task()}
