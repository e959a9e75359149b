"""The measuring process's own peer: joined to the host, with everything that an engine calls experts through."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from core.bench.expert_host import PROJECT, HostOptions
from core.bench.line import TcpLine
from core.errors import HiveletError
from core.experts.directory import ExpertDirectory
from core.experts.remote_expert import CallerConfig, ExpertCaller
from net.addresses import Contact, Endpoint, Route
from net.clock import SystemClock
from net.identity import Identity
from net.node import NodeConfig, PeerNode
from net.rpc.base import StartingRpc
from net.rpc.peer import RpcPeer
from net.transport.base import Link
from net.transport.zeromq import Listen, ZmqTransport
from net.wire.messages import Plane

_JOIN_S = 30.0
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Joined:
    """A peer that knows where every expert lives. host: who hosts them."""

    node: PeerNode
    caller: ExpertCaller
    directory: ExpertDirectory
    host: Contact


@contextlib.asynccontextmanager
async def joined(
    address: str, options: HostOptions, config: CallerConfig | None = None, line: TcpLine | None = None
) -> AsyncIterator[Joined]:
    """Join through this address and find the experts. line: what calls to them go over, the kernel's loopback by
    default. Raises HiveletError when that takes too long."""
    clock = SystemClock()
    listen = NodeConfig(listen="tcp://127.0.0.1:0", bootstrap=(address,), loopback=True)
    node = await PeerNode.start(listen, Identity.generate(), clock)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(node.close)
        rpc: StartingRpc = node.rpc
        if line is not None:
            rpc = RpcPeer(Rerouted(ZmqTransport(Listen(announce="")), line), Identity.generate(), clock)
            stack.push_async_callback(rpc.close)
        directory = ExpertDirectory(node.dht, rpc, lambda: node.contact, PROJECT, [options.grid], clock)
        caller = ExpertCaller(rpc, directory, None, asyncio.get_running_loop(), PROJECT, config)
        yield Joined(node, caller, directory, await _find(directory, options, address))


async def _find(directory: ExpertDirectory, options: HostOptions, address: str) -> Contact:
    try:
        async with asyncio.timeout(_JOIN_S):
            while len(directory.alive(options.grid.prefix).experts) < options.experts:
                await asyncio.sleep(_LOOK_S)  # joining gives no signal
                await directory.refresh()
    except TimeoutError:
        raise HiveletError(f"The experts at {address} were not found within {_JOIN_S:.0f} seconds.") from None
    return directory.alive(options.grid.prefix).experts[0].contact


class Rerouted:
    """A transport whose connections go over a line. What is dialled is proven by its CURVE key as ever."""

    def __init__(self, inner: ZmqTransport, line: TcpLine) -> None:
        self._inner = inner
        self._line = line
        self._ports: dict[str, int] = {}
        self.key, self.control, self.bulk = inner.key, inner.control, inner.bulk
        self.attach, self.agree, self.close = inner.attach, inner.agree, inner.close

    def dial(self, contact: Contact, plane: Plane) -> Link:
        """As Transport.dial."""
        route = Route(self._through(contact.control), self._through(contact.bulk), b"")
        return self._inner.dial(replace(contact, routes=(route,)), plane)

    def _through(self, address: str) -> str:
        if address not in self._ports:
            target = Endpoint.parse(address)
            self._ports[address] = self._line.to(target.host, target.port)
        return f"tcp://127.0.0.1:{self._ports[address]}"
