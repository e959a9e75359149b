"""X25519, the key agreement of CURVE: what two peers can compute from their secrets and each other's public keys."""

from nacl.bindings import crypto_scalarmult
from nacl.exceptions import CryptoError

from net.errors import IdentityError

KEY_BYTES = 32


def agree(secret: bytes, key: bytes) -> bytes:
    """32 bytes that only the owners of both secrets know. secret: 32 bytes; key: another's public key.

    Raises IdentityError for a key of another length, or of low order, with which everybody agrees.
    """
    if len(key) != KEY_BYTES:  # libsodium does not look at the length
        raise IdentityError("A CURVE key has the wrong length.")
    try:
        return crypto_scalarmult(secret, key)
    except CryptoError as error:
        raise IdentityError("A CURVE key is of low order.") from error
