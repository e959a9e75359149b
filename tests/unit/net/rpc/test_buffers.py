"""Memory for payloads: used again when nobody refers to it, and given back when nothing comes."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from net.clock import VirtualTimeLoop
from net.rpc.buffers import KEPT_BYTES, KEPT_S, LARGE_BYTES, ReceiveBuffers
from net.wire.limits import MIB

SIZE = 3 * MIB + 5


def virtual(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(scenario())


def test_a_buffer_is_plain_writable_bytes() -> None:
    async def scenario() -> None:
        for size in (0, 1, LARGE_BYTES - 1, LARGE_BYTES, SIZE):
            buffer = ReceiveBuffers().take(size)
            assert (buffer.nbytes, len(buffer), buffer.format, buffer.readonly) == (size, size, "B", False)

    virtual(scenario)


def test_memory_is_used_again_once_the_last_slice_of_it_is_gone() -> None:
    async def scenario() -> None:
        buffers = ReceiveBuffers()
        first = buffers.take(SIZE)
        first[7] = 42
        part = first[5:9]
        del first
        assert buffers.take(SIZE)[7] == 0  # another one: a slice of the first still lives
        assert part[2] == 42
        del part
        again = [buffers.take(SIZE) for _ in range(2)]
        assert sorted(each[7] for each in again) == [0, 42]
        assert buffers.idle_bytes == 0

    virtual(scenario)


def test_another_size_gets_other_memory() -> None:
    async def scenario() -> None:
        buffers = ReceiveBuffers()
        buffers.take(SIZE)[0] = 1
        assert buffers.take(SIZE + 1)[0] == 0

    virtual(scenario)


def test_what_is_small_is_left_to_the_c_library() -> None:
    async def scenario() -> None:
        buffers = ReceiveBuffers()
        buffers.take(LARGE_BYTES - 1)
        assert buffers.idle_bytes == 0

    virtual(scenario)


def test_little_is_kept_however_much_was_in_use() -> None:
    async def scenario() -> None:
        buffers = ReceiveBuffers()
        taken = [buffers.take(MIB) for _ in range(KEPT_BYTES // MIB + 5)]
        taken.clear()
        assert buffers.idle_bytes == KEPT_BYTES

    virtual(scenario)


@pytest.mark.parametrize("in_use", [False, True])
def test_nothing_is_kept_where_nothing_comes(in_use: bool) -> None:
    async def scenario() -> None:
        buffers = ReceiveBuffers()
        held = buffers.take(SIZE + 1) if in_use else None
        buffers.take(SIZE)
        assert buffers.idle_bytes == SIZE
        await asyncio.sleep(2 * KEPT_S + 0.1)
        assert buffers.idle_bytes == 0
        del held
        await asyncio.sleep(2 * KEPT_S + 0.1)
        assert buffers.idle_bytes == 0

    virtual(scenario)


def test_memory_comes_back_from_other_threads() -> None:
    async def scenario() -> None:
        buffers = ReceiveBuffers()
        held = [buffers.take(SIZE)]
        thread = threading.Thread(target=held.clear)
        thread.start()
        thread.join()
        assert buffers.idle_bytes == SIZE

    virtual(scenario)
