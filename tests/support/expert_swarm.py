"""Peers with experts inside one process: RPC and DHT are direct calls that can be delayed or made to fail."""

import asyncio
import random
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeVar

import torch

from core.experts.announcement import ENCODINGS_TAKEN, VERSION, Announcement, row_key
from core.experts.directory import DirectoryConfig, ExpertDirectory
from core.experts.remote_expert import CallerConfig, ExpertCaller
from core.experts.runtime import Gate, OnWork, OpenGate
from core.experts.service import ExpertHost
from core.experts.spec import ExpertSpec, OptimizerSpec
from core.experts.spot_check import SpotChecks
from core.experts.task_pool import QueueLimits
from core.experts.uid import Grid, row_of
from net.addresses import Contact, PeerId
from net.clock import Clock, SystemClock
from net.dht.base import Entry
from net.errors import DeadlineExceeded, NetError, PeerUnreachable, RemoteError
from net.identity import Identity, peer_id_of, sign_contact
from net.rpc.base import Caller, Ended, Handler, Payload, Reply, answered
from net.wire.codec import decode, encode
from net.wire.messages import FailureCode, Message, Ping, Pong, Record

T = TypeVar("T")
PROJECT = bytes(range(32))


@dataclass(slots=True)
class Fault:
    """What is wrong with a peer. unreachable: fails at once; silent: never answers; error: answers with this code."""

    unreachable: bool = False
    silent: bool = False
    error: FailureCode | None = None
    retry_after: float = 0.0
    delay: float = 0.0


@dataclass(slots=True, eq=False)
class FakeRpc:
    """One peer's Rpc. Requests pass through the real codec; payloads are copied into fresh memory."""

    network: dict[PeerId, "FakeRpc"]
    contact: Contact
    fault: Fault = field(default_factory=Fault)
    sent: list[Message] = field(default_factory=list)
    received: list[Message] = field(default_factory=list)
    handlers: dict[type[Message], Handler[Any]] = field(default_factory=dict)
    calls: set[asyncio.Task[None]] = field(default_factory=set)

    async def call(self, contact: Contact, request: Message, payload: Payload = (), *, timeout: float) -> Reply:
        self.sent.append(request)
        target = self.network[peer_id_of(contact.public_key)]
        if target.fault.unreachable:
            raise PeerUnreachable("Nobody answers there.")
        try:
            async with asyncio.timeout(timeout):
                if target.fault.silent:
                    await asyncio.sleep(timeout * 2)
                await asyncio.sleep(target.fault.delay)
                if isinstance(request, Ping):
                    return Reply(Pong(0.0))
                reply = await target.serve(self, request, payload, timeout)
                self.received.append(reply.message)
                return reply
        except TimeoutError:
            raise DeadlineExceeded("No answer in time.") from None

    def start(self, contact: Contact, request: Message, payload: Payload = (), *, timeout: float, ended: Ended) -> None:
        async def call() -> None:
            try:
                outcome: Reply | NetError = await self.call(contact, request, payload, timeout=timeout)
            except NetError as error:
                outcome = error
            ended(outcome)

        task = asyncio.get_running_loop().create_task(call())
        self.calls.add(task)
        task.add_done_callback(self.calls.discard)

    async def serve(self, asker: "FakeRpc", request: Message, payload: Payload, timeout: float) -> Reply:
        if self.fault.error is not None:
            raise RemoteError(self.fault.error, "It was told to fail.", self.fault.retry_after)
        caller = Caller(peer_id_of(asker.contact.public_key), asker.contact, "tcp://10.0.0.1:1", timeout)
        received = decode(request.CODE, encode(request))
        reply = await answered(self.handlers[type(request)](caller, received, [bytearray(each) for each in payload]))
        message, answer = reply if isinstance(reply, tuple) else (reply, ())
        return Reply(decode(message.CODE, encode(message)), [bytearray(each) for each in answer])

    def handle(self, request_type: type[Any], handler: Handler[Any]) -> None:
        self.handlers[request_type] = handler


@dataclass(slots=True, eq=False)
class FakeDht:
    """One peer's view of a dictionary that all share. Like the real one it owns what it stores.

    costs: what reading one key adds to `questions`, over disjoint paths and plainly; hidden: plain reads find nothing.
    """

    shared: dict[tuple[bytes, bytes, bytes], Record]
    owner: bytes
    clock: Clock
    gets: list[tuple[bytes, ...]] = field(default_factory=list)
    stores: list[Entry] = field(default_factory=list)
    plain_gets: list[tuple[bytes, ...]] = field(default_factory=list)
    questions: int = 0
    costs: tuple[int, int] = (0, 0)
    hidden: bool = False

    async def store(self, entries: Sequence[Entry]) -> list[int]:
        for entry in entries:
            self.stores.append(entry)
            name = (entry.key, entry.subkey, self.owner)
            self.shared[name] = Record(entry.key, entry.subkey, self.owner, 1, entry.expires, entry.value, bytes(64))
        return [1] * len(entries)

    async def get(self, keys: Sequence[bytes], *, fresh: bool = False) -> dict[bytes, list[Record]]:
        self.gets.append(tuple(keys))
        self.questions += len(keys) * self.costs[not fresh]
        if not fresh:
            self.plain_gets.append(tuple(keys))
        now = self.clock.time()
        live = [record for record in self.shared.values() if record.expires > now and record.value]
        if self.hidden and not fresh:
            live = []
        return {key: [record for record in live if record.key == key] for key in keys}


