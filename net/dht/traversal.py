"""Drives lookups: does what `net.dht.lookup` decides, by asking peers over `net.dht.protocol`."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from net.addresses import PeerId
from net.clock import Clock
from net.dht.background import Spawn
from net.dht.batching import ValueBatcher
from net.dht.config import DhtConfig
from net.dht.contacts import Candidate
from net.dht.density import COMPARED, expected_nearer, is_sparse
from net.dht.lookup import Lookup
from net.dht.protocol import DhtProtocol
from net.dht.record import newest
from net.dht.routing_table import RoutingTable
from net.errors import ClosedError
from net.wire.messages import Record

logger = logging.getLogger(__name__)

_OTHER_SEEDS = 100

MAX_DICTIONARY = 8192
"""Records read of one key from one peer; a dictionary does not grow beyond what one reader can hold."""


class Answer(NamedTuple):
    """What one peer said: contacts, and whether it holds what is looked for."""

    contacts: Sequence[Candidate]
    holds: bool = False


Ask = Callable[[Candidate], Coroutine[Any, Any, Answer | None]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a search for a key brought: valid records, newest versions only, and the lookup for its figures."""

    records: list[Record]
    lookup: Lookup


class Traversal:
    """Lookups over the network. Never raises because of other peers; ClosedError when the node is not running."""

    def __init__(
        self, protocol: DhtProtocol, table: RoutingTable, clock: Clock, config: DhtConfig, spawn: Spawn
    ) -> None:
        self._protocol = protocol
        self._table = table
        self._clock = clock
        self._config = config
        self._spawn = spawn
        self._batcher = ValueBatcher(protocol.find_values, spawn)

    async def find_nodes(
        self, target: bytes, *, want: int = 0, seeds: Sequence[Candidate] = (), paths: int = 1
    ) -> Lookup:
        """Look for the `want` (default k) peers nearest to `target`. seeds: peers to ask beside those we know."""
        config = self._config
        lookup = Lookup(
            target,
            self._seeds(target, seeds),
            k=config.k,
            alpha=config.alpha if paths == 1 else config.path_alpha,
            want=want or config.k,
            paths=paths,
        )

        async def ask(peer: Candidate) -> Answer | None:
            contacts = await self._protocol.find_node(peer, target)
            return None if contacts is None else Answer(self._worth_asking(contacts))

        await self._search(lookup, ask, paths)
        return lookup

    async def find_values(self, key: bytes, *, paths: int = 1, known: bool = False) -> Reading:
        """Look for the dictionary under `key`, merging what several holders have. known: one of them is this node."""
        config = self._config
        seeds = self._seeds(key)
        lookup = Lookup(
            key,
            seeds,
            k=config.k,
            alpha=config.alpha,
            want=config.replicas + config.margin,
            paths=paths,
            holders=max(1, config.read_holders - known) if paths == 1 else config.path_holders * paths,
            first=1 if paths == 1 and self._is_far(key, seeds) else config.alpha,
        )
        records: list[Record] = []

        async def ask(peer: Candidate) -> Answer | None:
            found = await self._batcher.find(peer, key)
            if found is None:
                return None
            got = list(found.records)
            if found.more:
                got += await self._further_pages(peer, key, got)
            records.extend(got)
            return Answer(self._worth_asking(self._protocol.told(peer, found)), holds=bool(got))

        await self._search(lookup, ask, paths)
        return Reading(list(newest(records).values()), lookup)

    async def _further_pages(self, peer: Candidate, key: bytes, first: Sequence[Record]) -> list[Record]:
        last = (first[-1].subkey, first[-1].owner) if first else None
        got: list[Record] = []
        more = True
        while more and len(got) < MAX_DICTIONARY:
            answers = await self._protocol.find_values(peer, (key,), last)
            page = answers.get(key) if answers else None
            if page is None or not page.records:
                break
            position = (page.records[-1].subkey, page.records[-1].owner)
            if last is not None and position <= last:
                break  # it leads us in a circle
            got += page.records
            last, more = position, page.more
        return got

    def _seeds(self, target: bytes, extra: Sequence[Candidate] = ()) -> list[Candidate]:
        self._table.looked_up(target, self._clock.time())
        known = self._table.nearest(target, 2 * self._config.k, now=self._clock.time())
        # When all are blocked it may be our own line that failed: then asking is better than giving up.
        return [*extra, *(self._worth_asking(known) or known)[: self._config.k]]

    def _worth_asking(self, peers: Sequence[Candidate]) -> Sequence[Candidate]:
        if not len(self._protocol.blacklist):
            return peers
        return [peer for peer in peers if not self._protocol.blocks(peer)]

    async def _search(self, lookup: Lookup, ask: Ask, paths: int) -> None:
        """Perform a lookup. One over disjoint paths that was led astray all the same starts again from farther away:
        the contacts that we know nearest to a target share a bucket, and half of one may be colluders by bad luck."""
        await self._run(lookup, ask)
        if paths == 1:
            return
        neighbours = self._neighbours()
        if neighbours and is_sparse(lookup.number, lookup.nearest(COMPARED), self._table.own_number, neighbours):
            logger.info("Few peers were found near a key; looking again from other peers.")
            known = self._table.nearest(lookup.target, _OTHER_SEEDS, now=self._clock.time())
            lookup.broaden(self._worth_asking(known[self._config.k :]))
            await self._run(lookup, ask)

    def _is_far(self, key: bytes, seeds: Sequence[Candidate]) -> bool:
        """Whether none of these keeps this key, as far as can be told. Then the nearest is asked alone at first: two
        would lead to the same peers."""
        neighbours = self._neighbours()
        if not neighbours or not seeds:
            return False
        number = int.from_bytes(key, "big")
        return expected_nearer(number, seeds[0], self._table.own_number, neighbours) > 2 * self._config.replicas

    def _neighbours(self) -> Sequence[Candidate]:
        """The k peers that we know nearest to us; nobody where we know fewer."""
        table, k = self._table, self._config.k
        return table.nearest(table.own_id, k, now=self._clock.time()) if len(table) >= k else ()

    async def _run(self, lookup: Lookup, ask: Ask) -> None:
        """Perform a lookup to its end. Slow peers are overtaken; their answers may come after the end."""
        questions = _Questions(lookup, self._config.stall_after)
        try:
            while not lookup.done:
                for peer in lookup.next():
                    questions.put(peer.peer_id, self._spawn(ask(peer)))
                await questions.news()
        finally:
            questions.close()


