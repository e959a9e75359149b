"""Swarms of DHT nodes in virtual time: over the memory transport, and, for big ones, over a bare Rpc twin."""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Any

import pytest

from net.addresses import Contact, PeerId, Route
from net.clock import LoopClock, VirtualTimeLoop
from net.dht.base import Entry
from net.dht.config import DhtConfig
from net.dht.contacts import Candidate
from net.dht.node import DhtNode
from net.dht.record import sign_record
from net.errors import ClosedError, DeadlineExceeded, PeerUnreachable, RecordError, RemoteError
from net.identity import Identity, sign_contact
from net.rpc.base import Caller, Payload, Reply, answered
from net.rpc.peer import RpcPeer
from net.transport.memory import Conditions, MemoryNetwork
from net.wire.messages import FailureCode, Message, Record


class BareNetwork:
    """Delivers messages between `BareRpc`s as objects: no codec, no connections, so that big swarms are quick."""

    def __init__(self, rng: random.Random, latency: float = 0.02, loss: float = 0.0) -> None:
        self.rng = rng
        self.latency = latency
        self.loss = loss
        self.calls: list[type[Message]] = []
        self.peers: dict[bytes, BareRpc] = {}
        self.unreachable: set[bytes] = set()  # curve keys whose messages vanish


class BareRpc:
    """Implements net.rpc.base.Rpc."""

    def __init__(self, network: BareNetwork, identity: Identity, clock: LoopClock, control: str | None = None) -> None:
        self.network = network
        self.identity = identity
        self.clock = clock
        self.curve_key = network.rng.randbytes(32)
        number = len(network.peers) + 1
        self.control = f"tcp://10.0.{number >> 8}.{number & 255}:4000" if control is None else control
        self.contact = sign_contact(
            identity, curve_key=self.curve_key, control=self.control, bulk=self.control, expires=clock.time() + 86400
        )
        self.handlers: dict[type[Message], Any] = {}
        self.closed = False
        network.peers[self.curve_key] = self

    def handle(self, request_type: type[Message], handler: Any) -> None:
        if request_type in self.handlers:
            raise ValueError("handled already")
        self.handlers[request_type] = handler

    async def call(self, contact: Contact, request: Message, payload: Payload = (), *, timeout: float) -> Reply:
        if self.closed:
            raise ClosedError("closed")
        network = self.network
        network.calls.append(type(request))
        target = network.peers.get(contact.curve_key)
        if target is None or target.closed:
            await asyncio.sleep(2 * network.latency)
            raise PeerUnreachable("nobody is there")
        vanishes = (
            contact.curve_key in network.unreachable
            or self.curve_key in network.unreachable
            or network.rng.random() < network.loss
        )
        if vanishes:
            await asyncio.sleep(timeout)
            raise DeadlineExceeded("no answer")
        await asyncio.sleep(network.latency)
        if type(request) not in target.handlers:
            raise RemoteError(FailureCode.UNKNOWN_METHOD, "not served here")
        caller = Caller(self.identity.peer_id, self.contact, self.control, timeout)
        try:
            answer = await answered(target.handlers[type(request)](caller, request, payload))
        except RecordError as error:
            raise RemoteError(FailureCode.BAD_REQUEST, str(error)) from error
        await asyncio.sleep(network.latency)
        return Reply(answer)

    async def close(self) -> None:
        self.closed = True


class Swarm:
    """Nodes that joined one after the other, each knowing one earlier node."""

    def __init__(
        self, rng: random.Random, config: DhtConfig | None, make_rpc: Callable[[Identity, LoopClock], Any]
    ) -> None:
        self.rng = rng
        self.clock = LoopClock(asyncio.get_running_loop())
        self.nodes: list[DhtNode] = []
        self.rpcs: list[Any] = []
        self._config = config
        self._make_rpc = make_rpc

    async def add(
        self, rpc: Any = None, *, identity: Identity | None = None, config: DhtConfig | None = None, join: bool = True
    ) -> DhtNode:
        """One more node, by default like all others."""
        identity = identity or Identity(self.rng.randbytes(32))
        rpc = rpc or self._make_rpc(identity, self.clock)
        node = DhtNode(rpc, identity, rpc.contact, self.clock, config or self._config, random.Random(self.rng.random()))
        dialable = [known.contact for known in self.nodes if known.contact.dialable]
        await node.start([self.rng.choice(dialable)] if dialable and join else [])
        self.nodes.append(node)
        self.rpcs.append(rpc)
        return node

    async def kill(self, indexes: Iterable[int]) -> None:
        """Take nodes away without a word."""
        for index in sorted(indexes, reverse=True):
            node, rpc = self.nodes.pop(index), self.rpcs.pop(index)
            await node.close()
            await rpc.close()


