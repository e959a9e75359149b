"""What this peer keeps for others: dictionaries of records, each record with an expiry of its own. No I/O.

The newest sequence number of a record wins, whatever order versions arrive in: an older one neither replaces nor
evicts nor shortens a newer one. Room is shared fairly: an owner has a quota, and when all room is taken, owners
that keep most here make way for those that keep least.
"""

import heapq
from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from net.dht.quota import OwnerCounts
from net.dht.record import Name
from net.dht.sizes import record_bytes
from net.errors import RecordError
from net.wire.limits import MAX_RECORDS
from net.wire.messages import Record

Position = tuple[bytes, bytes]
"""(subkey, owner): the order in which a dictionary is paged through."""


@dataclass(frozen=True, slots=True)
class StorageLimits:
    """Bounds on memory: about 2 KB a record at most."""

    total_records: int = 32_768
    owner_records: int = 4_096


class Page(NamedTuple):
    """Some records of one dictionary, in order of (subkey, owner), whether more follow, and their size in bytes."""

    records: tuple[Record, ...]
    more: bool
    size: int


class Storage:
    """All records kept here. privileged: the owner (this peer itself) whom no quota binds."""

    def __init__(self, limits: StorageLimits | None = None, privileged: bytes = b"") -> None:
        self._limits = limits or StorageLimits()
        self._privileged = privileged
        self._records: dict[Name, Record] = {}
        self._positions: dict[bytes, list[Position]] = {}  # key -> sorted positions
        self._owned: dict[bytes, dict[Name, None]] = {}  # owner -> its names, least recently written first
        self._counts = OwnerCounts()  # of all owners but the privileged one
        self._expiries: list[tuple[float, Name, int]] = []  # heap; an item is void once its record has another seq

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self._records.values()))

    def keys(self) -> list[bytes]:
        """The keys of all dictionaries."""
        return list(self._positions)

    def holds(self, key: bytes) -> bool:
        """Whether anything is kept under a key, expired or not."""
        return key in self._positions

    def get(self, name: Name) -> Record | None:
        """The version kept of one record, expired or not."""
        return self._records.get(name)

    def check(self, record: Record) -> bool:
        """Whether storing this would change anything: False when it is here already.

        Raises RecordError when it may not be stored: older than what is here, or no room.
        Its signature and expiry are not looked at (see `net.dht.validation`).
        """
        known = self._records.get(Name.of(record))
        if known is not None:
            if record == known:
                return False
            if record.seq < known.seq:
                raise RecordError("A newer version of this record is kept here.")
            if record.seq == known.seq:
                raise RecordError("Another record with the same sequence number is kept here.")
            return True
        if record.owner == self._privileged:
            return True
        mine = self._counts[record.owner]
        if mine >= self._limits.owner_records:
            raise RecordError(f"This owner has {mine} records here, which is its quota.")
        if len(self._records) >= self._limits.total_records and mine + 1 >= self._counts.largest()[1]:
            raise RecordError("There is no room for more records here.")
        return True

    def store(self, record: Record, now: float) -> bool:
        """Keep a valid record; False when it was here already. Raises RecordError as `check` does."""
        self.expire(now)
        if not self.check(record):
            return False
        name = Name.of(record)
        if name in self._records:
            del self._owned[record.owner][name]
        else:
            if len(self._records) >= self._limits.total_records and record.owner != self._privileged:
                largest, _ = self._counts.largest()
                self._remove(next(iter(self._owned[largest])))
            insort(self._positions.setdefault(record.key, []), (record.subkey, record.owner))
            if record.owner != self._privileged:
                self._counts.add(record.owner, 1)
        self._records[name] = record
        self._owned.setdefault(record.owner, {})[name] = None
        heapq.heappush(self._expiries, (record.expires, name, record.seq))
        if len(self._expiries) > 2 * len(self._records) + 64:
            # Frequent rewriting must not fill memory with void heap items.
            self._expiries = [(kept.expires, name, kept.seq) for name, kept in self._records.items()]
            heapq.heapify(self._expiries)
        return True

    def page(
        self, key: bytes, now: float, *, after: Position | None = None, count: int = MAX_RECORDS, room: float = 2**62
    ) -> Page:
        """Up to `count` live records of a dictionary that follow `after` and take at most `room` bytes together."""
        positions = self._positions.get(key, [])
        start = bisect_right(positions, after) if after is not None else 0
        chosen: list[Record] = []
        size = 0
        for subkey, owner in islice(positions, start, None):
            record = self._records[Name(key, subkey, owner)]
            if record.expires <= now:
                continue
            bytes_of_it = record_bytes(record)
            if size + bytes_of_it > room or len(chosen) == count:
                return Page(tuple(chosen), True, size)
            size += bytes_of_it
            chosen.append(record)
        return Page(tuple(chosen), False, size)

    def dictionary(self, key: bytes, now: float) -> list[Record]:
        """All live records of one dictionary."""
        return list(self.page(key, now, count=2**62).records)

    def expire(self, now: float) -> int:
        """Drop what has expired; returns how many records these were."""
        dropped = 0
        while self._expiries and self._expiries[0][0] <= now:
            _, name, seq = heapq.heappop(self._expiries)
            record = self._records.get(name)
            if record is not None and record.seq == seq:
                self._remove(name)
                dropped += 1
        return dropped

    def _remove(self, name: Name) -> None:
        record = self._records.pop(name)
        positions = self._positions[name.key]
        del positions[bisect_right(positions, (name.subkey, name.owner)) - 1]
        if not positions:
            del self._positions[name.key]
        owned = self._owned[name.owner]
        del owned[name]
        if not owned:
            del self._owned[name.owner]
        if record.owner != self._privileged:
            self._counts.add(record.owner, -1)
