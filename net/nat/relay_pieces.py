"""Messages as sealed pieces, and back: what a circuit carries. No I/O.

A message is laid out as the number of its frames (u8), their lengths (u32 each, big-endian) and the frames
themselves, cut into pieces of bounded size. Each piece begins with a byte that says whether the message goes on (1) or
ends (0), and is sealed with the next nonce of its direction.
"""

import struct
from collections.abc import Iterator

from net.errors import LimitError, WireError
from net.nat.noise import TAG_BYTES, Cipher
from net.transport.base import Buffer, Frames
from net.wire.limits import (
    MESSAGE_FRAMES,
    RELAY_BULK_PIECE_BYTES,
    RELAY_BULK_WINDOW_BYTES,
    RELAY_CONTROL_PIECE_BYTES,
    RELAY_CONTROL_WINDOW_BYTES,
    RELAY_MESSAGE_BYTES,
    RELAY_PIECE_COST,
)
from net.wire.messages import Plane

_LAST, _MORE = b"\0", b"\1"

WINDOW_BYTES = {Plane.CONTROL: RELAY_CONTROL_WINDOW_BYTES, Plane.BULK: RELAY_BULK_WINDOW_BYTES}
"""What may be under way in one direction of a circuit before the receiver grants more."""
PIECE_BYTES = {Plane.CONTROL: RELAY_CONTROL_PIECE_BYTES, Plane.BULK: RELAY_BULK_PIECE_BYTES}
"""Bytes of a message in one piece."""
SEALED_BYTES = {plane: size + 1 + TAG_BYTES for plane, size in PIECE_BYTES.items()}
"""The largest sealed piece."""


def cost(size: int) -> int:
    """What a sealed piece of this size takes of the window."""
    return size + RELAY_PIECE_COST


def check(frames: Frames) -> int:
    """The bytes of a message. Raises LimitError where it has too many of them, or too many frames, for a relay."""
    size = sum(map(len, frames))
    if len(frames) > MESSAGE_FRAMES or size > RELAY_MESSAGE_BYTES:
        raise LimitError(f"A message of {size} bytes in {len(frames)} frames is too large for a relay.")
    return size


class Sealer:
    """Cuts and seals the messages of one direction."""

    def __init__(self, cipher: Cipher, plane: Plane) -> None:
        self._cipher = cipher
        self._room = PIECE_BYTES[plane]

    def pieces(self, frames: Frames) -> Iterator[bytes]:
        """The sealed pieces of one message, each made when it is asked for. Messages must be sealed in turn."""
        sizes = [len(frame) for frame in frames]
        plain = b"".join([struct.pack(f"!B{len(sizes)}I", len(sizes), *sizes), *frames])
        for start in range(0, len(plain), self._room):
            end = start + self._room
            yield self._cipher.seal((_LAST if end >= len(plain) else _MORE) + plain[start:end])


class Opener:
    """Opens the pieces of one direction and puts messages together."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher
        self._parts: list[memoryview] = []
        self._size = 0

    def add(self, sealed: Buffer) -> list[Buffer] | None:
        """The frames of a message, writable, once its last piece has come.

        Raises IdentityError where a piece does not open, WireError where what is in it is no message.
        """
        plain = memoryview(self._cipher.open(bytes(sealed)))
        if not plain or plain[0] > 1:
            raise WireError("A piece of a message is malformed.")
        self._size += len(plain) - 1
        if self._size > RELAY_MESSAGE_BYTES + 1 + 4 * MESSAGE_FRAMES:
            raise WireError("A message in pieces is too large.")
        self._parts.append(plain[1:])
        if plain[0]:
            return None
        whole = self._parts[0] if len(self._parts) == 1 else memoryview(b"".join(self._parts))
        self._parts, self._size = [], 0
        return _frames(whole)


def _frames(message: memoryview) -> list[Buffer]:
    if not message or not 0 < message[0] <= MESSAGE_FRAMES or len(message) < 1 + 4 * message[0]:
        raise WireError("A message in pieces has no list of its frames.")
    sizes = struct.unpack_from(f"!{message[0]}I", message, 1)
    at = 1 + 4 * len(sizes)
    if at + sum(sizes) != len(message):
        raise WireError("A message in pieces is not as long as its frames.")
    frames: list[Buffer] = []
    for size in sizes:
        frames.append(bytearray(message[at : at + size]))
        at += size
    return frames
