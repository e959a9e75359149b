"""What was read a moment ago: a short-lived, bounded memory of whole dictionaries.

A dictionary that is asked for again and again is read anew before it goes stale, so that nobody ever waits for it.
"""

from collections import OrderedDict

from net.wire.messages import Record


class ReadCache:
    """Dictionaries read within the last `life_s` seconds; at most `capacity` keys and `max_records` records."""

    def __init__(self, life_s: float = 5.0, capacity: int = 1024, max_records: int = 16_384) -> None:
        self._life_s = life_s
        self._capacity = capacity
        self._max_records = max_records
        self._read: OrderedDict[bytes, tuple[float, list[Record]]] = OrderedDict()
        self._records = 0

    def __len__(self) -> int:
        return len(self._read)

    def get(self, key: bytes, now: float) -> list[Record] | None:
        """The records under a key, or None when it was not read lately. now: monotonic seconds."""
        known = self._read.get(key)
        if known is None:
            return None
        if known[0] + self._life_s <= now:
            self.drop(key)
            return None
        return known[1]

    def due(self, key: bytes, now: float, wall: float) -> bool:
        """Whether a dictionary that is here should be read again now: half of its life is over, or one of its records
        expires before the other half is. wall: Unix seconds."""
        known = self._read.get(key)
        if known is None:
            return False
        left = known[0] + self._life_s - now
        return left <= self._life_s / 2 or any(record.expires <= wall + left for record in known[1])

    def put(self, key: bytes, records: list[Record], now: float) -> None:
        """Remember what was read just now."""
        self.drop(key)
        self._read[key] = (now, records)
        self._records += len(records)
        while self._read and (len(self._read) > self._capacity or self._records > self._max_records):
            self.drop(next(iter(self._read)))

    def clear(self) -> None:
        """Forget everything."""
        self._read.clear()
        self._records = 0

    def drop(self, key: bytes) -> None:
        """Forget a key: it has just been written to."""
        known = self._read.pop(key, None)
        if known is not None:
            self._records -= len(known[1])
