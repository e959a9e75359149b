"""Who a peer is: one Ed25519 key per installation, and the contact cards that it signs."""

import os
import re
import secrets
import stat
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from nacl.exceptions import BadSignatureError, CryptoError
from nacl.signing import SigningKey, VerifyKey

from net.addresses import Contact, PeerId, Route
from net.errors import IdentityError
from net.wire.codec import encode_fields
from net.wire.limits import MAX_CLOCK_SKEW_S, MAX_CONTACT_LIFE_S

_FILE_TAG = "hivelet-ed25519-1"
_CONTACT_TAG = b"hivelet-contact-1"
_SEED = re.compile("[0-9a-f]{64}")
_MAX_FILE_BYTES = 256


class Identity:
    """An Ed25519 key pair. The secret never leaves this object except into its 0600 file."""

    __slots__ = ("_key", "peer_id", "public_key")

    def __init__(self, seed: bytes) -> None:
        """seed: 32 secret random bytes."""
        self._key = SigningKey(seed)
        self.public_key = bytes(self._key.verify_key)
        self.peer_id = peer_id_of(self.public_key)

    @classmethod
    def generate(cls) -> "Identity":
        """A new identity that lives in memory only."""
        return cls(secrets.token_bytes(32))

    @classmethod
    def load_or_create(cls, path: Path) -> "Identity":
        """The identity kept in this file, which is made (mode 0600) when it does not exist.

        Raises IdentityError when the file is broken, unreadable or open to other users: an identity is never
        replaced silently, because the peer's standing in the swarm hangs on it.
        """
        try:
            text = _read_private(path)
        except FileNotFoundError:
            identity = cls.generate()
            try:
                _write_private(path, f"{_FILE_TAG} {bytes(identity._key).hex()}\n")
            except OSError as error:
                raise IdentityError(f"The identity file {path} cannot be written ({error.strerror}).") from error
            return identity
        except OSError as error:
            raise IdentityError(f"The identity file {path} cannot be read ({error.strerror}).") from error
        tag, _, seed = text.strip().partition(" ")
        if tag != _FILE_TAG or not _SEED.fullmatch(seed):
            raise IdentityError(
                f"The identity file {path} is broken. Restore it from a backup, or move it away to get a new identity."
            )
        return cls(bytes.fromhex(seed))

    def sign(self, data: bytes) -> bytes:
        """64 bytes that prove that the owner of `public_key` has seen exactly these bytes."""
        return self._key.sign(data).signature

    def __repr__(self) -> str:
        return f"Identity({self.peer_id.hex()[:8]})"


def peer_id_of(public_key: bytes) -> PeerId:
    """SHA-256 of an Ed25519 public key."""
    return PeerId(sha256(public_key).digest())


def verify(public_key: bytes, data: bytes, signature: bytes) -> None:
    """Check an Ed25519 signature; raises IdentityError where it does not hold."""
    try:
        VerifyKey(public_key).verify(data, signature)
    except (BadSignatureError, CryptoError, ValueError, TypeError) as error:
        raise IdentityError("A signature does not hold.") from error


def sign_contact(
    identity: Identity, *, curve_key: bytes, control: str, bulk: str, expires: float, others: Sequence[Route] = ()
) -> Contact:
    """This peer's card. curve_key: 32 raw bytes; control, bulk: `tcp://…` or "" where it cannot be dialled;
    others: further ways to it, less preferred; expires: Unix seconds, at most MAX_CONTACT_LIFE_S ahead."""
    routes = (*([Route(control, bulk)] if control else []), *others)
    unsigned = Contact(identity.public_key, curve_key, routes, expires, bytes(64))
    return replace(unsigned, signature=identity.sign(contact_bytes(unsigned)))


def contact_bytes(contact: Contact) -> bytes:
    """The bytes that a contact's signature covers: a tag, then every field but the signature."""
    return _CONTACT_TAG + encode_fields(contact, leave_out=("signature",))


def verify_contact(contact: Contact, now: float) -> PeerId:
    """The peer that this card belongs to. now: Unix seconds. Raises IdentityError where it is forged or expired."""
    if contact.expires <= now:
        raise IdentityError("A contact has expired.")
    if contact.expires > now + MAX_CONTACT_LIFE_S + MAX_CLOCK_SKEW_S:
        raise IdentityError("A contact claims to last longer than any may.")
    if any(len(route.relay) not in {0, 32} for route in contact.routes):
        raise IdentityError("A contact names a relay by something that is no key.")
    return _signer_of(contact)


@lru_cache(maxsize=8192)  # the same few cards arrive again and again; failures are not kept
def _signer_of(contact: Contact) -> PeerId:
    verify(contact.public_key, contact_bytes(contact), contact.signature)
    return peer_id_of(contact.public_key)


def _read_private(path: Path) -> str:
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            raise IdentityError(
                f"The identity file {path} can be read by other users of this computer; run: chmod 600 {path}"
            )
        return file.read(_MAX_FILE_BYTES).decode("ascii", "replace")


def _write_private(path: Path, text: str) -> None:
    """Whole or not at all: written beside it, flushed to disk, then renamed."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
