"""Messages survive the round trip, and nothing else comes through."""

import dataclasses
import math
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from net.errors import LimitError, WireError
from net.wire.codec import decode, decode_fields, encode, encode_fields
from net.wire.limits import BODY_BYTES, MAX_TEXT_CHARS, Between, Exactly, Max
from net.wire.messages import Failure, FailureCode, FindNode, FindValue, Found, Nodes, Ping, Pong, Store, TensorHeader
from net.wire.table import PARTS, TABLE

# --- any message, from its annotations --------------------------------------------------------------------------


def values(hint: Any) -> st.SearchStrategy[Any]:
    bounds: Any = ()
    if get_origin(hint) is Annotated:
        hint, *bounds = get_args(hint)
    between = next((bound for bound in bounds if isinstance(bound, Between)), None)
    low, high = 0, next((bound.count for bound in bounds if isinstance(bound, (Max, Exactly))), 0)
    if any(isinstance(bound, Exactly) for bound in bounds):
        low = high
    if hint is bool:
        return st.booleans()
    if hint is int:
        return st.integers(int(between.low), int(between.high)) if between else st.integers(-(2**63), 2**63 - 1)
    if hint is float:
        finite = {"allow_nan": False, "allow_infinity": False}
        return st.floats(between.low, between.high) if between else st.floats(**finite)
    if hint is bytes:
        return st.binary(min_size=low, max_size=high)
    if hint is str:
        return st.text(st.characters(exclude_categories=["Cs"]), min_size=low, max_size=min(high, 20))
    if get_origin(hint) is tuple:
        return st.lists(values(get_args(hint)[0]), min_size=low, max_size=min(high, 3)).map(tuple)
    return objects(hint)


def objects(cls: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(cls, include_extras=True)
    return st.builds(cls, **{field.name: values(hints[field.name]) for field in dataclasses.fields(cls)})


messages = st.one_of([objects(cls) for cls in TABLE.values()])


@given(messages)
def test_every_message_survives_the_round_trip(message: Any) -> None:
    assert decode(message.CODE, encode(message)) == message


@given(st.one_of([objects(cls) for cls in PARTS]))
def test_every_part_survives_the_round_trip(part: Any) -> None:
    assert decode_fields(type(part), encode_fields(part)) == part


@given(st.integers(0, 70), st.binary(max_size=300))
def test_random_bytes_raise_wire_error_or_are_a_message(code: int, body: bytes) -> None:
    try:
        message = decode(code, body)
    except WireError:
        return
    assert decode(code, encode(message)) == message


@given(messages, st.data())
def test_damaged_messages_raise_wire_error_or_are_a_message(message: Any, data: st.DataObject) -> None:
    body = bytearray(encode(message))
    position = data.draw(st.integers(0, len(body) - 1))
    body[position] ^= data.draw(st.integers(1, 255))
    try:
        damaged = decode(message.CODE, body)
    except WireError:
        return
    assert type(damaged) is type(message)


any_msgpack = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)


@settings(max_examples=50)
@given(st.sampled_from(sorted(TABLE)), any_msgpack)
def test_any_msgpack_raises_wire_error_or_is_a_message(code: int, value: Any) -> None:
    try:
        message = decode(code, msgpack.packb(value))
    except (WireError, UnicodeEncodeError):
        return
    assert decode(code, encode(message)) == message


# --- single rules -----------------------------------------------------------------------------------------------

KEY = bytes(32)


