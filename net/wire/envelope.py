"""The first frame of every message: a fixed header that says what it is, whose call it belongs to, and what follows.

Layout (big-endian): version u8, kind u8, code u16, call u64, argument u32, count u16, then `count` payload sizes as
u32, then the message's body (see `net.wire.codec`) up to the end of the frame. The payload's bytes follow in frames
of their own; a small payload may be attached instead, at the end of this very frame, which the highest bit of `count`
says. A connection carries requests in one direction only, from the side that dialled.
"""

import struct
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from net.errors import LimitError, WireError
from net.wire.limits import CONTROL_MESSAGE_BYTES, PAYLOAD_BUFFERS, STREAM_BYTES
from net.wire.messages import PROTOCOL_VERSION

Buffer = bytes | bytearray | memoryview

_HEAD = struct.Struct("!BBHQIH")
_ARGUMENT_MAX = 2**32 - 1
_ATTACHED = 1 << 15  # in `count`


class Kind(IntEnum):
    """What a frame list is, and what `argument` means in it."""

    REQUEST = 1  # argument: milliseconds that the caller still waits
    RESPONSE = 2
    FAILURE = 3  # a response whose message is Failure
    CHUNK = 4  # argument: which chunk of the payload this is; the one beside the message was 0
    CREDIT = 5  # argument: chunks before this index may be sent
    CANCEL = 6  # the caller waits no more
    RELAY = 7  # a message between a relay and one who uses it; call: the circuit, 0 for none
    PIECE = 8  # a sealed piece of a circuit, in the second frame; call: the circuit
    GRANT = 9  # argument: further bytes that may be sent into the circuit `call`


_KINDS = {int(kind): kind for kind in Kind}


class Envelope(NamedTuple):
    """kind; code: the message's number, 0 where there is none; call: chosen by the caller; sizes: bytes of each
    payload buffer; attached: whether the payload is in this frame."""

    kind: Kind
    code: int
    call: int
    argument: int = 0
    sizes: tuple[int, ...] = ()
    attached: bool = False


class VersionError(WireError):
    """The other side speaks another protocol version: `version`. The first 12 bytes are alike in all versions."""

    def __init__(self, version: int, call: int) -> None:
        super().__init__(refusal_of(version))
        self.version = version
        self.call = call


def refusal_of(version: int) -> str:
    """What to tell one who asks in another protocol version: both versions, and what to do."""
    advice = "update Hivelet" if version < PROTOCOL_VERSION else "it must be updated first"
    return f"You speak protocol version {version}; this peer speaks version {PROTOCOL_VERSION}: {advice}."


def refused_by(address: str, version: int) -> str:
    """What to say about one who answers in another protocol version: both versions, and what to do."""
    advice = "update Hivelet" if version > PROTOCOL_VERSION else "it must be updated first"
    return f"{address} speaks protocol version {version}; Hivelet here speaks version {PROTOCOL_VERSION}: {advice}."


def pack(envelope: Envelope, body: bytes = b"", attached: Sequence[Buffer] = ()) -> bytes:
    """One frame. attached: the payload, to travel in it. Raises LimitError where it would be too large."""
    kind, code, call, argument, sizes, flag = envelope
    count = len(sizes) | _ATTACHED if attached or flag else len(sizes)
    head = _HEAD.pack(PROTOCOL_VERSION, kind, code, call, min(argument, _ARGUMENT_MAX), count)
    if sizes:
        if len(sizes) > PAYLOAD_BUFFERS or sum(sizes) > STREAM_BYTES:
            raise LimitError(f"A payload of {sum(sizes)} bytes in {len(sizes)} buffers is too large to be sent.")
        head += struct.pack(f"!{len(sizes)}I", *sizes)
    frame = b"".join((head, body, *attached)) if attached else head + body
    if len(frame) > CONTROL_MESSAGE_BYTES:
        raise LimitError(f"A message of {len(frame)} bytes is too large to be sent.")
    return frame


def unpack(frame: bytes | bytearray | memoryview) -> tuple[Envelope, memoryview]:
    """The envelope and what is behind it: the body, and the payload where it is attached (see `detach`).

    Raises VersionError, WireError or LimitError, and nothing else.
    """
    view = memoryview(frame)
    if len(view) > CONTROL_MESSAGE_BYTES:
        raise LimitError("A first frame is too large.")
    if len(view) < _HEAD.size:
        raise WireError("A first frame is too short.")
    version, number, code, call, argument, count = _HEAD.unpack_from(view)
    if version != PROTOCOL_VERSION:
        raise VersionError(version, call)
    kind = _KINDS.get(number)
    if kind is None:
        raise WireError(f"There is no message kind {number}.")
    attached, count = bool(count & _ATTACHED), count & ~_ATTACHED
    end = _HEAD.size + 4 * count
    if count > PAYLOAD_BUFFERS:
        raise LimitError(f"A payload of {count} buffers is too large.")
    if len(view) < end:
        raise WireError("A first frame ends within its sizes.")
    sizes = struct.unpack_from(f"!{count}I", view, _HEAD.size) if count else ()
    if sum(sizes) > STREAM_BYTES:
        raise LimitError(f"A payload of {sum(sizes)} bytes is too large.")
    return Envelope(kind, code, call, argument, sizes, attached), view[end:]


def detach(envelope: Envelope, rest: memoryview) -> tuple[memoryview, list[memoryview]]:
    """The body, and the frames of a payload that is attached to it. Of one that is shorter than announced nothing is
    left for the body, which no message is."""
    at = max(0, len(rest) - sum(envelope.sizes))
    body, frames = rest[:at], []
    for size in filter(None, envelope.sizes):
        frames.append(rest[at : at + size])
        at += size
    return body, frames
