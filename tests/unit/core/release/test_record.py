"""The release record: its exact bytes, and every hostile one refused by name."""

import contextlib
import time
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ReleaseError
from core.release.publisher import publisher_key, read_key
from core.release.record import (
    MAX_NOTES_CHARS,
    TAG,
    Release,
    ReleaseCheck,
    read_release,
    release_key,
    release_subkey,
    sign_release,
)
from net.dht.base import Entry
from net.dht.record import sign_record
from net.errors import RecordError
from net.identity import Identity
from tests.support.release_swarm import PUBLISHER, RELEASE, record

FIELDS: list[Any] = [1, 7, "0.2.0", "2026-11-29", RELEASE.page, RELEASE.notes]
GOLDEN_BODY = (
    "960107a5302e322e30aa323032362d31312d3239d92268747470733a2f2f686976656c65742e6578616d706c652f6e657773"
    "2f302e322e30d926536e617073686f7473206f6e2074687265652070656572732e0a4c657373206d656d6f72792e"
)
GOLDEN_SIGNATURE = (
    "62f30494e184818caf02251a4e051fbb76e34b5fe241d94feeb05f4cd1d18c4e3ab1e71a33633e707a42a8892fe2bfc2a88a"
    "fcb56791a5e0bcf0e45bd1f97504"
)
GOLDEN_KEY = "779151a935c07be1778b05275681508d79da1861b40c746a10c74bd8aa04000c"


def signed(fields: Any) -> bytes:
    """Whatever a publisher may have signed by mistake, or somebody with its key on purpose."""
    body = fields if isinstance(fields, bytes) else msgpack.packb(fields)
    return PUBLISHER.sign(TAG + body) + body


def test_golden_bytes() -> None:
    value = record()
    assert value[64:].hex() == GOLDEN_BODY
    assert value[:64].hex() == GOLDEN_SIGNATURE
    assert release_key(PUBLISHER.public_key).hex() == GOLDEN_KEY
    assert release_subkey(7).hex() == "fffffff8"
    assert read_release(bytes.fromhex(GOLDEN_SIGNATURE + GOLDEN_BODY), PUBLISHER.public_key) == RELEASE


def test_anothers_signature_is_refused() -> None:
    with pytest.raises(ReleaseError, match="not signed by Hivelet's publisher"):
        read_release(record(Identity(b"somebody".ljust(32))), PUBLISHER.public_key)


def test_every_changed_byte_is_refused() -> None:
    value = record()
    for place in range(len(value)):
        changed = value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
        with pytest.raises(ReleaseError):
            read_release(changed, PUBLISHER.public_key)


def test_a_signature_made_for_another_purpose_is_refused() -> None:
    body = record()[64:]
    with pytest.raises(ReleaseError, match="not signed"):
        read_release(PUBLISHER.sign(body) + body, PUBLISHER.public_key)


@pytest.mark.parametrize("value", [b"", b"x" * 64, b"x" * 1001, b"x" * 1_000_000])
def test_lengths_are_checked_before_anything_else(value: bytes) -> None:
    with pytest.raises(ReleaseError, match="length"):
        read_release(value, PUBLISHER.public_key)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xc1", b"\xdd\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff", b"\x91" * 900, b"\xc7\x01\x05x", msgpack.packb({}),
     msgpack.packb(FIELDS) + b"\x00", msgpack.packb(FIELDS[:5]), msgpack.packb([*FIELDS, 1]),
     msgpack.packb([True, *FIELDS[1:]]),
     b"\x96\x01\xcd\x00\x07" + msgpack.packb(FIELDS)[3:]],
)  # fmt: skip
def test_malformed_bodies_are_refused_even_when_signed(body: bytes) -> None:
    with pytest.raises(ReleaseError):
        read_release(signed(body), PUBLISHER.public_key)


def test_a_newer_format_is_refused_in_words() -> None:
    with pytest.raises(ReleaseError, match="format 2"):
        read_release(signed([2, *FIELDS[1:]]), PUBLISHER.public_key)


