"""Lines that misbehave, over real sockets: a peer that stops reading, a line that goes dead, one that must be kept."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import psutil
import pytest

from net.addresses import Contact, Endpoint, Route
from net.clock import SystemClock
from net.errors import NetError, PeerUnreachable
from net.identity import Identity
from net.rpc.peer import RpcPeer
from net.transport import zeromq
from net.transport.zeromq import Listen, ZmqTransport
from net.wire.limits import MAX_CALLS_PER_PEER, PEER_STREAM_BYTES
from net.wire.messages import Ping, Plane, TrunkFetch
from tests.integration.net.test_node import start, start_process, until
from tests.support.rpc import FORWARD, MIB, never, pong

__all__ = ["start_process"]  # a fixture


async def test_a_peer_that_stops_reading_costs_bounded_memory(start_process: Any) -> None:
    process, address = start_process()
    async with contextlib.AsyncExitStack() as stack:
        greedy, honest = await start(address), await start(address)
        for node in (greedy, honest):
            stack.push_async_callback(node.close)
        await until(lambda: _stranger(honest, greedy) and _stranger(greedy, honest), 20)
        contact = _stranger(honest, greedy)
        await honest.rpc.call(contact, FORWARD, [bytes(MIB)], timeout=20)
        host = psutil.Process(process.pid)
        before = host.memory_info().rss
        greedy.set_rates(None, 1.0)  # it asks and asks, and reads no answer
        calls = [
            asyncio.create_task(greedy.rpc.call(contact, FORWARD, [bytes(4 * MIB)], timeout=60))
            for _ in range(2 * MAX_CALLS_PER_PEER)
        ]
        highest = 0
        for _ in range(20):
            await honest.rpc.call(contact, FORWARD, [bytes(MIB)], timeout=20)
            highest = max(highest, host.memory_info().rss - before)
            await asyncio.sleep(0.05)
        print(f"memory of a host whose caller stopped reading: +{highest / MIB:.0f} MiB")  # noqa: T201 - a figure
        assert MIB < highest < PEER_STREAM_BYTES * 1.5
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)


def _stranger(node: Any, other: Any) -> Any:
    """The contact of the process: the one that a node knows and that is not the other node's."""
    known = (each for each in node.dht.contacts() if each.public_key != other.contact.public_key)
    return next(known, None)


class Relay:
    """Passes TCP connections on. frozen: it swallows everything, as a cable does that was pulled. patience: seconds
    after which it forgets a connection over which nothing went, as a NAT does."""

    def __init__(self, target: int, patience: float | None = None) -> None:
        self.target = target
        self.patience = patience
        self.frozen = False
        self.forgotten = 0
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Relay"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        for source, sink in ((reader, there_writer), (there_reader, writer)):
            task = asyncio.create_task(self._pass(source, sink))
            self._tasks.add(task)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while True:
                async with asyncio.timeout(self.patience):
                    data = await source.read(65536)
                if not data:
                    break
                if not self.frozen:
                    sink.write(data)
                    await sink.drain()
        except TimeoutError:
            self.forgotten += 1
        except ConnectionError:
            pass  # the other direction has seen it, too
        finally:
            sink.close()


def through(contact: Contact, relay: Relay, plane: Plane) -> Contact:
    """The same peer, one of its planes behind the relay. The card is not signed anew: only links are made with it."""
    (route,) = contact.routes
    address = f"tcp://127.0.0.1:{relay.port}"
    changed = replace(route, control=address) if plane is Plane.CONTROL else replace(route, bulk=address)
    assert isinstance(changed, Route)
    return replace(contact, routes=(changed,))


@pytest.fixture
def quick_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zeromq, "_HEARTBEAT_MS", 100)
    monkeypatch.setattr(zeromq, "_HEARTBEAT_TIMEOUT_MS", 400)


@contextlib.asynccontextmanager
async def two_peers(patience: float | None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Any, Any, Relay]]:
    """Alice dials Bob's control plane through a relay."""
    alice, bob = (RpcPeer(ZmqTransport(Listen()), Identity.generate(), SystemClock()) for _ in range(2))
    bob.handle(Ping, pong)
    bob.handle(TrunkFetch, never)
    async with Relay(Endpoint.parse(bob.contact.control).port, patience).running() as relay:
        dial: Callable[[Contact, Plane], Any] = alice._transport.dial  # type: ignore[assignment]
        monkeypatch.setattr(
            alice._transport, "dial", lambda contact, plane: dial(through(contact, relay, Plane.CONTROL), plane)
        )
        try:
            yield alice, bob, relay
        finally:
            await alice.close()
            await bob.close()


async def test_an_idle_connection_is_kept_where_a_nat_forgets_silent_ones(
    quick_heartbeats: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_peers(0.5, monkeypatch) as (alice, bob, relay):
        await alice.call(bob.contact, Ping(), timeout=5)
        (connection,) = alice._client.connections
        await asyncio.sleep(1.5)
        assert alice._client.connections == [connection]
        assert relay.forgotten == 0
        await alice.call(bob.contact, Ping(), timeout=5)


async def test_a_line_that_goes_dead_is_noticed_by_both_sides(
    quick_heartbeats: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_peers(None, monkeypatch) as (alice, bob, relay):
        await alice.call(bob.contact, Ping(), timeout=5)
        waiting = asyncio.create_task(_outcome(alice.call(bob.contact, Ping(), timeout=60)))
        await waiting
        bob._server._handlers.pop(Ping.CODE)
        bob.handle(Ping, never)
        waiting = asyncio.create_task(_outcome(alice.call(bob.contact, Ping(), timeout=60)))
        await until(lambda: bob.serving == 1)
        relay.frozen = True
        async with asyncio.timeout(5):
            error = await waiting
        assert isinstance(error, PeerUnreachable)
        await until(lambda: bob.serving == 0)


async def _outcome(call: Any) -> NetError | None:
    try:
        await call
    except NetError as error:
        return error
    return None


def test_heartbeats_are_slower_than_a_large_frame_takes_over_a_slow_line() -> None:
    # 256 KiB at 20 KB/s, the slowest line that is any use.
    assert zeromq._HEARTBEAT_TIMEOUT_MS / 1000 > 256 * 1024 / 20_000
    assert zeromq._HEARTBEAT_MS * 3 < zeromq._HEARTBEAT_TIMEOUT_MS
