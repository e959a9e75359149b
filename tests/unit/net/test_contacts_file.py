"""Contacts that outlive a run."""

import logging
import os
import stat
from pathlib import Path
from typing import Any

import msgpack
import pytest

from net.addresses import Contact
from net.contacts_file import MOST, Remembered, load_contacts, save_contacts
from net.identity import Identity, peer_id_of, sign_contact
from net.wire.codec import encode_fields

NOW = 1_700_000_000.0


def contact(number: int, life: float = 60.0, port: int = 1) -> Contact:
    return sign_contact(
        Identity(bytes([number]) * 32),
        curve_key=bytes(32),
        control=f"tcp://127.0.0.1:{port}",
        bulk="tcp://127.0.0.1:2",
        expires=NOW + life,
    )


def test_contacts_come_back_in_order_without_those_that_have_expired(tmp_path: Path) -> None:
    path = tmp_path / "contacts.msgpack"
    contacts = [contact(3), contact(1, life=5.0), contact(2)]
    save_contacts(path, contacts)
    assert load_contacts(path, NOW).contacts == tuple(contacts)
    assert load_contacts(path, NOW + 10).contacts == (contacts[0], contacts[2])
    save_contacts(path, [contacts[2]])
    assert load_contacts(path, NOW).contacts == (contacts[2],)
    assert [entry.name for entry in tmp_path.iterdir()] == ["contacts.msgpack"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


BROKEN = [b"", b"\xff" * 50, msgpack.packb({"a": 1}), msgpack.packb([1, None, b"x"]), b"\xdd\xff\xff\xff\xff"]


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_file_gives_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "contacts.msgpack"
    path.write_bytes(content)
    assert load_contacts(path, NOW) == Remembered()


def test_forged_contacts_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "contacts.msgpack"
    forged = bytearray(encode_fields(contact(1)))
    forged[-1] ^= 1
    path.write_bytes(msgpack.packb([bytes(forged), encode_fields(contact(2))]))
    assert load_contacts(path, NOW).contacts == (contact(2),)


def test_a_missing_file_gives_none_and_a_disk_that_refuses_is_logged(tmp_path: Path, caplog: Any) -> None:
    assert load_contacts(tmp_path / "none", NOW) == Remembered()
    with caplog.at_level(logging.WARNING, "net.contacts_file"):
        save_contacts(tmp_path / "missing" / "contacts.msgpack", [contact(1)])
    assert "cannot be saved" in caplog.text


def test_only_so_many_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "contacts.msgpack"
    one = contact(1)
    save_contacts(path, [one] * (MOST + 50))
    assert len(load_contacts(path, NOW).contacts) == MOST


def test_a_peer_whose_contact_has_expired_is_still_looked_for_where_it_was_and_must_be_itself(tmp_path: Path) -> None:
    path = tmp_path / "contacts.msgpack"
    save_contacts(path, [contact(1, life=5.0, port=4801), contact(2, port=4811), contact(3, port=1)])
    found = load_contacts(path, NOW + 10)
    assert found.contacts == (contact(2, port=4811), contact(3, port=1))
    assert [str(address) for address in found.addresses] == [
        f"tcp://127.0.0.1:4800#{peer_id_of(contact(1).public_key).hex()}",
        f"tcp://127.0.0.1:4810#{peer_id_of(contact(2).public_key).hex()}",
    ]
    assert load_contacts(path, NOW + 100 * 86400) == Remembered()
