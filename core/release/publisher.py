"""Whose word about releases counts: the publisher's public key, which ships with the program."""

import os
import re
from collections.abc import Mapping
from importlib.resources import files

from core.errors import ReleaseError

RESOURCE = "release_key.txt"
VARIABLE = "HIVELET_RELEASE_KEY"
_KEY = re.compile("[0-9a-f]{64}")


def publisher_key(environment: Mapping[str, str] = os.environ) -> bytes:
    """32 bytes; none where this build names no publisher, so that nobody's news is believed.

    $HIVELET_RELEASE_KEY is for those who distribute a Hivelet of their own. Raises ReleaseError for a malformed key.
    """
    said = environment.get(VARIABLE, "").strip()
    return read_key(said or files("resources").joinpath(RESOURCE).read_text(encoding="utf-8"))


def read_key(text: str) -> bytes:
    """The key in a text whose lines after # are comments; no bytes where there is none. Raises ReleaseError."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    if not lines:
        return b""
    if len(lines) > 1 or not _KEY.fullmatch(lines[0]):
        raise ReleaseError("The publisher's key must be one line of 64 hexadecimal digits.")
    return bytes.fromhex(lines[0])
