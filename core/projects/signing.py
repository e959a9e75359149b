"""The publisher's signature on a project file: Ed25519 over the canonical bytes of everything that the file says."""

from typing import Any

import msgpack
import tomli_w

from core.errors import ManifestError
from net.errors import IdentityError
from net.identity import Identity, verify

_TAG = b"hivelet-project-1"
_SIGNATURE = "signature"
_PUBLISHER_KEY = "publisher_key"


def canonical_bytes(content: dict[str, Any]) -> bytes:
    """One spelling for all files that say the same: msgpack of the content, tables sorted by name, no signature.

    Comments, order and layout of the TOML text do not matter. Raises ManifestError for what only TOML has (dates).
    """
    try:
        unsigned = {name: value for name, value in content.items() if name != _SIGNATURE}
        packed: bytes = msgpack.packb(_sorted(unsigned))
    except (TypeError, ValueError, OverflowError) as error:
        raise ManifestError("A project file holds text, numbers, lists and tables only.") from error
    return _TAG + packed


def sign_content(content: dict[str, Any], identity: Identity) -> bytes:
    """TOML text that says the same, with `identity` as the publisher who vouches for it.

    The publisher's key is part of what is signed, so the same content signed by another is another project.
    """
    named = {**content, _PUBLISHER_KEY: identity.public_key.hex()}
    named.pop(_SIGNATURE, None)
    signature = identity.sign(canonical_bytes(named))
    return tomli_w.dumps(_for_toml({**named, _SIGNATURE: signature.hex()})).encode()


def check_signature(content: dict[str, Any], publisher_key: bytes, signature: bytes, source: str) -> None:
    """Raise ManifestError unless the owner of `publisher_key` signed this content. source: names the file."""
    if not signature or not publisher_key:
        raise ManifestError(f"{source} is not signed; its publisher signs it with: hivelet project sign {source}")
    try:
        verify(publisher_key, canonical_bytes(content), signature)
    except IdentityError as error:
        raise ManifestError(f"{source} was changed after its publisher signed it; ask for an intact copy.") from error


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value


def _for_toml(content: dict[str, Any]) -> dict[str, Any]:
    """Plain values before tables, as people expect them in a file; the order has no meaning."""
    return dict(sorted(content.items(), key=lambda item: isinstance(item[1], dict | list)))
