"""Messages to bytes and back: msgpack arrays whose every field is checked against the dataclass's annotations.

A message is one msgpack array with exactly as many items as the dataclass has fields, in their order; nested
dataclasses and tuples are arrays too. Nothing is coerced: a bool is no int, an int is no float, and text is no
bytes. Bounds come from `Max`, `Exactly` and `Between` in the annotations. What encodes here decodes there.
Each class is compiled once into a pair of functions (`net.wire.converters`).
"""

from typing import Any, TypeVar

import msgpack

from net.errors import LimitError, WireError
from net.wire.converters import decoder, encoder
from net.wire.limits import BODY_BYTES, MAX_CALLS, PAYLOAD_BUFFERS
from net.wire.messages import Message
from net.wire.table import TABLE

T = TypeVar("T")

_UNPACK_LIMITS = {
    "max_str_len": BODY_BYTES,
    "max_bin_len": BODY_BYTES,
    "max_array_len": max(MAX_CALLS, PAYLOAD_BUFFERS),
    "max_map_len": 0,
    "max_ext_len": 0,
}


def encode(message: Message) -> bytes:
    """The body of a message, without its code. Raises WireError or LimitError where a field breaks its bounds."""
    return encode_fields(message)


def decode(code: int, body: bytes | memoryview) -> Message:
    """The message that these bytes are. Raises WireError (or LimitError) and nothing else."""
    message_type = TABLE.get(code)
    if message_type is None:
        raise WireError(f"There is no message number {code}.")
    return decode_fields(message_type, body)


def encode_fields(value: Any, *, leave_out: tuple[str, ...] = ()) -> bytes:
    """Any dataclass of the table, a part included, as bytes; `leave_out` names fields to skip (for signatures)."""
    body: bytes = msgpack.packb(encoder(type(value), leave_out)(value))
    if len(body) > BODY_BYTES:
        raise LimitError(f"{type(value).__name__} takes {len(body)} bytes; {BODY_BYTES} are allowed.")
    return body


def decode_fields(cls: type[T], body: bytes | memoryview) -> T:
    """The inverse of `encode_fields`. Raises WireError (or LimitError) and nothing else."""
    if len(body) > BODY_BYTES:
        raise LimitError(f"{len(body)} bytes are too many for {cls.__name__}.")
    try:
        raw = msgpack.unpackb(body, raw=False, strict_map_key=True, **_UNPACK_LIMITS)
    except (ValueError, TypeError, OverflowError, RecursionError, msgpack.UnpackException) as error:
        raise WireError(f"No valid bytes for {cls.__name__}.") from error
    decoded: T = decoder(cls)(raw)
    return decoded
