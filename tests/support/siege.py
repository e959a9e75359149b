"""Attacks on a node in a process of its own: is it alive, how much memory does it take, are honest peers served?"""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import zmq

from net.addresses import Contact, Endpoint
from net.clock import SystemClock
from net.identity import Identity
from net.introduction import introduce
from net.rpc.base import Rpc
from net.rpc.peer import RpcPeer
from net.transport.zeromq import Listen, ZmqTransport
from net.wire.messages import FindNode, Nodes, Ping, Pong
from tests.support.processes import environment

PROGRAM = Path(__file__).parents[1] / "hostile" / "node_process.py"
MB = 1024 * 1024
SERVED_WITHIN_S = 2.0  # for an honest peer under attack; it takes some milliseconds where all cores are idle
_EVERY_S = 0.03
FIGURES: list[str] = []
"""What sieges have measured, for the end of the test run."""


class Node:
    """The node under attack."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the node did not start: {self.close()}")
        self.address: str = json.loads(line)["address"]
        self.endpoint = Endpoint.parse(self.address)
        try:
            self.contact = asyncio.run(self.introduce())
        except BaseException:
            self.close()
            raise
        self.control = Endpoint.parse(self.contact.control)
        self.bulk = Endpoint.parse(self.contact.bulk)
        self._system = psutil.Process(self.process.pid)

    async def introduce(self) -> Contact:
        """Ask for its contact as a newcomer does."""
        context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        try:
            return await introduce(
                context, self.endpoint, network="hivelet", clock=SystemClock(), timeout=SERVED_WITHIN_S
            )
        finally:
            context.destroy(linger=0)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def rss(self) -> int:
        """Bytes of memory that it occupies now."""
        return self._system.memory_info().rss

    def descriptors(self) -> int:
        """Files that it has open now."""
        return self._system.num_fds()

    def cpu_seconds(self) -> float:
        """Processor time that it has used so far."""
        times = self._system.cpu_times()
        return times.user + times.system

    def close(self) -> str:
        """Stop it in order, insist where that does not help, and return what it had to say about errors."""
        try:
            _, errors = self.process.communicate("", timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, errors = self.process.communicate()
        return errors


def peer(host: str = "127.0.0.1") -> RpcPeer:
    """An honest peer in this process. Made on a running loop; close it."""
    return RpcPeer(ZmqTransport(Listen(host, announce=host)), Identity.generate(), SystemClock())


async def ping(rpc: Rpc, contact: Contact) -> float:
    """Seconds until this node has answered."""
    began = time.monotonic()
    reply = await rpc.call(contact, Ping(), timeout=4 * SERVED_WITHIN_S)
    assert isinstance(reply.message, Pong)
    return time.monotonic() - began


async def newcomer(node: Node) -> float:
    """Seconds until one who knows the address only is introduced and answered."""
    began = time.monotonic()
    honest = peer()
    try:
        contact = await node.introduce()
        reply = await honest.call(contact, FindNode(bytes(32)), timeout=4 * SERVED_WITHIN_S)
        assert isinstance(reply.message, Nodes)
    finally:
        await honest.close()
    return time.monotonic() - began


@dataclass
class Measured:
    """What one siege has cost so far. Seconds and bytes."""

    slowest: float = 0.0
    before: int = 0
    peak: int = 0
    served: int = 0


@asynccontextmanager
async def siege(node: Node, name: str, *, grow_mb: float) -> AsyncIterator[RpcPeer]:
    """Attack the node inside this: an honest peer is served all the while, and gets to be used for more.

    At the end the node must be alive, have answered every honest call within SERVED_WITHIN_S, a newcomer's
    included, and must never have occupied more than `grow_mb` megabytes above what it did before.
    """
    honest = peer()
    measured = Measured()
    try:
        await ping(honest, node.contact)
        measured.before = measured.peak = node.rss()

        async def watch() -> None:
            while True:
                measured.slowest = max(measured.slowest, await ping(honest, node.contact))
                measured.served += 1
                measured.peak = max(measured.peak, node.rss())
                await asyncio.sleep(_EVERY_S)

        watching = asyncio.create_task(watch())
        try:
            yield honest
            await until(lambda: measured.served or watching.done())
        finally:
            if not watching.done():
                watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
        came = await newcomer(node)
        measured.peak = max(measured.peak, node.rss())
    finally:
        await honest.close()
    grown = (measured.peak - measured.before) / MB
    FIGURES.append(
        f"{name}: memory +{grown:.1f} MB of {grow_mb:g} allowed; {measured.served} honest calls, slowest "
        f"{measured.slowest * 1000:.0f} ms; newcomer {came * 1000:.0f} ms"
    )
    print(FIGURES[-1])  # noqa: T201 - the figure is a part of the result
    assert node.alive
    assert measured.slowest < SERVED_WITHIN_S
    assert came < SERVED_WITHIN_S
    assert grown <= grow_mb


async def until(condition: Any, seconds: float = 10.0) -> None:
    """Wait for what another process does; there is no event for it."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
