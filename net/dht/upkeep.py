"""What a node does when nobody asks anything: keeps its table fresh and the records it holds where they belong."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from net.addresses import PeerId
from net.clock import Clock
from net.dht.background import concurrently
from net.dht.config import DhtConfig
from net.dht.contacts import Candidate
from net.dht.node_id import distance, random_id_in_bucket
from net.dht.protocol import DhtProtocol
from net.dht.publisher import Publisher
from net.dht.routing_table import RoutingTable
from net.dht.storage import Storage
from net.dht.traversal import Traversal
from net.wire.messages import Record

_PINGS_A_ROUND = 8
_REFRESHES_A_ROUND = 2
_KEYS_A_TURN = 64
_SETTLING = (0.5, 1.5, 5.0)  # seconds between looks at a new neighbourhood


class Upkeep:
    """Two endless tasks: `run`, rounds of small work spread over time, and `greet`, which welcomes new peers.

    rejoin: starts over from the contacts that the node was given, for when nobody is left in the table.
    """

    def __init__(
        self,
        table: RoutingTable,
        storage: Storage,
        protocol: DhtProtocol,
        traversal: Traversal,
        publisher: Publisher,
        clock: Clock,
        config: DhtConfig,
        rng: random.Random,
        rejoin: Callable[[], Awaitable[object]],
    ) -> None:
        self._table = table
        self._storage = storage
        self._protocol = protocol
        self._traversal = traversal
        self._publisher = publisher
        self._clock = clock
        self._config = config
        self._rng = rng
        self._rejoin = rejoin
        self._stored_at: dict[bytes, float] = {}  # when somebody last stored under each key that is held here
        self._newcomers: dict[PeerId, Candidate] = {}
        self._newcomer_came = asyncio.Event()
        self._self_refreshed = clock.monotonic()
        self._settling = False

    # --- what it is told -----------------------------------------------------------------------------------

    def stored(self, key: bytes) -> None:
        """Somebody stored under this key here, and so, surely, on the other nodes near it."""
        self._stored_at[key] = self._clock.monotonic()

    def new_peer(self, peer: Candidate) -> None:
        """This peer has entered the routing table."""
        if len(self._storage):
            self._newcomers[peer.peer_id] = peer
            self._newcomer_came.set()

    # --- rounds --------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Rounds of upkeep, one about every `tick` seconds, until cancelled."""
        while True:
            # Spread, so that peers that started together do not work in step.
            await asyncio.sleep(self._config.tick * (0.75 + 0.5 * self._rng.random()))
            await self.round()

    async def round(self) -> None:
        """One round."""
        self._storage.expire(self._clock.time())
        await self._ask_the_silent()
        await self._refresh()
        await self._replicate()

    async def _ask_the_silent(self) -> None:
        """Find out who is gone, and notice when those who were gone are back."""
        now = self._clock.time()
        self._table.forget_silent(now, self._config.forget_after)
        silent = self._table.doubtful(now, self._config.silent_after)
        chosen = [peer for peer in silent if not self._protocol.blocks(peer)][:_PINGS_A_ROUND]
        await concurrently(*map(self._protocol.ping, chosen))

    async def _refresh(self) -> None:
        now = self._clock.monotonic()
        if not self._table.any_good():
            await self._rejoin()
            return
        small = len(self._table) < self._table.k
        period = self._config.small_refresh_period if small else self._config.self_refresh_period
        if self._self_refreshed + period <= now:
            self._self_refreshed = now
            await self._traversal.find_nodes(self._table.own_id)
        if not small:
            stale = self._table.buckets_to_refresh(self._clock.time(), self._config.refresh_period)
            for index in stale[:_REFRESHES_A_ROUND]:
                await self.refresh_bucket(index)

    async def refresh_bucket(self, index: int) -> None:
        """Look up a random id of one bucket, which lets the peers met on the way into the table."""
        target = random_id_in_bucket(self._table.own_id, index, self._rng)
        await self._traversal.find_nodes(target, want=self._config.alpha)

    async def settle(self) -> None:
        """After joining: look again for our neighbours, who may have joined through the same peer at the same
        moment, when it could not tell us about each other yet. Our nearest few have heard of everyone by now."""
        if self._settling:
            return
        self._settling = True
        try:
            for pause in _SETTLING:
                await asyncio.sleep(pause)
                if len(self._table) < self._table.k:
                    await self._traversal.find_nodes(self._table.own_id, want=self._config.alpha)
        finally:
            self._settling = False

    # --- records -------------------------------------------------------------------------------------------

    async def _replicate(self) -> None:
        """Store again what nobody stored for a while, so that records outlive the nodes that keep them."""
        now = self._clock.monotonic()
        held = self._storage.keys()
        self._stored_at = {key: self._stored_at.get(key, now) for key in held}
        due = [key for key in held if self._stored_at[key] + self._config.replicate_period <= now]
        for start in range(0, len(due), _KEYS_A_TURN):
            keys = due[start : start + _KEYS_A_TURN]
            for key in keys:
                self._stored_at[key] = now
            await self._publisher.publish([record for key in keys for record in self._live(key)])

    async def greet(self) -> None:
        """Give newcomers the records that they are now among the nearest to, until cancelled."""
        while True:
            await self._newcomer_came.wait()
            await asyncio.sleep(self._config.greet_delay)
            self._newcomer_came.clear()
            newcomers, self._newcomers = self._newcomers, {}
            gifts: dict[PeerId, list[Record]] = {peer_id: [] for peer_id in newcomers}
            for index, key in enumerate(self._storage.keys()):
                for peer_id in self._heirs(key, newcomers):
                    gifts[peer_id] += self._live(key)
                if index % _KEYS_A_TURN == _KEYS_A_TURN - 1:
                    await asyncio.sleep(0)
            for peer_id, records in gifts.items():
                await self._publisher.hand_over(newcomers[peer_id], records)

    def _heirs(self, key: bytes, newcomers: dict[PeerId, Candidate]) -> list[PeerId]:
        """The newcomers that should hold this key, when it is on us to tell them: of those who hold it already,
        the nearest does so, and the others keep quiet."""
        nearest = self._table.nearest(key, self._config.replicas + len(newcomers), now=self._clock.time())
        old = [peer.peer_id for peer in nearest if peer.peer_id not in newcomers]
        if old and distance(key, old[0]) < distance(key, self._table.own_id):
            return []
        return [peer.peer_id for peer in nearest[: self._config.replicas] if peer.peer_id in newcomers]

    def _live(self, key: bytes) -> list[Record]:
        return self._storage.dictionary(key, self._clock.time())
