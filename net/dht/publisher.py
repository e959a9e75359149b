"""Puts records onto the nodes nearest to their keys: many records at once, as few messages as they fit into."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from net.addresses import PeerId
from net.clock import Clock
from net.dht.background import Spawn, concurrently
from net.dht.carrier import Carrier
from net.dht.config import DhtConfig
from net.dht.contacts import Candidate
from net.dht.node_id import distance
from net.dht.protocol import DhtProtocol
from net.dht.record import Name
from net.dht.routing_table import RoutingTable
from net.dht.traversal import Traversal
from net.wire.messages import Record

_ROUTES = 4096


class Publisher:
    """Stores signed records in the swarm. reachable: whether others can ask this node for what it keeps.

    The nodes found nearest to a key are remembered for a while, because experts are announced again and again; in
    a swarm smaller than a bucket everyone is in the routing table and nothing needs to be looked up.
    """

    def __init__(
        self,
        traversal: Traversal,
        protocol: DhtProtocol,
        table: RoutingTable,
        clock: Clock,
        config: DhtConfig,
        spawn: Spawn,
        reachable: Callable[[], bool],
    ) -> None:
        self._traversal = traversal
        self._protocol = protocol
        self._table = table
        self._clock = clock
        self._config = config
        self._reachable = reachable
        self._routes: OrderedDict[bytes, tuple[float, list[Candidate]]] = OrderedDict()
        self._looking = asyncio.Semaphore(config.max_searches)
        self._carrier = Carrier(protocol.store, protocol.blocks, spawn, config.max_storing)

    async def publish(self, records: Sequence[Record]) -> dict[Name, int]:
        """Store each record on the `replicas` nodes nearest to its key, or on as many as there are.

        Where this node is one of them it counts, as what it stores it keeps. Returns how many others took each.
        """
        keys = list(dict.fromkeys(record.key for record in records))
        find = self._known_nearest if self._table.good_count() < self._table.k else self._look_up
        nodes = dict(zip(keys, await concurrently(*map(find, keys)), strict=True))
        wanted = {key: self._config.replicas - self._are_among(nodes[key], key) for key in keys}
        kept = dict.fromkeys(map(Name.of, records), 0)
        tried = dict.fromkeys(kept, 0)
        while True:
            plan: dict[PeerId, tuple[Candidate, list[Record]]] = {}
            for record in records:
                name = Name.of(record)
                start = tried[name]
                chosen = nodes[record.key][start : start + wanted[record.key] - kept[name]]
                tried[name] += len(chosen)
                for node in chosen:
                    plan.setdefault(node.peer_id, (node, []))[1].append(record)
            if not plan:
                break
            for name in await self._carry_out(plan.values()):
                kept[name] += 1
        for name, count in kept.items():
            if tried[name] > count:
                self._routes.pop(name.key, None)  # some node there refused or failed: look again next time
        return kept

    async def hand_over(self, node: Candidate, records: Sequence[Record]) -> list[Name]:
        """Store records on one node; returns the names of those it took."""
        return await self._carrier.bring(node, records)

    async def _carry_out(self, plan: Iterable[tuple[Candidate, list[Record]]]) -> list[Name]:
        ways = [self._carrier.bring(node, records) for node, records in plan]
        return [name for way in ways for name in await way]

    def _are_among(self, nodes: Sequence[Candidate], key: bytes) -> bool:
        """Whether this node is nearer to the key than the last of so many as shall keep it, and can be asked for it."""
        if len(nodes) < self._config.replicas or not self._reachable():
            return False
        return distance(key, self._table.own_id) < distance(key, nodes[self._config.replicas - 1].peer_id)

    async def _known_nearest(self, key: bytes) -> list[Candidate]:
        """Nodes near a key in a swarm so small that the table holds everyone."""
        known = self._table.nearest(key, self._config.k, now=self._clock.time())
        return [peer for peer in known if not self._protocol.blocks(peer)]

    async def _look_up(self, key: bytes) -> list[Candidate]:
        """Nodes near a key, nearest first, more than are needed."""
        now = self._clock.monotonic()
        found, route = self._routes.get(key, (float("-inf"), []))
        if found + self._config.route_life > now:
            return route
        async with self._looking:
            wanted = self._config.replicas + self._config.margin
            lookup = await self._traversal.find_nodes(key, want=wanted, paths=self._config.disjoint_paths)
        route = lookup.nearest(wanted)
        self._routes.pop(key, None)
        self._routes[key] = (now, route)
        if len(self._routes) > _ROUTES:
            self._routes.popitem(last=False)
        return route
