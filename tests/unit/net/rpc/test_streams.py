"""Payloads in pieces, without any I/O."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.errors import LimitError, WireError
from net.rpc.streams import IncomingPayload, OutgoingPayload, StreamQuota
from net.wire.limits import CHUNK_BYTES, MESSAGE_FRAMES, PAYLOAD_BUFFERS, STREAM_BYTES, STREAM_WINDOW_CHUNKS

sizes_of_payloads = st.lists(
    st.sampled_from([0, 1, 7, 1000, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5]), max_size=80
)


def fresh(size: int) -> memoryview:
    return memoryview(bytearray(size))


@given(sizes_of_payloads)
def test_what_goes_out_comes_in(sizes: list[int]) -> None:
    source = bytes(range(256)) * (3 * CHUNK_BYTES // 256 + 1)
    payload = [source[number : number + size] for number, size in enumerate(sizes)]
    outgoing = OutgoingPayload(payload)
    incoming = IncomingPayload(outgoing.sizes, outgoing.first, fresh)
    while not outgoing.finished:
        chunk = outgoing.next()
        assert chunk is not None  # because every grant is passed on
        index, frames = chunk
        assert sum(map(len, frames)) <= CHUNK_BYTES
        assert len(frames) < MESSAGE_FRAMES
        incoming.add(index, frames)
        limit = incoming.due_credit()
        if limit is not None:
            outgoing.grant(limit)
    assert incoming.complete
    assert [bytes(buffer) for buffer in incoming.buffers] == payload


def test_one_message_is_not_copied() -> None:
    buffers = [bytearray(b"abc"), bytearray(b"de")]
    incoming = IncomingPayload((3, 0, 2), buffers, fresh)
    assert incoming.buffers[0] is buffers[0]
    assert incoming.buffers[2] is buffers[1]


def test_a_sender_stops_at_the_window_until_it_is_granted_more() -> None:
    outgoing = OutgoingPayload([bytes(CHUNK_BYTES * (STREAM_WINDOW_CHUNKS + 3))])
    for index in range(1, STREAM_WINDOW_CHUNKS + 1):
        chunk = outgoing.next()
        assert chunk is not None
        assert chunk[0] == index
    assert outgoing.next() is None
    outgoing.grant(5)  # less than before: no change
    assert outgoing.next() is None
    outgoing.grant(STREAM_WINDOW_CHUNKS + 2)
    assert outgoing.next() is not None
    assert outgoing.next() is None


def incoming_after_first() -> IncomingPayload:
    return IncomingPayload((2 * CHUNK_BYTES, 10), [bytes(CHUNK_BYTES)], fresh)


@pytest.mark.parametrize(
    ("index", "frames"),
    [
        (0, [bytes(5)]),  # again
        (2, [bytes(5)]),  # one left out
        (1, [b""]),
        (1, [bytes(CHUNK_BYTES + 1)]),  # across two buffers
        (1, [bytes(CHUNK_BYTES), bytes(11)]),
        (1, [bytes(CHUNK_BYTES), bytes(10), bytes(1)]),
    ],
    ids=["again", "gap", "empty", "across", "too long", "too much"],
)
def test_a_chunk_out_of_turn_or_shape_is_refused(index: int, frames: Any) -> None:
    with pytest.raises(WireError):
        incoming_after_first().add(index, frames)


def test_an_ungranted_chunk_is_refused() -> None:
    incoming = IncomingPayload((STREAM_BYTES,), [b"x"], fresh)
    for index in range(1, STREAM_WINDOW_CHUNKS + 1):
        incoming.add(index, [b"x"])
    with pytest.raises(WireError):
        incoming.add(STREAM_WINDOW_CHUNKS + 1, [b"x"])


@pytest.mark.parametrize("payload", [[bytes(1)] * (PAYLOAD_BUFFERS + 1), [memoryview(bytes(STREAM_BYTES)), b"x"]])
def test_too_large_a_payload_is_refused(payload: Any) -> None:
    with pytest.raises(LimitError):
        OutgoingPayload(payload)


def test_buffers_of_any_shape_travel_as_bytes() -> None:
    grid = memoryview(bytes(range(24))).cast("H", [3, 4])
    assert OutgoingPayload([grid]).sizes == (24,)
    with pytest.raises(WireError, match="not contiguous"):
        OutgoingPayload([memoryview(bytes(8))[::2]])


def test_quotas_bound_each_peer_and_all_together() -> None:
    quota = StreamQuota(per_peer=10, total=15)
    assert quota.reserve(b"a", 10)
    assert not quota.reserve(b"a", 1)
    assert not quota.reserve(b"b", 6)
    assert quota.reserve(b"b", 5)
    quota.release(b"a", 10)
    assert quota.reserve(b"a", 10)
    assert quota.used == 15


@pytest.mark.parametrize("window", [1, 2, 7, STREAM_WINDOW_CHUNKS])
def test_a_smaller_window_grants_less_but_never_nothing(window: int) -> None:
    outgoing = OutgoingPayload([bytes(CHUNK_BYTES * 60)])
    incoming = IncomingPayload(outgoing.sizes, outgoing.first, fresh)
    ahead = []
    while not incoming.complete:
        chunks = []
        while (chunk := outgoing.next()) is not None:
            chunks.append(chunk)
        assert chunks, "the sender must never wait for ever"
        ahead.append(len(chunks))
        for chunk in chunks:
            incoming.add(*chunk)
            if (limit := incoming.due_credit(window)) is not None:
                outgoing.grant(limit)
    assert max(ahead[1:]) <= window