class Peer:
    """One peer's identity, Rpc and Dht."""

    def __init__(self, swarm: "Swarm") -> None:
        number = len(swarm.peers)
        self.identity = Identity(bytes([number + 1]) * 32)
        self.contact = sign_contact(
            self.identity,
            curve_key=bytes(32),
            control=f"tcp://10.0.0.{number}:1",
            bulk=f"tcp://10.0.0.{number}:2",
            expires=swarm.clock.time() + 3600,
        )
        self.rpc = FakeRpc(swarm.network, self.contact)
        self.dht = FakeDht(swarm.records, self.identity.public_key, swarm.clock)
        self.peer_id = self.identity.peer_id
        swarm.network[self.peer_id] = self.rpc


class Swarm:
    """All peers of a test."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.network: dict[PeerId, FakeRpc] = {}
        self.records: dict[tuple[bytes, bytes, bytes], Record] = {}
        self.peers: list[Peer] = []

    def peer(self) -> Peer:
        """One more."""
        self.peers.append(Peer(self))
        return self.peers[-1]

    def directory(self, peer: Peer, grids: Sequence[Grid], config: DirectoryConfig | None = None) -> ExpertDirectory:
        """The peer's view of the swarm."""
        return ExpertDirectory(peer.dht, peer.rpc, lambda: peer.contact, PROJECT, grids, self.clock, config)

    async def announce(
        self,
        peer: Peer,
        uid: str,
        *,
        since: float = 0.0,
        state: str = "serving",
        life: float = 60.0,
        step: int = 0,
        encodings: tuple[str, ...] = ENCODINGS_TAKEN,
    ) -> None:
        """The peer says that it hosts this expert."""
        row, last = row_of(uid)
        said = Announcement(VERSION, peer.contact, since, step, state, encodings)
        await peer.dht.store([Entry(row_key(PROJECT, row), last.encode(), said.to_bytes(), self.clock.time() + life)])


class LoopThread:
    """An event loop in a thread of its own, as trainer threads see it. A context manager."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="loop", daemon=True)

    def __enter__(self) -> "LoopThread":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.run(self._cancel_rest())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run it there and wait for its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    async def _cancel_rest(self) -> None:
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


def seed_of(uid: str) -> int:
    """The seed from which the fake swarm's experts are born."""
    return random.Random(uid).getrandbits(32)


class Hive:
    """A trainer and several hosts that serve all experts of some grids, on a real loop in a thread of its own.

    Experts are dealt to hosts in turn. own: whether the trainer's engine hosts as well (the first share).
    """

    def __init__(
        self,
        grids: Sequence[Grid],
        *,
        hosts: int = 2,
        own: bool = False,
        hidden: int = 8,
        spec: ExpertSpec | None = None,
        gate: Gate | None = None,
        limits: QueueLimits | None = None,
        caller: CallerConfig | None = None,
        directory: DirectoryConfig | None = None,
        checks: SpotChecks | None = None,
        on_work: OnWork = lambda uid, samples, flops, seconds: None,
    ) -> None:
        self.grids = list(grids)
        self.spec = spec or ExpertSpec("ffn", hidden, hidden * 2, OptimizerSpec(learning_rate=1e-2))
        self.swarm = Swarm(SystemClock())
        self.trainer = self.swarm.peer()
        self.peers = ([self.trainer] if own else []) + [self.swarm.peer() for _ in range(hosts)]
        self.thread = LoopThread()
        self.hosts = {
            peer.peer_id: ExpertHost(
                peer.rpc, PROJECT, ["cpu"], gate or OpenGate(), on_work, self.swarm.clock, limits=limits
            )
            for peer in self.peers
        }
        self.peer_of: dict[str, Peer] = {}
        for number, uid in enumerate(uid for grid in grids for uid in grid.uids()):
            self.peer_of[uid] = self.peers[number % len(self.peers)]
            self.hosts[self.peer_of[uid].peer_id].add(uid, self.spec, seed_of(uid))
        self.directory = self.swarm.directory(self.trainer, grids, directory)
        own_host = self.hosts.get(self.trainer.peer_id)
        self.caller = ExpertCaller(
            self.trainer.rpc, self.directory, own_host, self.thread.loop, PROJECT, caller, checks
        )

    def __enter__(self) -> "Hive":
        self.thread.__enter__()
        for host in self.hosts.values():
            host.start()
        for uid, peer in self.peer_of.items():
            self.thread.run(self.swarm.announce(peer, uid))
        self.thread.run(self.directory.refresh())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for host in self.hosts.values():
            self.thread.run(host.close())
        self.thread.__exit__(kind, error, at)

    def host_of(self, uid: str) -> ExpertHost:
        """Who hosts it."""
        return self.hosts[self.peer_of[uid].peer_id]

    def steps(self) -> dict[str, int]:
        """Optimizer steps of every expert."""
        return {uid: self.host_of(uid).steps(uid) for uid in self.peer_of}


def rows(count: int, width: int, seed: int = 0) -> torch.Tensor:
    """Normal random rows."""
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed))
