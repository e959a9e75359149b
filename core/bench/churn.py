"""`hivelet bench churn`: a swarm of DHT nodes in virtual time, joined by the real protocol; then many die, or some lie.

What is real in it and what is not is told in `core.bench.simulation`. The same seed gives the same figures, but for
`seconds`, `cpu_seconds` and `max_rss_MB`.

1. All nodes join, `_JOINING` at a time, each through a random earlier one.
2. `idle_minutes` pass in which nobody asks for anything; messages are counted. Skipped when 0.
3. Honest nodes store one record each under random keys, by the normal path.
4. A share `dead` of the nodes falls silent at once. Nothing is stored again.
5. Random living honest nodes look up random ids (`lookups`), then read the records (`gets`). Where some are bad the
   reads are those of expert records: over disjoint paths (`Dht.get(…, fresh=True)`).

Bad nodes join like the others, so that they stand in honest tables, and lie from then on, before anything is stored:
they name only each other, accept every record and keep none, and asked for a record they deny it, forge it, or hand
out one of their own under that key, in turn. A newcomer all of whose bootstrap peers lie is not simulated: it never
hears of anybody honest, and no protocol can help it.
"""

import asyncio
import gc
import random
import statistics
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from core.bench.colluders import Colluders
from core.bench.simulation import SimulatedNetwork, SimulatedRpc
from net.clock import VirtualTimeLoop
from net.dht.base import Entry
from net.dht.node import DhtNode
from net.dht.node_id import distance
from net.identity import Identity
from net.wire.limits import MAX_RECORD_LIFE_S
from net.wire.messages import FindValue

if sys.platform == "win32":
    import psutil
else:
    import resource

T = TypeVar("T")

_ALONE = 20  # nodes that join one after the other, before many join at once
_JOINING = 64
_AT_ONCE = 50  # stores, lookups, gets
_SAMPLE = 200  # nodes whose neighbourhood is compared with the true one
_SUBKEY = b"subkey"


@dataclass(frozen=True, slots=True)
class ChurnOptions:
    """dead, bad: shares of all nodes; gets: records stored, and read; idle_minutes: of virtual time."""

    nodes: int = 1000
    dead: float = 0.0
    bad: float = 0.0
    gets: int = 1000
    lookups: int = 400
    idle_minutes: float = 0.0
    seed: int = 0