class SwarmWorld:
    """Runs a scenario in virtual time and makes its swarms, which end with it, leaving nothing behind."""

    def __init__(self) -> None:
        self.rng = random.Random(7)
        self.bare_network = BareNetwork(self.rng)
        self.network = MemoryNetwork(self.rng, Conditions(latency=0.02))
        self._swarms: list[Swarm] = []
        self._loop_errors: list[dict[str, Any]] = []

    def run(self, scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(self._run(scenario))
        assert not self._loop_errors

    async def _run(self, scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self._loop_errors.append(context))
        try:
            await scenario()
        finally:
            for swarm in self._swarms:
                await swarm.kill(range(len(swarm.nodes)))
        left = [task for task in asyncio.all_tasks() if "dht" in str(task.get_coro())]
        assert not left, "tasks outlive their node"

    async def bare_swarm(self, count: int, config: DhtConfig | None = None) -> Swarm:
        """Nodes over `bare_network`."""
        return await self._fill(count, config, lambda identity, clock: BareRpc(self.bare_network, identity, clock))

    def bare_rpc(self, control: str | None = None) -> BareRpc:
        """A peer on `bare_network` without a node: an attacker, a client, a liar."""
        clock = LoopClock(asyncio.get_running_loop())
        return BareRpc(self.bare_network, Identity(self.rng.randbytes(32)), clock, control)

    async def swarm(self, count: int, config: DhtConfig | None = None) -> Swarm:
        """Nodes over the memory transport, with everything between it and them."""
        return await self._fill(
            count, config, lambda identity, clock: RpcPeer(self.network.transport(), identity, clock)
        )

    async def _fill(
        self, count: int, config: DhtConfig | None, make_rpc: Callable[[Identity, LoopClock], Any]
    ) -> Swarm:
        swarm = Swarm(self.rng, config, make_rpc)
        self._swarms.append(swarm)
        for _ in range(count):
            await swarm.add()
        return swarm


@pytest.fixture
def world() -> SwarmWorld:
    return SwarmWorld()


@pytest.fixture
def rng() -> random.Random:
    return random.Random(7)


@pytest.fixture(autouse=True)
def _no_logged_errors(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A background task that fails is only logged: here that fails the test."""
    yield
    errors = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert not errors


NOW = 1_700_000_000.0


@pytest.fixture(scope="session")
def now() -> float:
    """Unix seconds at which the factories below make things."""
    return NOW


@pytest.fixture(scope="session")
def alice() -> Identity:
    return Identity(b"alice".ljust(32))


@pytest.fixture(scope="session")
def bob() -> Identity:
    return Identity(b"bob".ljust(32))


@pytest.fixture(scope="session")
def make_record(alice: Identity) -> Callable[..., Record]:
    """A valid record, or one with some fields changed (and signed all the same)."""

    def make(
        key: bytes = b"k" * 32,
        subkey: bytes = b"sub",
        value: bytes = b"value",
        seq: int = 1,
        life: float = 60.0,
        owner: Identity = alice,
    ) -> Record:
        return sign_record(owner, Entry(key, subkey, value, NOW + life), seq)

    return make


@pytest.fixture(scope="session")
def make_candidate() -> Callable[..., Candidate]:
    """A candidate with a chosen id, for code that believes what was checked before."""

    def make(
        peer_id: bytes, control: str = "tcp://10.0.0.1:4000", *, run: int = 0, expires: float = NOW + 86400
    ) -> Any:
        contact = Contact(peer_id, bytes([run]) * 32, (Route(control, control),), expires, bytes(64))
        return Candidate(PeerId(peer_id.ljust(32, b"\0")), contact)

    return make
