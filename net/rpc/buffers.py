"""Memory for large payloads that arrive, used again: touching fresh memory takes longer than filling it.

The system clears every page before it hands it out, which for tensors of some megabytes is a quarter of all the work
of receiving them.
"""

import asyncio
import ctypes
import logging
import mmap
import sys
import weakref
from collections import deque

from net.wire.limits import MIB

logger = logging.getLogger(__name__)

KEPT_BYTES = 32 * MIB
KEPT_S = 5.0
LARGE_BYTES = MIB // 2  # smaller blocks are kept by the C library
_HUGE_BYTES = 2 * MIB  # a huge page of x86-64, and of most others

_Block = bytearray | mmap.mmap


class ReceiveBuffers:
    """Hands out writable memory; what nobody refers to any more comes back by itself, from any thread.

    A buffer holds whatever it held before: it must be filled before it is shown to anybody. KEPT_BYTES at most are
    kept idle, the newest, and none for longer than some KEPT_S after the last was taken.
    """

    def __init__(self) -> None:
        self._idle: deque[_Block] = deque()  # its methods are atomic: those that come back may do so at any moment
        self._taken = False  # since the last look
        self._timer: asyncio.TimerHandle | None = None

    @property
    def idle_bytes(self) -> int:
        """Memory that is kept for later."""
        return sum(map(len, list(self._idle)))

    def take(self, size: int) -> memoryview:
        """So many bytes. On the event loop's thread."""
        if size < LARGE_BYTES:
            return memoryview(bytearray(size))
        block = self._find(size)
        # A view of its own over the block: when it dies, so has every tensor and slice that was made of it.
        whole = (ctypes.c_char * size).from_buffer(block)
        weakref.finalize(whole, self._give_back, block).atexit = False
        self._taken = True
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(KEPT_S, self._look)
        return memoryview(whole).cast("B")

    def _find(self, size: int) -> _Block:
        for block in list(self._idle):
            if len(block) == size:
                self._idle.remove(block)
                return block
        return _fresh(size)

    def _give_back(self, block: _Block) -> None:
        if self._timer is None:
            return  # nothing has come for so long that nothing is kept
        self._idle.append(block)
        while self.idle_bytes > KEPT_BYTES:
            self._idle.popleft()

    def _look(self) -> None:
        """Nothing was taken for a while: what is kept goes back to the system."""
        self._timer = None
        if not self._taken:
            self._idle.clear()
            return
        self._taken = False
        self._timer = asyncio.get_running_loop().call_later(KEPT_S, self._look)


def _fresh(size: int) -> _Block:
    """On Linux the system is asked for huge pages, of which fewer have to be touched."""
    if sys.platform != "linux":
        return bytearray(size)
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if size >= _HUGE_BYTES:
        try:
            pages.madvise(mmap.MADV_HUGEPAGE)
        except OSError as error:  # a kernel without them
            logger.debug("No huge pages: %s", error)
    return pages
