"""What a host says about one of its experts in the DHT, and which host is right when two say that they have it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from core.experts.uid import Coordinates, Grid, parse_coordinate
from core.tensors.descriptor import ENCODINGS, PLAIN
from net.addresses import Contact, PeerId
from net.dht.base import dht_key
from net.errors import IdentityError, WireError
from net.identity import verify_contact
from net.wire.codec import decode_fields, encode_fields
from net.wire.limits import MAX_CLOCK_SKEW_S, Between, Max
from net.wire.messages import Count, Record

VERSION = 1
MAX_ENCODINGS = 8
ENCODINGS_TAKEN = tuple(name for name in ENCODINGS if name != PLAIN)
"""What this version takes."""

ExpertState = Literal["claiming", "serving", "paused"]
"""claiming: wanted, not served yet (settling with rivals) · serving: callable · paused: alive, but not callable."""
STATES: tuple[str, ...] = ("claiming", "serving", "paused")


@dataclass(frozen=True, slots=True)
class Announcement:
    """The value of one expert's DHT entry. since: Unix seconds at which this host took the expert; step: its
    optimizer steps when this was written; encodings: how it takes tensors, besides plain ones."""

    version: Annotated[int, Between(VERSION, VERSION)]
    contact: Contact
    since: float
    step: Count
    state: Annotated[str, Max(16)]
    encodings: Annotated[tuple[Annotated[str, Max(16)], ...], Max(MAX_ENCODINGS)] = ENCODINGS_TAKEN

    def to_bytes(self) -> bytes:
        """The entry's value."""
        return encode_fields(self)


@dataclass(frozen=True, slots=True)
class AnnouncedExpert:
    """One checked announcement. expires: Unix seconds after which it is void."""

    uid: str
    place: Coordinates
    peer_id: PeerId
    contact: Contact
    since: float
    step: int
    state: str
    expires: float
    encodings: tuple[str, ...] = ENCODINGS_TAKEN

    @property
    def rank(self) -> "Rank":
        """See `rank`."""
        return rank(self.state, self.since, self.peer_id)


Rank = tuple[bool, float, bytes]


def rank(state: str, since: float, peer_id: bytes) -> Rank:
    """Among hosts of one expert the lowest is right: whoever serves before whoever only wants to, then the earliest,
    then the lowest peer id. All peers see the same order, whatever the order in which they learn."""
    return state == "claiming", since, peer_id


def row_key(project_id: bytes, row: str) -> bytes:
    """The DHT key under which all experts of one row are announced, one subkey an expert."""
    return dht_key("experts", project_id, row)


def read(record: Record, grid: Grid, row: str, now: float) -> AnnouncedExpert | None:
    """The expert that a record announces, or None when it breaks any rule. row: the prefix whose key it was under;
    now: Unix seconds. The DHT has checked the record's signature, this checks what is in it."""
    try:
        last = record.subkey.decode("ascii")
        said = decode_fields(Announcement, record.value)
        peer_id = verify_contact(said.contact, now)
    except (UnicodeDecodeError, WireError, IdentityError):
        return None
    if parse_coordinate(last) is None or said.contact.public_key != record.owner or record.expires <= now:
        return None
    uid = row + last
    place = grid.parse(uid)
    if place is None or said.state not in STATES or not said.since <= now + MAX_CLOCK_SKEW_S:
        return None
    return AnnouncedExpert(
        uid, place, peer_id, said.contact, said.since, said.step, said.state, record.expires, said.encodings
    )


def resolve(announced: Iterable[AnnouncedExpert]) -> dict[str, AnnouncedExpert]:
    """The rightful host of every expert."""
    hosts: dict[str, AnnouncedExpert] = {}
    for each in announced:
        rival = hosts.get(each.uid)
        if rival is None or each.rank < rival.rank:
            hosts[each.uid] = each
    return hosts
