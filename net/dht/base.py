"""The face of the DHT that everything above it uses: `Dht.store` and `Dht.get`."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from net.wire.messages import Record


def dht_key(*parts: str | bytes) -> bytes:
    """32 bytes that name one dictionary: SHA-256 over the parts, each preceded by its length."""
    digest = sha256(b"hivelet-key")
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.digest()


@dataclass(frozen=True, slots=True)
class Entry:
    """What this peer wants to say: value (≤ 1000 B) under key and subkey (≤ 64 B) until `expires` (Unix seconds,
    at most MAX_RECORD_LIFE_S ahead). The DHT adds owner, sequence number and signature."""

    key: bytes
    subkey: bytes
    value: bytes
    expires: float


class Dht(Protocol):
    """A dictionary of dictionaries, kept by all peers together."""

    @property
    def questions(self) -> int:
        """How many messages were sent so far to read: what a `get` costs, which shared ones make cheap."""
        ...

    async def store(self, entries: Sequence[Entry]) -> list[int]:
        """Sign and store; returns for each entry how many nodes keep it (this one included).

        Storing (key, subkey) again replaces the earlier value. An empty value with a near expiry withdraws it.
        """
        ...

    async def get(self, keys: Sequence[bytes], *, fresh: bool = False) -> dict[bytes, list[Record]]:
        """All live, valid records under each key, at most one per (subkey, owner), the newest.

        Answers come from the local cache unless `fresh`. A key that nobody knows has an empty list.
        Unreachable nodes only make it slower; it never raises for them.
        """
        ...
