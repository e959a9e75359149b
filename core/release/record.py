"""The release record: what a publisher says about a release, in the bytes that it signs.

    value = signature (64 bytes, Ed25519 over TAG + body) + body
    body  = msgpack array [1, sequence, version, date, page, notes]

It travels inside ordinary DHT records of whoever passes it on (docs/protocol.md); only the publisher's signature
counts. What it says is shown to people as plain text. Nothing is ever downloaded or run because of it.
"""

import re
import struct
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import msgpack

from core.errors import ReleaseError
from core.release.version import parse_release
from net.dht.base import dht_key
from net.errors import IdentityError, RecordError
from net.identity import Identity, verify
from net.wire.limits import MAX_VALUE_BYTES
from net.wire.messages import Record

FORMAT = 1
TAG = b"hivelet-release-1\0"
SIGNATURE_BYTES = 64
MAX_PAGE_CHARS = 200
MAX_NOTES_CHARS = 600
MAX_NOTES_LINES = 8
MAX_SEQUENCE = 2**32 - 1
_SUBKEY = struct.Struct(">I")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_REST = re.compile(r"[A-Za-z0-9\-._~/?=&%+,;:#!]*")
_REMEMBERED = 32


@dataclass(frozen=True, slots=True)
class Release:
    """sequence: grows with each record of the publisher, 1 to MAX_SEQUENCE; version: `1.2.3`; date: `2026-11-29`;
    page: the https address of a page about it; notes: what is new, plain text of some lines, perhaps none.

    Raises ReleaseError, in one sentence, when a field breaks its rule.
    """

    sequence: int
    version: str
    date: str
    page: str
    notes: str = ""

    def __post_init__(self) -> None:
        if type(self.sequence) is not int or not 1 <= self.sequence <= MAX_SEQUENCE:
            raise ReleaseError(f"A release's sequence is a whole number from 1 to {MAX_SEQUENCE}.")
        if not isinstance(self.version, str) or parse_release(self.version) is None:
            raise ReleaseError("A release's version is three numbers, as in 1.20.3.")
        if not isinstance(self.date, str) or not _is_date(self.date):
            raise ReleaseError("A release's date is written as 2026-11-29.")
        check_page(self.page)
        _check_notes(self.notes)


def check_page(page: object) -> str:
    """An https address that reads as what it is: a plain host name, no user, no port, no other scripts. Returns it.

    Raises ReleaseError.
    """
    if not isinstance(page, str) or len(page) > MAX_PAGE_CHARS:
        raise ReleaseError(f"A release's page is an https address of at most {MAX_PAGE_CHARS} characters.")
    try:
        parts = urlsplit(page)
    except ValueError as error:
        raise ReleaseError("A release's page is no address.") from error
    rest = page[len(f"https://{parts.netloc}") :]
    if (
        not page.startswith("https://")
        or not _HOST.fullmatch(parts.netloc)
        or (rest and not rest.startswith("/"))
        or not _REST.fullmatch(rest)
    ):
        raise ReleaseError("A release's page is an address as in https://example.org/news, with a host's plain name.")
    return page


def sign_release(release: Release, publisher: Identity) -> bytes:
    """The record's value. Raises ReleaseError when it would not fit into a DHT record."""
    body = _body(release)
    value = publisher.sign(TAG + body) + body
    if len(value) > MAX_VALUE_BYTES:
        raise ReleaseError(
            f"The release's text takes {len(value)} bytes; {MAX_VALUE_BYTES} are allowed. Shorten its notes."
        )
    return value


def read_release(value: bytes, publisher_key: bytes) -> Release:
    """What the publisher says, after its signature was checked. Raises ReleaseError."""
    if not SIGNATURE_BYTES < len(value) <= MAX_VALUE_BYTES:
        raise ReleaseError("This is no release record: its length is wrong.")
    signature, body = value[:SIGNATURE_BYTES], value[SIGNATURE_BYTES:]
    try:
        verify(publisher_key, TAG + body, signature)
    except IdentityError as error:
        raise ReleaseError("This release record was not signed by Hivelet's publisher.") from error
    fields = _unpacked(body)
    if not isinstance(fields, list) or len(fields) != 6 or type(fields[0]) is not int:
        raise ReleaseError("This is no release record.")
    if fields[0] != FORMAT:
        raise ReleaseError(f"This release record has format {fields[0]}; this Hivelet reads format {FORMAT}.")
    release = Release(*fields[1:])
    if _body(release) != body:  # two spellings of one thing could be stored side by side
        raise ReleaseError("This release record is not in its one canonical form.")
    return release


def release_key(publisher_key: bytes) -> bytes:
    """Where the swarm keeps this publisher's records."""
    return dht_key("release", publisher_key)


def release_subkey(sequence: int) -> bytes:
    """4 bytes that sort the newest first: whoever reads one page of a crowded dictionary has it."""
    return _SUBKEY.pack(MAX_SEQUENCE - sequence)


class ReleaseCheck:
    """What this peer keeps and believes under the publisher's key: release records of its, each under its subkey.

    One of the DHT's validators; other keys are none of its business. Remembers what it found good.
    """

    def __init__(self, publisher_key: bytes) -> None:
        self._publisher = publisher_key
        self._key = release_key(publisher_key)
        self._good: OrderedDict[bytes, Release] = OrderedDict()

    def __call__(self, record: Record, now: float) -> None:  # noqa: ARG002 - one signature for the whole chain
        """Raise RecordError for a record under the publisher's key that is not the publisher's word."""
        if record.key == self._key:
            try:
                release = self.read(record.value)
            except ReleaseError as error:
                raise RecordError(str(error)) from error
            if record.subkey != release_subkey(release.sequence):
                raise RecordError("The release record lies under a subkey that is not its own.")

    def read(self, value: bytes) -> Release:
        """`read_release`, once for each value. Raises ReleaseError."""
        known = self._good.get(value)
        if known is not None:
            self._good.move_to_end(value)
            return known
        release = self._good[value] = read_release(value, self._publisher)
        if len(self._good) > _REMEMBERED:
            self._good.popitem(last=False)
        return release


def _body(release: Release) -> bytes:
    body: bytes = msgpack.packb([FORMAT, release.sequence, release.version, release.date, release.page, release.notes])
    return body


def _unpacked(body: bytes) -> Any:
    try:
        return msgpack.unpackb(body, raw=False, max_array_len=6, max_map_len=0, max_ext_len=0, max_bin_len=0)
    except Exception as error:  # msgpack raises errors of many classes, some of them plain Exceptions
        raise ReleaseError("This is no release record.") from error


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _check_notes(notes: object) -> None:
    """Plain text: nothing invisible, nothing that reorders other text, nothing that looks like markup."""
    if not isinstance(notes, str) or len(notes) > MAX_NOTES_CHARS or notes.count("\n") >= MAX_NOTES_LINES:
        raise ReleaseError(f"A release's notes have at most {MAX_NOTES_CHARS} characters in {MAX_NOTES_LINES} lines.")
    if not notes.replace("\n", " ").isprintable() or "<" in notes or ">" in notes:
        raise ReleaseError("A release's notes are plain text without control characters, < and >.")
