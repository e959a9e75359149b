"""The first frame: round trip, bounds, and other versions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.errors import LimitError, WireError
from net.wire.envelope import Envelope, Kind, VersionError, detach, pack, unpack
from net.wire.limits import CONTROL_MESSAGE_BYTES, PAYLOAD_BUFFERS, STREAM_BYTES
from net.wire.messages import PROTOCOL_VERSION

envelopes = st.builds(
    Envelope,
    st.sampled_from(Kind),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(0, 1000), max_size=20).map(tuple),
)


@given(envelopes, st.binary(max_size=100))
def test_an_envelope_survives_the_round_trip(envelope: Envelope, body: bytes) -> None:
    assert unpack(pack(envelope, body)) == (envelope, body)


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=5), st.binary(max_size=100))
def test_a_small_payload_travels_in_the_frame(buffers: list[bytes], body: bytes) -> None:
    envelope = Envelope(Kind.REQUEST, 32, 1, 0, tuple(map(len, buffers)))
    came, rest = unpack(pack(envelope, body, buffers))
    assert came == envelope._replace(attached=True)
    assert detach(came, rest) == (body, [buffer for buffer in buffers if buffer])


def test_an_attached_payload_that_is_too_short_leaves_no_body() -> None:
    envelope = Envelope(Kind.REQUEST, 32, 1, 0, (5, 4), attached=True)
    body, frames = detach(*unpack(pack(envelope, b"12345678")))
    assert body == b""
    assert [len(frame) for frame in frames] == [5, 3]


@given(st.binary(max_size=200))
def test_random_bytes_raise_wire_error_or_are_an_envelope(frame: bytes) -> None:
    try:
        envelope, body = unpack(frame)
    except WireError:
        return
    assert pack(envelope, bytes(body)) == frame


@given(st.binary(min_size=17, max_size=200))
def test_bytes_of_this_version_raise_wire_error_or_are_an_envelope(rest: bytes) -> None:
    test_random_bytes_raise_wire_error_or_are_an_envelope.hypothesis.inner_test(bytes([PROTOCOL_VERSION]) + rest)


def test_another_version_is_named_with_its_call() -> None:
    frame = bytearray(pack(Envelope(Kind.REQUEST, 3, 77)))
    frame[0] = 9
    with pytest.raises(VersionError, match=r"version 9; .* version 1: it must be updated first\.") as caught:
        unpack(frame)
    assert (caught.value.version, caught.value.call) == (9, 77)


@pytest.mark.parametrize(
    "sizes",
    [(STREAM_BYTES, 1), (0,) * (PAYLOAD_BUFFERS + 1)],
    ids=["too many bytes", "too many buffers"],
)
def test_too_large_a_payload_is_neither_announced_nor_accepted(sizes: Any) -> None:
    with pytest.raises(LimitError):
        pack(Envelope(Kind.REQUEST, 32, 1, 0, sizes))
    frame = bytearray(pack(Envelope(Kind.REQUEST, 32, 1)))
    frame[16:18] = len(sizes).to_bytes(2, "big")
    frame += b"".join(size.to_bytes(4, "big") for size in sizes)
    with pytest.raises(LimitError):
        unpack(frame)


def test_too_large_a_body_is_neither_sent_nor_accepted() -> None:
    with pytest.raises(LimitError):
        pack(Envelope(Kind.REQUEST, 32, 1), bytes(CONTROL_MESSAGE_BYTES))
    with pytest.raises(LimitError):
        unpack(bytes(CONTROL_MESSAGE_BYTES + 1))


def test_a_wait_beyond_the_field_is_cut() -> None:
    assert unpack(pack(Envelope(Kind.REQUEST, 1, 1, 2**40)))[0].argument == 2**32 - 1