def run_churn(options: ChurnOptions) -> dict[str, Any]:
    """The figures. Nothing leaves this process."""
    wall, cpu = time.monotonic(), time.process_time()
    collecting = gc.isenabled()
    gc.disable()  # millions of objects that stay: looking through them again and again would take most of the time
    try:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            figures = runner.run(_Churn(options).run())
    finally:
        if collecting:
            gc.enable()
    return {
        **figures,
        "seconds": round(time.monotonic() - wall, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "max_rss_MB": round(_max_rss() / 1e6, 1),
        "seed": options.seed,
    }


class _Churn:
    def __init__(self, options: ChurnOptions) -> None:
        self._options = options
        self._rng = random.Random(options.seed)
        self._network: SimulatedNetwork
        self._nodes: list[DhtNode] = []
        self._rpcs: dict[bytes, SimulatedRpc] = {}
        self._colluders = Colluders()

    async def run(self) -> dict[str, Any]:
        options, rng = self._options, self._rng
        self._network = network = SimulatedNetwork(random.Random(rng.random()))
        try:
            await self._join_all()
            join_calls, join_s = network.calls.total(), network.loop.time()
            idle = await self._idle(options.idle_minutes) if options.idle_minutes else None
            known = self._nearest_known()
            self._turn_bad()
            records, replicas = await self._store()
            self._kill()
            honest = [node for node in self._nodes if node.peer_id not in self._colluders]
            dead_entries = self._dead_entries(honest)
            lookups = await _several(
                options.lookups, lambda _: rng.choice(honest).traversal.find_nodes(rng.randbytes(32))
            )
            asked, silent = network.calls[FindValue], network.silent[FindValue]
            found = await _several(len(records), lambda number: self._get(rng.choice(honest), *records[number]))
            gets = max(1, len(records))
            hops = sorted(lookup.hops for lookup in lookups)
            return {
                "nodes": options.nodes,
                "dead": options.dead,
                "bad": options.bad,
                "hops_mean": round(statistics.fmean(hops), 3),
                "hops_p99": hops[int(0.99 * (len(hops) - 1))],
                "find_node_requests_mean": round(statistics.fmean(lookup.asked for lookup in lookups), 2),
                "find_value_requests_mean": round((network.calls[FindValue] - asked) / gets, 2),
                "timeouts_mean": round(statistics.fmean(lookup.failures for lookup in lookups), 2),
                "find_value_timeouts_mean": round((network.silent[FindValue] - silent) / gets, 2),
                "success": round(sum(found) / gets, 5),
                "gets": len(records),
                "replicas_mean": round(replicas, 2),
                "table_entries_mean": round(statistics.fmean(len(node.table) for node in honest), 1),
                "table_dead": round(dead_entries, 4),
                "table_dead_after": round(self._dead_entries(honest), 4),
                "nearest_known": round(known, 4),
                "messages_per_node_hour_idle": idle,
                "messages_per_join": round(2 * join_calls / options.nodes, 1),
                "join_virtual_s": round(join_s, 1),
            }
        finally:
            for node in self._nodes:
                await node.close()

    # --- the swarm -------------------------------------------------------------------------------------------

    async def _join_all(self) -> None:
        count = self._options.nodes
        for _ in range(min(_ALONE, count)):
            await self._join()
        await _several(count - len(self._nodes), lambda _: self._join(), at_once=_JOINING)

    async def _join(self) -> None:
        rng, network = self._rng, self._network
        identity = Identity(rng.randbytes(32))
        rpc = SimulatedRpc(network, identity)
        node = DhtNode(rpc, identity, rpc.contact, network.clock, rng=random.Random(rng.random()))
        await node.start([rng.choice(self._nodes).contact] if self._nodes else [])
        self._nodes.append(node)
        self._rpcs[node.peer_id] = rpc

    def _turn_bad(self) -> None:
        for node in self._rng.sample(self._nodes, round(self._options.bad * len(self._nodes))):
            self._colluders.add(self._rpcs[node.peer_id])

    def _kill(self) -> None:
        living = [node for node in self._nodes if node.peer_id not in self._colluders]
        for node in self._rng.sample(living, round(self._options.dead * len(living))):
            self._rpcs[node.peer_id].kill()
        self._nodes = [node for node in self._nodes if not self._rpcs[node.peer_id].killed]

    async def _idle(self, minutes: float) -> float:
        network = self._network
        sent = network.calls.total() + network.answers
        await asyncio.sleep(60 * minutes)
        sent = network.calls.total() + network.answers - sent
        return round(sent / len(self._nodes) * 60 / minutes, 1)

    # --- records ---------------------------------------------------------------------------------------------

    async def _store(self) -> tuple[list[tuple[bytes, bytes]], float]:
        """Keys and values, and how many nodes took each on average, as far as they said so."""
        rng, clock = self._rng, self._network.clock
        honest = [node for node in self._nodes if node.peer_id not in self._colluders]
        records = [(rng.randbytes(32), rng.randbytes(100)) for _ in range(self._options.gets)]

        async def store(number: int) -> int:
            key, value = records[number]
            expires = clock.time() + MAX_RECORD_LIFE_S - 60
            return (await rng.choice(honest).store([Entry(key, _SUBKEY, value, expires)]))[0]

        kept = await _several(len(records), store)
        return records, statistics.fmean(kept)

    async def _get(self, node: DhtNode, key: bytes, value: bytes) -> bool:
        found = await node.get([key], fresh=self._options.bad > 0)
        return any(record.value == value for record in found[key])

    # --- tables ----------------------------------------------------------------------------------------------

    def _nearest_known(self) -> float:
        """Share of each node's true k nearest peers that stand in its table, over a sample."""
        ids = [node.peer_id for node in self._nodes]
        shares = []
        for node in self._rng.sample(self._nodes, min(_SAMPLE, len(self._nodes))):
            nearest = sorted(ids, key=lambda other, own=node.peer_id: distance(own, other))  # type: ignore[misc]
            true = nearest[1 : node.table.k + 1]
            shares.append(sum(peer_id in node.table for peer_id in true) / max(1, len(true)))
        return statistics.fmean(shares)

    def _dead_entries(self, nodes: Sequence[DhtNode]) -> float:
        """Share of entries, among those that a node would ask, that stand for the dead."""
        good = [entry for node in nodes for entry in node.table if node.table.is_good(entry)]
        return sum(self._rpcs[entry.peer_id].killed for entry in good) / max(1, len(good))


async def _several(count: int, work: Callable[[int], Coroutine[Any, Any, T]], at_once: int = _AT_ONCE) -> list[T]:
    """work(0) … work(count - 1), so many at once; the results in order."""
    numbers = iter(range(count))
    results: dict[int, T] = {}

    async def some() -> None:
        for number in numbers:
            results[number] = await work(number)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(at_once, count)):
            group.create_task(some())
    return [results[number] for number in range(count)]


def _max_rss() -> int:
    """The most memory that this process has had, in bytes."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
