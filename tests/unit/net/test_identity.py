"""Key files, signatures, contacts."""

import os
import stat
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from net.addresses import Route
from net.errors import IdentityError
from net.identity import Identity, peer_id_of, sign_contact, verify, verify_contact
from net.wire.limits import MAX_CONTACT_LIFE_S

NOW = 1_700_000_000.0
posix_only = pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")


def test_a_new_identity_is_kept_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "identity.key"
    made = Identity.load_or_create(path)
    assert Identity.load_or_create(path).public_key == made.public_key
    assert made.peer_id == sha256(made.public_key).digest() == peer_id_of(made.public_key)
    assert [entry.name for entry in tmp_path.iterdir()] == ["identity.key"]


@posix_only
def test_the_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "identity.key"
    Identity.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@posix_only
def test_a_file_open_to_others_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "identity.key"
    Identity.load_or_create(path)
    path.chmod(0o640)
    with pytest.raises(IdentityError, match="chmod 600"):
        Identity.load_or_create(path)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"hivelet-ed25519-1", b"hivelet-ed25519-1 " + b"0" * 63, b"other " + b"0" * 64]
)
def test_a_broken_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "identity.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(IdentityError, match=r"broken\. Restore it"):
        Identity.load_or_create(path)
    assert path.read_bytes() == content


def test_a_file_that_cannot_be_read_or_made_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match="cannot be read"):
        Identity.load_or_create(tmp_path)
    with pytest.raises(IdentityError, match="cannot be written"):
        Identity.load_or_create(tmp_path / "missing" / "identity.key")


def test_repr_does_not_show_the_secret() -> None:
    identity = Identity(b"s" * 32)
    assert (b"s" * 32).hex() not in repr(identity)


def test_signatures_hold_for_the_exact_bytes_and_key_only() -> None:
    alice, bob = Identity.generate(), Identity.generate()
    signature = alice.sign(b"data")
    verify(alice.public_key, b"data", signature)
    for key, data, claimed in [
        (alice.public_key, b"data!", signature),
        (bob.public_key, b"data", signature),
        (alice.public_key, b"data", bytes(64)),
        (alice.public_key, b"data", signature[1:]),
        (b"short", b"data", signature),
        (bytes(32), b"data", signature),
    ]:
        with pytest.raises(IdentityError):
            verify(key, data, claimed)


def contact(**changes: Any) -> Any:
    fields = {
        "curve_key": b"c" * 32,
        "control": "tcp://127.0.0.1:1",
        "bulk": "tcp://127.0.0.1:2",
        "expires": NOW + 60,
    }
    return sign_contact(Identity(b"s" * 32), **(fields | changes))


def test_a_contact_names_its_peer() -> None:
    assert verify_contact(contact(), NOW) == Identity(b"s" * 32).peer_id


@pytest.mark.parametrize(
    "change",
    [
        {"public_key": Identity(b"t" * 32).public_key},
        {"curve_key": b"d" * 32},
        {"routes": (Route("tcp://127.0.0.1:3", "tcp://127.0.0.1:2"),)},
        {"routes": ()},
        {"routes": (Route("tcp://127.0.0.1:1", "tcp://127.0.0.1:2", b"r"),)},
        {"expires": NOW + 61},
        {"signature": bytes(64)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_field_of_a_contact_is_signed(change: Any) -> None:
    with pytest.raises(IdentityError):
        verify_contact(replace(contact(), **change), NOW)


@pytest.mark.parametrize("expires", [NOW, NOW - 1, NOW + MAX_CONTACT_LIFE_S + 10])
def test_a_contact_lasts_as_long_as_it_may(expires: float) -> None:
    with pytest.raises(IdentityError):
        verify_contact(contact(expires=expires), NOW)
