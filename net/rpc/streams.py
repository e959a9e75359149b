"""Payloads in pieces: what a sender may send next, and what a receiver has put together. No I/O.

A payload is a list of buffers. Its first chunk travels beside the message; the rest follow as chunks of at most
CHUNK_BYTES, numbered from 1. A sender may be STREAM_WINDOW_CHUNKS chunks ahead of what the receiver has granted,
so that a receiver is never sent more than it has room for. A frame never spans two buffers.
"""

from collections.abc import Callable, Sequence

from net.errors import LimitError, WireError
from net.rpc.buffers import ReceiveBuffers
from net.transport.base import Buffer, Frames
from net.wire.limits import (
    ATTACHED_BYTES,
    CHUNK_BYTES,
    MESSAGE_FRAMES,
    PAYLOAD_BUFFERS,
    PEER_STREAM_BYTES,
    STREAM_BYTES,
    STREAM_WINDOW_CHUNKS,
    TOTAL_STREAM_BYTES,
)

_CHUNK_FRAMES = MESSAGE_FRAMES - 1  # beside the frame that carries the envelope


class OutgoingPayload:
    """One payload on its way out. sizes: bytes of each buffer; first: the frames that travel with the message; small:
    whether they are few enough to be attached to it."""

    __slots__ = ("_at", "_buffers", "_index", "_limit", "_offset", "first", "sizes", "small")

    def __init__(self, payload: Sequence[Buffer]) -> None:
        self._buffers = buffers = list(map(_flat, payload))
        self.sizes = tuple(map(len, buffers))
        size = sum(self.sizes)
        if len(buffers) > PAYLOAD_BUFFERS or size > STREAM_BYTES:
            raise LimitError(f"A payload of {size} bytes in {len(buffers)} buffers is too large.")
        self._at = 0
        self._offset = 0
        self._index = 1
        self._limit = 1 + STREAM_WINDOW_CHUNKS
        self.small = 0 < size <= ATTACHED_BYTES
        if size <= CHUNK_BYTES and len(buffers) <= _CHUNK_FRAMES:
            self._at = len(buffers)
            self.first: list[Buffer] = list(filter(len, buffers))
        else:
            self.first = self._take()

    @property
    def finished(self) -> bool:
        """Whether everything has been taken."""
        return self._at == len(self._buffers)

    def next(self) -> tuple[int, list[Buffer]] | None:
        """The next chunk and its index; None when it is finished, or the receiver must grant more first."""
        if self.finished or self._index >= self._limit:
            return None
        self._index += 1
        return self._index - 1, self._take()

    def grant(self, limit: int) -> None:
        """The receiver allows chunks before this index. Grants never shrink."""
        self._limit = max(self._limit, limit)

    def _take(self) -> list[Buffer]:
        frames: list[Buffer] = []
        room = CHUNK_BYTES
        while self._at < len(self._buffers):
            buffer = self._buffers[self._at]
            if self._offset < len(buffer):
                if not room or len(frames) == _CHUNK_FRAMES:
                    break
                piece = buffer[self._offset : self._offset + room]
                frames.append(piece)
                self._offset += len(piece)
                room -= len(piece)
            if self._offset == len(buffer):
                self._at, self._offset = self._at + 1, 0
        return frames


class IncomingPayload:
    """One payload being put together. buffers: one per size, each complete once `complete`.

    What came whole in one message stays where it is, without a copy. Buffers are writable, but for empty ones.
    """

    __slots__ = ("_at", "_filling", "_fresh", "_index", "_limit", "_offset", "_sizes", "buffers")

    def __init__(self, sizes: Sequence[int], first: Frames, fresh: Callable[[int], memoryview]) -> None:
        """fresh: memory for one buffer. Raises WireError when the first frames do not fit the sizes."""
        self.buffers: list[Buffer]
        self._fresh = fresh
        self._sizes = sizes
        self._filling = memoryview(b"")
        self._at = 0
        self._offset = 0
        self._index = 0
        self._limit = 1 + STREAM_WINDOW_CHUNKS
        if list(map(len, first)) == list(filter(None, sizes)):
            arrived = iter(first)
            self.buffers = list(first) if all(sizes) else [next(arrived) if size else b"" for size in sizes]
            self._at = len(sizes)
            return
        self.buffers = [b""] * len(sizes)
        self.add(0, first)

    @property
    def complete(self) -> bool:
        """Whether every byte has come."""
        return self._at == len(self.buffers)

    def add(self, index: int, frames: Frames) -> None:
        """Put one chunk in its place. Raises WireError for one that is out of turn, ungranted or does not fit."""
        if index != self._index or index >= self._limit:
            raise WireError(f"Chunk {index} came out of turn.")
        self._index += 1
        self._skip_full()
        for frame in frames:
            end = self._offset + len(frame)
            if self.complete or not len(frame) or end > self._sizes[self._at]:
                raise WireError("A chunk does not fit its payload.")
            if not self._offset:  # memory is taken when bytes come, not when they are announced
                self._filling = self._fresh(self._sizes[self._at])
                self.buffers[self._at] = self._filling
            self._filling[self._offset : end] = frame
            self._offset = end
            self._skip_full()

    def due_credit(self, window: int = STREAM_WINDOW_CHUNKS) -> int | None:
        """A new limit to grant to the sender, once half of the last one is used up.

        window: how many chunks it may be ahead, 1 to STREAM_WINDOW_CHUNKS.
        """
        if self.complete or self._limit - self._index > window // 2:
            return None
        self._limit = self._index + window
        return self._limit

    def _skip_full(self) -> None:
        while self._at < len(self._sizes) and self._offset == self._sizes[self._at]:
            self._at, self._offset = self._at + 1, 0


class StreamQuota:
    """How many bytes of payload peers may have under way to this one, each and together.

    window: chunks that each sender may be ahead; less than the protocol allows where a cap makes them wait anyway.
    buffers: where payloads are put together.
    """

    def __init__(self, per_peer: int = PEER_STREAM_BYTES, total: int = TOTAL_STREAM_BYTES) -> None:
        self.window = STREAM_WINDOW_CHUNKS
        self.buffers = ReceiveBuffers()
        self._per_peer = per_peer
        self._total = total
        self._used: dict[bytes, int] = {}
        self.used = 0

    def reserve(self, peer: bytes, count: int) -> bool:
        """Take `count` bytes on this peer's account; False, and nothing taken, where that is too much."""
        used = self._used.get(peer, 0) + count
        if used > self._per_peer or self.used + count > self._total:
            return False
        self._used[peer] = used
        self.used += count
        return True

    def release(self, peer: bytes, count: int) -> None:
        """Give back what was reserved."""
        self.used -= count
        left = self._used.pop(peer, 0) - count
        if left:
            self._used[peer] = left


def _flat(buffer: Buffer) -> memoryview:
    view = memoryview(buffer)
    if view.format == "B" and view.ndim == 1 and view.contiguous:
        return view
    if not view.nbytes:
        return memoryview(b"")
    try:
        return view.cast("B")
    except TypeError as error:
        raise WireError("A payload buffer is not contiguous.") from error
