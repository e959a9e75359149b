"""Contacts that outlive a run: a small file, written whole, that is believed only as far as its signatures."""

import logging
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgpack

from net.addresses import Contact
from net.errors import IdentityError, WireError
from net.identity import verify_contact
from net.wire.codec import decode_fields, encode_fields

logger = logging.getLogger(__name__)

MOST = 100
_MAX_BYTES = 64 * 1024


def load_contacts(path: Path, now: float) -> list[Contact]:
    """The contacts that still hold, in the order in which they were saved. A missing or broken file gives none."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES)
        items = msgpack.unpackb(raw, max_array_len=MOST, max_bin_len=4096)
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, msgpack.UnpackException) as error:
        logger.warning("The file of known contacts %s is ignored: %s", path, error)
        return []
    contacts = []
    for item in items if isinstance(items, list) else []:
        try:
            contact = decode_fields(Contact, item if isinstance(item, bytes) else b"")
            verify_contact(contact, now)
        except (WireError, IdentityError):
            continue
        contacts.append(contact)
    return contacts


def save_contacts(path: Path, contacts: Sequence[Contact]) -> None:
    """Replace the file, whole or not at all. A disk that refuses is logged: the next run then begins without."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgpack.packb([encode_fields(contact) for contact in contacts[:MOST]]))
        draft.replace(path)
    except OSError as error:
        logger.warning("The known contacts cannot be saved: %s", error)
        draft.unlink(missing_ok=True)
