"""Messages cut, sealed, opened and put together again."""

import struct

import pytest

from net.errors import IdentityError, LimitError, WireError
from net.nat.noise import Cipher
from net.nat.relay_pieces import PIECE_BYTES, SEALED_BYTES, Opener, Sealer, check
from net.wire.limits import MESSAGE_FRAMES, RELAY_MESSAGE_BYTES
from net.wire.messages import Plane

KEY = bytes(range(32))


def pair(plane: Plane = Plane.BULK) -> tuple[Sealer, Opener]:
    return Sealer(Cipher(KEY), plane), Opener(Cipher(KEY))


@pytest.mark.parametrize("plane", Plane)
@pytest.mark.parametrize(
    "frames",
    [[b"x"], [b""], [b"head", b"", bytes(300_000)], [bytes([i]) * i for i in range(MESSAGE_FRAMES)], [bytes(50_000)]],
    ids=["small", "empty", "large", "many", "two pieces of control"],
)
def test_messages_come_out_as_they_went_in(plane: Plane, frames: list[bytes]) -> None:
    sealer, opener = pair(plane)
    for _ in range(2):
        pieces = list(sealer.pieces(frames))
        assert all(len(piece) <= SEALED_BYTES[plane] for piece in pieces)
        assert len(pieces) == -(-(1 + sum(4 + len(frame) for frame in frames)) // PIECE_BYTES[plane])
        came = [opener.add(piece) for piece in pieces]
        assert came[:-1] == [None] * (len(pieces) - 1)
        assert came[-1] == frames
        assert all(isinstance(frame, bytearray) for frame in came[-1] or ())


@pytest.mark.parametrize("frames", [[b""] * (MESSAGE_FRAMES + 1), [bytes(RELAY_MESSAGE_BYTES + 1)]])
def test_messages_that_are_too_large_are_not_sent(frames: list[bytes]) -> None:
    with pytest.raises(LimitError, match="too large"):
        check(frames)


def test_pieces_left_out_or_swapped_do_not_open() -> None:
    sealer, opener = pair(Plane.CONTROL)
    first, second = sealer.pieces([bytes(60_000)])
    with pytest.raises(IdentityError):
        opener.add(second)
    sealer, opener = pair(Plane.CONTROL)
    first, second = sealer.pieces([bytes(60_000)])
    assert opener.add(first) is None
    with pytest.raises(IdentityError):
        opener.add(first)


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\2\1\0\0\0\0",
        b"\0",
        b"\0\0",
        b"\0\1\0\0\0",
        b"\0\1\0\0\0\5abc",
        b"\0\1\0\0\0\1abc",
        b"\0" + struct.pack("!B2I", 2, 2**32 - 1, 2**32 - 1),
        b"\0\xff" + bytes(4 * 255),
    ],
)
def test_what_is_no_message_is_refused(plain: bytes) -> None:
    with pytest.raises(WireError):
        pair()[1].add(Cipher(KEY).seal(plain))


def test_a_message_without_end_is_refused_before_it_takes_memory() -> None:
    cipher, opener = Cipher(KEY), pair()[1]
    for _ in range(RELAY_MESSAGE_BYTES // 100_000):
        assert opener.add(cipher.seal(b"\1" + bytes(100_000))) is None
    with pytest.raises(WireError, match="too large"):
        opener.add(cipher.seal(b"\1" + bytes(100_000)))
