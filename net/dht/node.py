"""One node of the DHT: the wiring of its parts, and the face that the rest of Hivelet uses.

handlers ── answers others          ┐
protocol ── asks others             ├─ routing_table, storage, tokens, validation (decisions without I/O)
traversal ─ lookups (lookup.py)     │
publisher ─ bulk stores             │
upkeep ──── everything in between   ┘
"""

import asyncio
import random
from collections.abc import Sequence

from net.addresses import Contact, PeerId
from net.clock import Clock
from net.dht.background import Background, concurrently
from net.dht.base import Entry
from net.dht.cache import ReadCache
from net.dht.config import DhtConfig
from net.dht.contacts import Candidate, check_contact
from net.dht.handlers import DhtHandlers
from net.dht.node_id import ID_BYTES, distance
from net.dht.protocol import DhtProtocol
from net.dht.publisher import Publisher
from net.dht.record import Name, SequenceNumbers, newest, sign_record
from net.dht.routing_table import RoutingTable
from net.dht.storage import Storage
from net.dht.traversal import Traversal
from net.dht.upkeep import Upkeep
from net.dht.validation import RecordValidator, Validator, check_bounds, check_expiry
from net.errors import AddressError, IdentityError, RecordError
from net.identity import Identity
from net.rpc.base import Rpc
from net.wire.messages import Record

_REMEMBERED_CONTACTS = 40


