"""Memory that this process has freed but not returned: given back to the system, so that idle engines are small.

Only glibc needs this; other C libraries return memory by themselves, and the functions do nothing there.
"""

import contextlib
import ctypes
import gc
import sys
from collections.abc import Iterator
from typing import Any

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # from glibc's malloc.h
_LARGE_BYTES = 512 * 1024
_APART_BYTES = 64 * 1024
_ARENAS = 2
_kept_small = False


def keep_heap_small() -> None:
    """Let large blocks go back to the system when they are freed, and threads share heaps. Call it before they start.

    A training step frees tensors of a megabyte by the dozen; kept per thread they would double the engine's size.
    """
    global _kept_small  # noqa: PLW0603 - the process's heap is process-wide, too
    _kept_small = True
    mallopt = _glibc("mallopt", ctypes.c_int, ctypes.c_int)
    if mallopt:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_M_ARENA_MAX, _ARENAS)


@contextlib.contextmanager
def large_blocks_apart() -> Iterator[None]:
    """While something lasting is built from large temporary parts: keep these out of the heap.

    Small things that stay would settle in the holes that such parts leave, so that the next ones need new room: 256
    experts left 52 MB of holes. Any thread; what others allocate meanwhile costs them a little more. Where nobody asked
    for a small heap, it stays as it is.
    """
    mallopt = _glibc("mallopt", ctypes.c_int, ctypes.c_int) if _kept_small else None
    if mallopt:
        mallopt(_M_MMAP_THRESHOLD, _APART_BYTES)
    try:
        yield
    finally:
        if mallopt:
            mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def return_freed_memory() -> None:
    """Give unused heap pages back. Takes milliseconds; call it when work has stopped, from any thread."""
    gc.collect()
    trim = _glibc("malloc_trim", ctypes.c_size_t)
    if trim:
        trim(0)


def _glibc(name: str, *arguments: Any) -> Any:
    if not sys.platform.startswith("linux"):
        return None
    try:
        found = ctypes.CDLL(None)[name]
    except (OSError, AttributeError):  # another C library
        return None
    found.argtypes, found.restype = list(arguments), ctypes.c_int
    return found