class _Questions:
    """Those of one lookup: tells it how each ended, and which peers are slow.

    One timer for all, since most lookups end before anybody stalls. stall_after: seconds.
    """

    def __init__(self, lookup: Lookup, stall_after: float) -> None:
        self._lookup = lookup
        self._stall_after = stall_after
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[PeerId, float] = {}  # who is not stalled, and when that will be; the first first
        self._ended: deque[tuple[PeerId, asyncio.Task[Answer | None]]] = deque()
        self._news = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    def put(self, peer_id: PeerId, asking: "asyncio.Task[Answer | None]") -> None:
        """This peer is being asked."""
        due = self._loop.time() + self._stall_after
        self._waiting[peer_id] = due
        if self._timer is None:
            self._timer = self._loop.call_at(due, self._stall, due)
        asking.add_done_callback(partial(self._end, peer_id))

    async def news(self) -> None:
        """Wait until the lookup has been told something. Raises ClosedError when questions were cancelled."""
        await self._news.wait()
        self._news.clear()
        while self._ended:
            peer_id, task = self._ended.popleft()
            if task.cancelled():
                raise ClosedError("This DHT node was closed during a lookup.")
            answer = task.result()
            if answer is None:
                self._lookup.failed(peer_id)
            else:
                self._lookup.answered(peer_id, answer.contacts, holds=answer.holds)

    def close(self) -> None:
        """No more timers."""
        if self._timer is not None:
            self._timer.cancel()

    def _end(self, peer_id: PeerId, task: "asyncio.Task[Answer | None]") -> None:
        self._waiting.pop(peer_id, None)
        self._ended.append((peer_id, task))
        self._news.set()

    def _stall(self, until: float) -> None:
        for peer_id in [peer_id for peer_id, due in self._waiting.items() if due <= until]:
            del self._waiting[peer_id]
            self._lookup.stalled(peer_id)
        self._news.set()
        due = next(iter(self._waiting.values()), None)
        self._timer = None if due is None else self._loop.call_at(due, self._stall, due)
