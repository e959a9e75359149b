"""Messages to bytes and back: msgpack arrays whose every field is checked against the dataclass's annotations.

A message is one msgpack array with exactly as many items as the dataclass has fields, in their order; nested
dataclasses and tuples are arrays too. Nothing is coerced: a bool is no int, an int is no float, and text is no
bytes. Bounds come from `Max`, `Exactly` and `Between` in the annotations. What encodes here decodes there.
Each class is compiled once into a pair of functions.
"""

import dataclasses
import sys
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import msgpack

from net.errors import LimitError, WireError
from net.wire.limits import BODY_BYTES, MAX_CALLS, PAYLOAD_BUFFERS, Between, Exactly, Max
from net.wire.messages import Message
from net.wire.table import TABLE

T = TypeVar("T")
_Convert = Callable[[Any], Any]

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
    body: bytes = msgpack.packb(_encoder(type(value), leave_out)(value))
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
    decoded: T = _decoder(cls)(raw)
    return decoded


# --- compiling a class into a pair of functions --------------------------------------------------------------


_DECODERS: dict[type, _Convert] = {}
_ENCODERS: dict[tuple[type, tuple[str, ...]], _Convert] = {}


def _decoder(cls: type) -> _Convert:
    if cls not in _DECODERS:
        _DECODERS[cls] = _compile_decoder(cls)
    return _DECODERS[cls]


def _encoder(cls: type, leave_out: tuple[str, ...] = ()) -> _Convert:
    found = _ENCODERS.get((cls, leave_out))
    if found is None:
        found = _ENCODERS[cls, leave_out] = _compile_encoder(cls, leave_out)
    return found


def _compile_decoder(cls: type) -> _Convert:
    converters = tuple(convert for _, convert in _fields(cls, encoding=False))
    name, count = cls.__name__, len(converters)

    def decode_object(raw: Any) -> Any:
        if type(raw) is not list or len(raw) != count:
            raise WireError(f"{name} is an array of {count} fields.")
        return cls(*[convert(item) for convert, item in zip(converters, raw, strict=True)])

    return decode_object


def _compile_encoder(cls: type, leave_out: tuple[str, ...]) -> _Convert:
    fields = [(name, convert) for name, convert in _fields(cls, encoding=True) if name not in leave_out]
    converters = tuple(convert for _, convert in fields)
    if len(fields) < 2:  # attrgetter gives a tuple from two names up
        names = [name for name, _ in fields]
        return lambda value: [convert(getattr(value, name)) for name, convert in zip(names, converters, strict=True)]
    values = attrgetter(*(name for name, _ in fields))
    return lambda value: [convert(item) for convert, item in zip(converters, values(value), strict=True)]


def _fields(cls: type, *, encoding: bool) -> list[tuple[str, _Convert]]:
    if not dataclasses.is_dataclass(cls):
        raise TypeError(f"{cls.__name__} is no message.")
    hints = get_type_hints(cls, include_extras=True)
    return [
        (field.name, _converter(hints[field.name], f"{cls.__name__}.{field.name}", encoding=encoding))
        for field in dataclasses.fields(cls)
    ]


def _converter(hint: Any, where: str, *, encoding: bool) -> _Convert:
    """The function that checks one field and turns it into (or out of) what msgpack knows."""
    bounds: Sequence[Any] = ()
    if get_origin(hint) is Annotated:
        hint, *bounds = get_args(hint)
    if hint is bool:
        return _boolean(where)
    if hint is int or hint is float:
        return _number(hint, bounds, where, encoding=encoding)
    if hint is bytes or hint is str:
        return _sized(hint, bounds, where, encoding=encoding)
    if get_origin(hint) is tuple:
        item_hint, ellipsis = get_args(hint)
        if ellipsis is not Ellipsis:
            raise TypeError(f"{where}: only tuples of any length are supported.")
        return _sequence(_converter(item_hint, where, encoding=encoding), bounds, where, encoding=encoding)
    return _encoder(hint) if encoding else _decoder(hint)


def _boolean(where: str) -> _Convert:
    def check(value: object) -> object:
        if value is not True and value is not False:
            raise WireError(f"{where} is no truth value.")
        return value

    return check


def _number(kind: type[int] | type[float], bounds: Sequence[Any], where: str, *, encoding: bool) -> _Convert:
    low, high = (-(2**63), 2**63 - 1) if kind is int else (-sys.float_info.max, sys.float_info.max)
    for bound in bounds:
        if isinstance(bound, Between):
            low, high = bound.low, bound.high

    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise WireError(f"{where} is no {kind.__name__}.")
        if not low <= value <= high:  # false for NaN and the infinities as well
            raise LimitError(f"{where} is outside its bounds.")
        return value

    if not encoding:
        return check

    def check_and_widen(value: Any) -> Any:
        # Python's own code may hand over an IntEnum, or an int where a float is meant; the wire sees one type.
        return check(kind(value) if isinstance(value, int) and type(value) is not bool else value)

    return check_and_widen


def _sized(kind: type[bytes] | type[str], bounds: Sequence[Any], where: str, *, encoding: bool) -> _Convert:
    low, high = _length_bounds(bounds, where)

    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise WireError(f"{where} is no {kind.__name__}.")
        if not low <= len(value) <= high:
            raise LimitError(f"{where} is {len(value)} long, which is outside its bounds.")
        return value

    if kind is bytes or not encoding:
        return check

    def check_text(value: Any) -> Any:
        check(value)
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise WireError(f"{where} is no valid text.") from error
        return value

    return check_text


def _sequence(convert: _Convert, bounds: Sequence[Any], where: str, *, encoding: bool) -> _Convert:
    low, high = _length_bounds(bounds, where)

    def encode_items(value: Any) -> Any:
        if type(value) is not tuple:
            raise WireError(f"{where} is no tuple.")
        if not low <= len(value) <= high:
            raise LimitError(f"{where} has {len(value)} items, which is outside its bounds.")
        return [convert(item) for item in value]

    def decode_items(raw: Any) -> Any:
        if type(raw) is not list:
            raise WireError(f"{where} is no array.")
        if not low <= len(raw) <= high:
            raise LimitError(f"{where} has {len(raw)} items, which is outside its bounds.")
        return tuple([convert(item) for item in raw])

    return encode_items if encoding else decode_items


def _length_bounds(bounds: Sequence[Any], where: str) -> tuple[int, int]:
    for bound in bounds:
        if isinstance(bound, Max):
            return 0, bound.count
        if isinstance(bound, Exactly):
            return bound.count, bound.count
    raise TypeError(f"{where} has no bound: everything from the network needs one.")
