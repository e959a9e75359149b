"""Noise_IK_25519_ChaChaPoly_SHA256 (noiseprotocol.org, revision 34): what two peers seal a relayed link with.

The caller knows the callee's static key beforehand; its own travels encrypted in the first of two messages. Static
keys are the CURVE keys of both runs, ephemeral ones are made here. After the handshake each direction has a cipher
with a counter as nonce: what is replayed, reordered, left out or changed does not open. No I/O.
"""

import hashlib
import hmac
import struct
from collections.abc import Callable

from nacl.bindings import (
    crypto_aead_chacha20poly1305_ietf_decrypt,
    crypto_aead_chacha20poly1305_ietf_encrypt,
    crypto_scalarmult_base,
)
from nacl.exceptions import CryptoError
from nacl.utils import random as random_bytes

from net.curve import KEY_BYTES, agree
from net.errors import IdentityError

NAME = b"Noise_IK_25519_ChaChaPoly_SHA256"
TAG_BYTES = 16

Agree = Callable[[bytes], bytes]
"""X25519 of one's own static secret and another's public key; raises IdentityError for a key that gives nothing."""


class Cipher:
    """One direction of a link. Each call uses the next nonce."""

    __slots__ = ("_key", "_nonce")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._nonce = 0

    def seal(self, plain: bytes, bound: bytes = b"") -> bytes:
        """plain, encrypted, and TAG_BYTES more. bound: what else the tag covers."""
        return crypto_aead_chacha20poly1305_ietf_encrypt(plain, bound, self._next(), self._key)

    def open(self, sealed: bytes, bound: bytes = b"") -> bytes:
        """The inverse. Raises IdentityError for anything but the next thing that the other side sealed."""
        try:
            return crypto_aead_chacha20poly1305_ietf_decrypt(sealed, bound, self._next(), self._key)
        except (CryptoError, ValueError) as error:  # ValueError: shorter than a tag
            raise IdentityError("A sealed message was changed, repeated or left out on its way.") from error

    def _next(self) -> bytes:
        nonce = struct.pack("<4xQ", self._nonce)
        self._nonce += 1
        return nonce


class _Handshake:
    """Noise's symmetric state: a chaining key, and a hash of everything that both sides have seen."""

    def __init__(self, prologue: bytes, callee: bytes, ephemeral: bytes | None) -> None:
        self._secret = ephemeral or random_bytes(KEY_BYTES)
        self._ephemeral = crypto_scalarmult_base(self._secret)
        self._chain = self._hash = NAME  # exactly as long as a hash
        self._cipher = Cipher(b"")
        self._mix_hash(prologue)
        self._mix_hash(callee)

    def _mix_hash(self, data: bytes) -> None:
        self._hash = hashlib.sha256(self._hash + data).digest()

    def _mix_key(self, shared: bytes) -> None:
        self._chain, key = _derive(self._chain, shared)
        self._cipher = Cipher(key)

    def _seal(self, plain: bytes) -> bytes:
        sealed = self._cipher.seal(plain, self._hash)
        self._mix_hash(sealed)
        return sealed

    def _open(self, sealed: bytes) -> bytes:
        plain = self._cipher.open(sealed, self._hash)
        self._mix_hash(sealed)
        return plain

    def _agree(self, key: bytes) -> bytes:
        return agree(self._secret, key)

    def _split(self) -> tuple[Cipher, Cipher]:
        first, second = _derive(self._chain, b"")
        return Cipher(first), Cipher(second)


class Initiator(_Handshake):
    """The side that opens the link: `first`, then `finish` with the answer to it."""

    def __init__(
        self, static: bytes, agree: Agree, callee: bytes, prologue: bytes, ephemeral: bytes | None = None
    ) -> None:
        """static: own CURVE key, agree: X25519 with its secret; callee: the other's CURVE key.

        prologue: what both must know to be the same; ephemeral: a secret for tests, else a fresh one.
        """
        super().__init__(prologue, callee, ephemeral)
        self._static = static
        self._agree_static = agree
        self._callee = callee

    def first(self, payload: bytes = b"") -> bytes:
        """The first message, 96 bytes and the payload. Raises IdentityError where the callee's key is no good."""
        self._mix_hash(self._ephemeral)
        self._mix_key(self._agree(self._callee))
        sealed_static = self._seal(self._static)
        self._mix_key(self._agree_static(self._callee))
        return self._ephemeral + sealed_static + self._seal(payload)

    def finish(self, answer: bytes) -> tuple[bytes, Cipher, Cipher]:
        """The answer's payload, and the ciphers to send and to receive with. Raises IdentityError."""
        ephemeral, sealed = answer[:KEY_BYTES], answer[KEY_BYTES:]
        self._mix_hash(ephemeral)
        self._mix_key(self._agree(ephemeral))
        self._mix_key(self._agree_static(ephemeral))
        payload = self._open(sealed)
        sending, receiving = self._split()
        return payload, sending, receiving


class Responder(_Handshake):
    """The side that is called: `read` the first message, then `answer` it."""

    def __init__(self, static: bytes, agree: Agree, prologue: bytes, ephemeral: bytes | None = None) -> None:
        """See Initiator."""
        super().__init__(prologue, static, ephemeral)
        self._agree_static = agree
        self._caller = self._caller_ephemeral = b""

    def read(self, first: bytes) -> tuple[bytes, bytes]:
        """The caller's CURVE key, which it has proven, and its payload. Raises IdentityError."""
        self._caller_ephemeral, rest = first[:KEY_BYTES], first[KEY_BYTES:]
        sealed_static, sealed = rest[: KEY_BYTES + TAG_BYTES], rest[KEY_BYTES + TAG_BYTES :]
        self._mix_hash(self._caller_ephemeral)
        self._mix_key(self._agree_static(self._caller_ephemeral))
        self._caller = self._open(sealed_static)
        self._mix_key(self._agree_static(self._caller))
        return self._caller, self._open(sealed)

    def answer(self, payload: bytes = b"") -> tuple[bytes, Cipher, Cipher]:
        """The answer, 48 bytes and the payload, and the ciphers to send and to receive with."""
        self._mix_hash(self._ephemeral)
        self._mix_key(self._agree(self._caller_ephemeral))
        self._mix_key(self._agree(self._caller))
        answer = self._ephemeral + self._seal(payload)
        receiving, sending = self._split()
        return answer, sending, receiving


def _derive(chain: bytes, shared: bytes) -> tuple[bytes, bytes]:
    """HKDF with two outputs."""
    root = hmac.digest(chain, shared, "sha256")
    first = hmac.digest(root, b"\x01", "sha256")
    return first, hmac.digest(root, first + b"\x02", "sha256")