HOSTILE: dict[str, tuple[int, Any]] = {
    "sequence zero": (1, 0),
    "sequence of a bool": (1, True),
    "sequence too large": (1, 2**32),
    "version that cannot be parsed": (2, "0.2"),
    "version of bytes": (2, b"0.2.0"),
    "version with a suffix": (2, "0.2.0-evil"),
    "version with bidi": (2, "0.2.\u202e0"),
    "date that is none": (3, "2026-02-30"),
    "date in another spelling": (3, "20261129"),
    "date of a number": (3, 20261129),
    "page over http": (4, "http://hivelet.example/"),
    "page of a file": (4, "file:///etc/passwd"),
    "page of a script": (4, "javascript:alert(1)"),
    "page with capital scheme": (4, "HTTPS://hivelet.example/"),
    "page with a user": (4, "https://hivelet.example@evil.example/"),
    "page with a port": (4, "https://hivelet.example:8443/"),
    "page with a numeric host": (4, "https://127.0.0.1/"),
    "page with an IPv6 host": (4, "https://[::1]/"),
    "page with a broken host": (4, "https://[::1/"),
    "page without a host": (4, "https:///x"),
    "page on this computer": (4, "https://localhost/"),
    "page with a letter that looks like another": (4, "https://h\u0456velet.example/"),
    "page with bidi": (4, "https://hivelet.example/\u202egpj.exe"),
    "page with a space": (4, "https://hivelet.example/ x"),
    "page with a line break": (4, "https://hivelet.example/\nx"),
    "page with a backslash": (4, "https://hivelet.example\\@evil.example/"),
    "page with markup": (4, 'https://hivelet.example/"><b>'),
    "page too long": (4, "https://hivelet.example/" + "x" * 200),
    "notes with markup": (5, "<b>Update now</b>"),
    "notes with bidi": (5, "harmless \u202e txt.exe"),
    "notes with a zero-width space": (5, "a\u200bb"),
    "notes with an escape": (5, "\x1b[31mred"),
    "notes with a tab": (5, "a\tb"),
    "notes with a carriage return": (5, "a\rb"),
    "notes too long": (5, "x" * (MAX_NOTES_CHARS + 1)),
    "notes of too many lines": (5, "\n" * 8),
    "notes of a list": (5, ["x"]),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_field_that_breaks_its_rule_is_refused_even_when_signed(what: str) -> None:
    place, value = HOSTILE[what]
    with pytest.raises(ReleaseError):
        read_release(signed([*FIELDS[:place], value, *FIELDS[place + 1 :]]), PUBLISHER.public_key)


ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(-9, 2**40), st.text(max_size=80), st.binary(max_size=40))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5), ANYTHING)
def test_whatever_is_signed_is_a_release_or_a_typed_error(place: int, value: Any) -> None:
    fields = [*FIELDS[:place], value, *FIELDS[place + 1 :]]
    with contextlib.suppress(ReleaseError):
        found = read_release(signed(fields), PUBLISHER.public_key)
        assert sign_release(found, PUBLISHER) == signed(fields)


def test_notes_that_would_not_fit_are_refused_when_they_are_signed() -> None:
    with pytest.raises(ReleaseError, match="Shorten"):
        record(notes="ä" * MAX_NOTES_CHARS)
    assert read_release(record(notes="ä" * 400), PUBLISHER.public_key).notes == "ä" * 400


def test_the_dht_keeps_nothing_else_under_the_publishers_key() -> None:
    check, owner, now = ReleaseCheck(PUBLISHER.public_key), Identity(b"owner".ljust(32)), time.time()
    key = release_key(PUBLISHER.public_key)

    def stored(value: bytes, subkey: bytes = release_subkey(7), key: bytes = key) -> None:
        check(sign_record(owner, Entry(key, subkey, value, now + 60), 1), now)

    stored(record())
    stored(b"anything", key=bytes(32))
    for value in (b"", b"anything", record(Identity(b"somebody".ljust(32)))):
        with pytest.raises(RecordError):
            stored(value)
    with pytest.raises(RecordError, match="subkey"):
        stored(record(), release_subkey(8))  # nobody puts old news in front of newer


def test_the_newest_sorts_first() -> None:
    subkeys = [release_subkey(sequence) for sequence in (1, 2, 255, 256, 2**32 - 1)]
    assert sorted(subkeys, reverse=True) == subkeys


def test_a_publishers_key_is_one_line() -> None:
    text = f"# the key\n\n{PUBLISHER.public_key.hex()}\n"
    assert read_key(text) == PUBLISHER.public_key
    assert read_key("# none yet\n") == b""
    assert publisher_key({"HIVELET_RELEASE_KEY": PUBLISHER.public_key.hex()}) == PUBLISHER.public_key
    for broken in ("zz" * 32, "ab" * 31, f"{'ab' * 32}\n{'cd' * 32}", "AB" * 32):
        with pytest.raises(ReleaseError):
            read_key(broken)


def test_the_key_that_ships_can_be_read() -> None:
    assert len(publisher_key({})) in (0, 32)


def test_signing_checks_what_it_signs() -> None:
    with pytest.raises(ReleaseError):
        sign_release(Release(1, "1.0", "2026-11-29", "https://hivelet.example/"), PUBLISHER)