class DhtNode:
    """Implements `net.dht.base.Dht` over an Rpc.

    contact: this peer's own card (see `update_contact`); where it is not dialable the node is a client, which
    stores and reads but is in nobody's table; checks: what an application asks of others' records, beside their
    owners' signatures. Use: construct, `start`, …, `close`.
    """

    def __init__(
        self,
        rpc: Rpc,
        identity: Identity,
        contact: Contact,
        clock: Clock,
        config: DhtConfig | None = None,
        rng: random.Random | None = None,
        checks: Sequence[Validator] = (),
    ) -> None:
        self.config = config or DhtConfig()
        self.contact = contact
        self.peer_id = identity.peer_id
        self._identity = identity
        self._clock = clock
        self._background = Background()
        self._sequence = SequenceNumbers()
        self._cache = ReadCache(self.config.cache_life)
        self._rereading: set[bytes] = set()
        self._reading = asyncio.Semaphore(self.config.max_lookups)
        self._given: dict[PeerId, Contact] = {}  # contacts that led us into the swarm, to come back by
        self.table = RoutingTable(self.peer_id, k=self.config.k)
        self.storage = Storage(self.config.storage, privileged=identity.public_key)
        validator = RecordValidator(*checks)
        spawn = self._background.spawn
        self.protocol = DhtProtocol(rpc, self.table, validator, clock, self.config, spawn)
        self.traversal = Traversal(self.protocol, self.table, clock, self.config, spawn)
        self._publisher = Publisher(
            self.traversal,
            self.protocol,
            self.table,
            clock,
            self.config,
            spawn,
            reachable=lambda: self.contact.dialable,
        )
        self._upkeep = Upkeep(
            self.table,
            self.storage,
            self.protocol,
            self.traversal,
            self._publisher,
            clock,
            self.config,
            rng or random.Random(),
            rejoin=lambda: self.join(list(self._given.values())),
        )
        self.protocol.on_peer = self._upkeep.new_peer
        handlers = DhtHandlers(self.table, self.storage, validator, clock, self.config, self.protocol.met)
        handlers.on_stored = self._upkeep.stored
        handlers.register(rpc)

    # --- life ----------------------------------------------------------------------------------------------

    async def start(self, contacts: Sequence[Contact] = ()) -> None:
        """Begin to serve, and join the swarm that these contacts (bootstrap peers, an earlier run's table) are in."""
        await self._background.start()
        self._background.spawn(self._upkeep.run())
        self._background.spawn(self._upkeep.greet())
        if contacts:
            await self.join(contacts)

    async def join(self, contacts: Sequence[Contact]) -> int:
        """Make ourselves known to the peers nearest to us, and learn of others; returns how many peers are known.

        Contacts that do not answer or are not valid are passed over. Joining again is harmless.
        """
        seeds = [seed for seed in map(self._checked, contacts) if seed is not None]
        for seed in seeds:
            self._given.pop(seed.peer_id, None)
            self._given[seed.peer_id] = seed.contact
            if len(self._given) > _REMEMBERED_CONTACTS:
                del self._given[next(iter(self._given))]
        await self.traversal.find_nodes(self.peer_id, seeds=seeds)
        for seed in seeds:
            self.protocol.dial(seed)  # of an earlier run's table a lookup asks only the part that is near
        if len(self.table) >= self.table.k:
            for index in self.table.buckets_to_refresh(self._clock.time(), self.config.refresh_period):
                await self._upkeep.refresh_bucket(index)
        self._background.spawn(self._upkeep.settle())
        return self.table.good_count()

    def woke(self) -> None:
        """This computer slept: what was read is old, and our neighbours have forgotten us. Raises ClosedError."""
        self._cache.clear()
        self.protocol.woke()
        self._background.spawn(self.join([*self._given.values(), *self.table.contacts()]))

    @property
    def clock_problem(self) -> str:
        """What is wrong with this computer's clock and what to do, in one sentence; "" where nothing is known to be."""
        return self.protocol.skew.problem

    @property
    def questions(self) -> int:
        """See Dht."""
        return self.protocol.questions

    async def close(self) -> None:
        """Stop asking and answering; what is under way ends without a result."""
        await self._background.close()

    def contacts(self) -> list[Contact]:
        """The peers known, best first, for `start` of a later run."""
        return self.table.contacts()

    def update_contact(self, contact: Contact) -> None:
        """This peer's own card was renewed. Raises IdentityError for the card of another peer."""
        if contact.public_key != self._identity.public_key:
            raise IdentityError("This is not our own contact.")
        self.contact = contact

    # --- the dictionary ------------------------------------------------------------------------------------

    async def store(self, entries: Sequence[Entry]) -> list[int]:
        """See Dht. Raises RecordError, before anything is stored, for an entry that breaks a bound."""
        now = self._clock.time()
        records = {Name.of(record): record for record in [self._sign(entry, now) for entry in entries]}
        for record in records.values():
            self.storage.store(record, now)
            self._upkeep.stored(record.key)
            self._cache.drop(record.key)
        kept = await self._publisher.publish(list(records.values()))
        for name in records:
            self._cache.drop(name.key)  # a read that overlapped with this write may have cached the old version
        owner = self._identity.public_key
        return [kept[Name(entry.key, entry.subkey, owner)] + 1 for entry in entries]

    async def get(self, keys: Sequence[bytes], *, fresh: bool = False) -> dict[bytes, list[Record]]:
        """See Dht. Records are in order of (subkey, owner). Raises RecordError for a key that is not 32 bytes."""
        result: dict[bytes, list[Record]] = {}
        missing: list[bytes] = []
        for key in dict.fromkeys(keys):
            if len(key) != ID_BYTES:
                raise RecordError(f"A key has {ID_BYTES} bytes, not {len(key)}.")
            cached = None if fresh else self._cache.get(key, self._clock.monotonic())
            if cached is None:
                missing.append(key)
            elif key not in self._rereading and self._cache.due(key, self._clock.monotonic(), self._clock.time()):
                self._rereading.add(key)
                self._background.spawn(self._reread(key))
            result[key] = cached or []
        paths = self.config.disjoint_paths if fresh else 1
        found = await concurrently(*(self._read(key, paths) for key in missing))
        result.update(zip(missing, found, strict=True))
        now = self._clock.time()
        return {key: [record for record in records if record.expires > now] for key, records in result.items()}

    # --- inside --------------------------------------------------------------------------------------------

    async def _reread(self, key: bytes) -> None:
        """Renew what the cache has."""
        try:
            await self._read(key, 1)
        finally:
            self._rereading.discard(key)

    async def _read(self, key: bytes, paths: int) -> list[Record]:
        found: list[Record] = []
        if len(self.table):
            async with self._reading:
                known = paths == 1 and self._keeps(key)
                found = (await self.traversal.find_values(key, paths=paths, known=known)).records
        for record in found:
            if record.owner == self._identity.public_key:
                self._sequence.seen(record.seq)
        versions = newest([*found, *self.storage.dictionary(key, self._clock.time())])
        # An empty value says that its owner took the record back.
        records = [versions[name] for name in sorted(versions) if versions[name].value]
        self._cache.put(key, records, self._clock.monotonic())
        return records

    def _keeps(self, key: bytes) -> bool:
        """Whether we are one of the nodes that everyone stores this dictionary on, so that ours is one answer."""
        if not self.contact.dialable or not self.storage.holds(key):
            return False
        nearest = self.table.nearest(key, self.config.replicas, now=self._clock.time())
        return len(nearest) < self.config.replicas or distance(key, self.peer_id) < distance(key, nearest[-1].peer_id)

    def _sign(self, entry: Entry, now: float) -> Record:
        name = Name(entry.key, entry.subkey, self._identity.public_key)
        earlier = self.storage.get(name)
        if earlier is not None:
            self._sequence.seen(earlier.seq)
            if not entry.value and earlier.expires > entry.expires:
                # Outlive the version that is taken back: nodes that missed this one must not revive it.
                entry = Entry(entry.key, entry.subkey, entry.value, earlier.expires)
        record = sign_record(self._identity, entry, self._sequence.next(now))
        check_bounds(record, now)
        check_expiry(record, now)
        return record

    def _checked(self, contact: Contact) -> Candidate | None:
        try:
            seed = check_contact(contact, self._clock.time())
        except (IdentityError, AddressError):
            return None
        return None if seed.peer_id == self.peer_id else seed
