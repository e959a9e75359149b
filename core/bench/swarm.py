"""The measuring process's own peer: joined to the host, with everything that an engine calls experts through."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from core.bench.expert_host import PROJECT, HostOptions
from core.errors import HiveletError
from core.experts.directory import ExpertDirectory
from core.experts.remote_expert import CallerConfig, ExpertCaller
from net.addresses import Contact
from net.clock import SystemClock
from net.identity import Identity
from net.node import NodeConfig, PeerNode

_JOIN_S = 30.0
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Joined:
    """A peer that knows where every expert lives. host: who hosts them."""

    node: PeerNode
    caller: ExpertCaller
    host: Contact


@contextlib.asynccontextmanager
async def joined(address: str, options: HostOptions, config: CallerConfig | None = None) -> AsyncIterator[Joined]:
    """Join through this address and find the experts. Raises HiveletError when that takes too long."""
    clock = SystemClock()
    listen = NodeConfig(listen="tcp://127.0.0.1:0", bootstrap=(address,), loopback=True)
    node = await PeerNode.start(listen, Identity.generate(), clock)
    try:
        directory = ExpertDirectory(node.dht, node.rpc, lambda: node.contact, PROJECT, [options.grid], clock)
        caller = ExpertCaller(node.rpc, directory, None, asyncio.get_running_loop(), PROJECT, config)
        yield Joined(node, caller, await _find(directory, options, address))
    finally:
        await node.close()


async def _find(directory: ExpertDirectory, options: HostOptions, address: str) -> Contact:
    try:
        async with asyncio.timeout(_JOIN_S):
            while len(directory.alive(options.grid.prefix).experts) < options.grid.size:
                await asyncio.sleep(_LOOK_S)  # joining gives no signal
                await directory.refresh()
    except TimeoutError:
        raise HiveletError(f"The experts at {address} were not found within {_JOIN_S:.0f} seconds.") from None
    return directory.alive(options.grid.prefix).experts[0].contact
