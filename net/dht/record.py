"""Records: what exactly an owner signs, what names a record, and where its sequence numbers come from."""

import struct
from collections.abc import Iterable
from typing import NamedTuple

from net.dht.base import Entry
from net.errors import IdentityError, RecordError
from net.identity import Identity, verify
from net.wire.messages import Record

SIGNING_TAG = b"hivelet-dht-record-1\0"
"""Stands before the signed bytes, so that no signature made for another purpose is ever a record's."""

_HEAD = struct.Struct(">32s32sQdHI")


class Name(NamedTuple):
    """What identifies a record: two records of one name are versions of the same thing."""

    key: bytes
    subkey: bytes
    owner: bytes

    @classmethod
    def of(cls, record: Record) -> "Name":
        """The name of a record."""
        return cls(record.key, record.subkey, record.owner)


def signed_bytes(key: bytes, subkey: bytes, owner: bytes, seq: int, expires: float, value: bytes) -> bytes:
    """The bytes under a record's signature: tag, then big-endian key, owner, seq (u64), expires (IEEE double),
    length of subkey (u16), length of value (u32), subkey, value. No two records share them."""
    return SIGNING_TAG + _HEAD.pack(key, owner, seq, expires, len(subkey), len(value)) + subkey + value


def sign_record(identity: Identity, entry: Entry, seq: int) -> Record:
    """The record that says `entry` in the name of `identity`."""
    owner = identity.public_key
    message = signed_bytes(entry.key, entry.subkey, owner, seq, entry.expires, entry.value)
    return Record(entry.key, entry.subkey, owner, seq, entry.expires, entry.value, identity.sign(message))


def verify_record(record: Record) -> None:
    """Raise RecordError unless the owner signed exactly this record. The fields must be within their bounds."""
    message = signed_bytes(record.key, record.subkey, record.owner, record.seq, record.expires, record.value)
    try:
        verify(record.owner, message, record.signature)
    except IdentityError as error:
        raise RecordError("The record's signature does not hold.") from error


def newest(records: Iterable[Record]) -> dict[Name, Record]:
    """The newest version of each record. Of an owner that signs two things with one number, the same one wins
    everywhere."""
    best: dict[Name, Record] = {}
    for record in records:
        name = Name.of(record)
        known = best.get(name)
        if known is None or (record.seq, record.signature) > (known.seq, known.signature):
            best[name] = record
    return best


class SequenceNumbers:
    """Growing numbers for this owner's records: milliseconds of Unix time, or one more than the last.

    Time keeps them growing over restarts; `seen` repairs them after the computer's clock was set back.
    """

    def __init__(self) -> None:
        self._last = 0

    def next(self, now: float) -> int:
        """A number above all earlier ones. now: Unix seconds."""
        self._last = max(self._last + 1, int(now * 1000))
        return self._last

    def seen(self, seq: int) -> None:
        """The network holds a record of ours with this number."""
        self._last = max(self._last, seq)
