"""Contacts that outlive a run: a small file, written whole, that is believed only as far as its signatures."""

import logging
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgpack

from net.addresses import Contact, Endpoint, PeerId
from net.errors import AddressError, IdentityError, WireError
from net.identity import verify_contact
from net.introduction import BootstrapAddress
from net.wire.codec import decode_fields, encode_fields

logger = logging.getLogger(__name__)

MOST = 100
_MAX_BYTES = 64 * 1024
_KEPT_S = 60 * 86400.0  # how long after its contact's end a peer is still looked for where it was


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an earlier run knew, in the order in which it was saved. contacts: those that still hold; addresses: where
    the peers of all of them, also those of contacts that have expired, can be asked for a new one."""

    contacts: tuple[Contact, ...] = ()
    addresses: tuple[BootstrapAddress, ...] = ()


def load_contacts(path: Path, now: float) -> Remembered:
    """What the file holds. now: Unix seconds. A missing or broken file holds nothing."""
    contacts: list[Contact] = []
    addresses: list[BootstrapAddress] = []
    for item in _read(path):
        try:
            contact = decode_fields(Contact, item if isinstance(item, bytes) else b"")
            peer_id = verify_contact(contact, min(now, contact.expires - 1))
            if contact.expires > now:
                contacts.append(contact)
            elif contact.expires < now - _KEPT_S:
                continue
            address = _introduction_of(contact, peer_id)
        except (WireError, IdentityError, AddressError):
            continue
        if address is not None:
            addresses.append(address)
    return Remembered(tuple(contacts), tuple(addresses))


def _read(path: Path) -> list[object]:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES)
        items = msgpack.unpackb(raw, max_array_len=MOST, max_bin_len=4096)
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, msgpack.UnpackException) as error:
        logger.warning("The file of known contacts %s is ignored: %s", path, error)
        return []
    return items if isinstance(items, list) else []


def _introduction_of(contact: Contact, peer_id: PeerId) -> BootstrapAddress | None:
    """Where this peer most likely introduces itself: one port below its control plane, as long as that is free.

    It is worth a try because a peer that has restarted has another CURVE key, which makes its old contact useless,
    but mostly the same ports. Whoever answers must be that very peer.
    """
    if not contact.control:
        return None
    control = Endpoint.parse(contact.control)
    return BootstrapAddress(Endpoint(control.host, control.port - 1), peer_id) if control.port > 1 else None


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
