"""Which other trainers there are: one DHT entry each, read into a small list."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from net.addresses import Contact, PeerId
from net.clock import Clock
from net.dht.base import Dht, Entry, dht_key
from net.errors import IdentityError, WireError
from net.identity import peer_id_of, verify_contact
from net.wire.codec import decode_fields, encode_fields
from net.wire.limits import Between
from net.wire.messages import Count, Record

VERSION = 1
MAX_TRAINERS = 256
"""Trainers that one peer remembers; averaging with any few of them is enough."""
MAX_AGE = 1 << 60


@dataclass(frozen=True, slots=True)
class TrainerAnnouncement:
    """The value of one trainer's DHT entry. age: steps behind its trunk when this was written."""

    version: Annotated[int, Between(VERSION, VERSION)]
    contact: Contact
    age: Count


@dataclass(frozen=True, slots=True)
class KnownTrainer:
    """One checked announcement."""

    peer_id: PeerId
    contact: Contact
    age: int


class TrainerList:
    """Announces this trainer and knows the others. Lives in the event loop."""

    def __init__(self, dht: Dht, own: Callable[[], Contact], project_id: bytes, clock: Clock, life_s: float) -> None:
        """own: this peer's present card; life_s: seconds for which an announcement is valid."""
        self.own_id = peer_id_of(own().public_key)
        self.others: tuple[KnownTrainer, ...] = ()
        self._dht = dht
        self._own = own
        self._key = dht_key("trainers", project_id)
        self._clock = clock
        self._life_s = life_s

    async def announce(self, age: int) -> None:
        """Say that this trainer is there. Raises NetError."""
        value = encode_fields(TrainerAnnouncement(VERSION, self._own(), min(age, MAX_AGE)))
        await self._dht.store([Entry(self._key, b"", value, self._clock.time() + self._life_s)])

    async def withdraw(self) -> None:
        """Say that it is gone. Raises NetError."""
        await self._dht.store([Entry(self._key, b"", b"", self._clock.time() + 1.0)])

    async def refresh(self) -> None:
        """Look who else is there. Raises NetError."""
        # While nobody is known the answer may change at any moment: then the DHT's own short memory is in the way.
        found = await self._dht.get([self._key], fresh=not self.others)
        now = self._clock.time()
        known = (_read(record, now) for record in found.get(self._key, ()))
        others = [trainer for trainer in known if trainer and trainer.peer_id != self.own_id]
        self.others = tuple(others[:MAX_TRAINERS])


def _read(record: Record, now: float) -> KnownTrainer | None:
    """The trainer that a record announces, or None when it breaks any rule. The DHT has checked its signature."""
    if record.subkey or record.expires <= now:
        return None
    try:
        said = decode_fields(TrainerAnnouncement, record.value)
        peer_id = verify_contact(said.contact, now)
    except (WireError, IdentityError):
        return None
    if said.contact.public_key != record.owner or not said.contact.dialable:
        return None
    return KnownTrainer(peer_id, said.contact, said.age)