@pytest.mark.parametrize(
    ("code", "raw"),
    [
        (FindNode.CODE, []),
        (FindNode.CODE, [KEY, 1]),  # a field too many
        (FindNode.CODE, {"target": KEY}),
        (FindNode.CODE, KEY),
        (FindNode.CODE, [KEY.decode()]),  # text is no bytes
        (FindNode.CODE, [KEY[1:]]),
        (FindNode.CODE, [[0] * 32]),
        (Pong.CODE, [1]),  # an integer is no float
        (Pong.CODE, [True]),
        (Pong.CODE, [None]),
        (Pong.CODE, [math.nan]),
        (Pong.CODE, [math.inf]),
        (Pong.CODE, [-math.inf]),
        (Failure.CODE, [True, "", 0.0]),  # a truth value is no number
        (Failure.CODE, [0, "", 0.0]),
        (Failure.CODE, [256, "", 0.0]),
        (Failure.CODE, [-1, "", 0.0]),
        (Failure.CODE, [2**64 - 1, "", 0.0]),
        (Failure.CODE, [1, b"", 0.0]),
        (Failure.CODE, [1, "x" * (MAX_TEXT_CHARS + 1), 0.0]),
        (Failure.CODE, [1, "", -1.0]),
        (FindValue.CODE, [[KEY] * 17, b"", b""]),
        (FindValue.CODE, [KEY, b"", b""]),
        (Ping.CODE, None),
        (Ping.CODE, {}),
    ],
    ids=repr,
)
def test_what_breaks_a_rule_is_refused(code: int, raw: Any) -> None:
    with pytest.raises(WireError):
        decode(code, msgpack.packb(raw))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x91",
        msgpack.packb([KEY]) + b"\x00",  # something follows
        b"\xc1",
        b"\x91" * 5000 + b"\xc0",  # deep
        b"\xdd\xff\xff\xff\xff",  # 2**32 items announced
        b"\xc6\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\x91\xd9\x02\xff\xfe",  # no UTF-8
        b"\x91\xc7\x01\x05\x00",  # an extension type
        b"\x91\xd6\xff\x00\x00\x00\x00",  # a timestamp
        b"\x91\x82\xa1a\x01\xa1a\x02",  # a map, with a key twice
        b"\x91" + bytes([0x80]) * 1,
        b"\xdc\xff\xff" + b"\x90" * 0xFFFF,
    ],
    ids=lambda body: body[:8].hex(),
)
def test_bombs_and_broken_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(WireError):
        decode(FindNode.CODE, body)


def test_a_body_above_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(LimitError):
        decode(FindNode.CODE, bytes(BODY_BYTES + 1))


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(WireError, match="no message number 99"):
        decode(99, b"\x90")


@pytest.mark.parametrize(
    "message",
    [
        FindNode(KEY[1:]),
        FindNode(bytearray(32)),  # type: ignore[arg-type]
        Failure(1, "x" * 301, 0.0),
        Failure(1, "\ud800", 0.0),
        Failure(True, "", 0.0),
        Pong(math.nan),
        TABLE[20]((KEY,) * 17, b"", b""),
        Nodes([], b""),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_what_may_not_arrive_is_not_sent_either(message: Any) -> None:
    with pytest.raises(WireError):
        encode(message)


def test_too_much_together_is_not_sent() -> None:
    found = Found(KEY, (), more=False, contacts=())
    assert encode_fields(found)
    record = dataclasses.replace(_record(), value=bytes(1000))
    with pytest.raises(LimitError):
        encode(Store(b"", (record,) * 64))


def test_python_numbers_are_widened_on_the_way_out() -> None:
    assert decode(Failure.CODE, encode(Failure(FailureCode.BUSY, "", 1))) == Failure(7, "", 1.0)


def test_fields_can_be_left_out_for_signing() -> None:
    header = TensorHeader((2, 3), "float32", "none", 24)
    assert msgpack.unpackb(encode_fields(header, leave_out=("dtype", "nbytes"))) == [[2, 3], "none"]
    assert msgpack.unpackb(encode_fields(header, leave_out=("shape", "dtype", "nbytes"))) == ["none"]


def _record() -> Any:
    cls = next(part for part in PARTS if part.__name__ == "Record")
    return cls(KEY, b"", KEY, 1, 1.0, b"", bytes(64))
