"""Memory that this process has freed but not returned: given back to the system, so that idle engines are small.

Only glibc needs this; other C libraries return memory by themselves, and the functions do nothing there.
"""

import ctypes
import gc
import sys
from typing import Any

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # from glibc's malloc.h
_LARGE_BYTES = 512 * 1024
_ARENAS = 2


def keep_heap_small() -> None:
    """Let large blocks go back to the system when they are freed, and threads share heaps. Call it before they start.

    A training step frees tensors of a megabyte by the dozen; kept per thread they would double the engine's size.
    """
    mallopt = _glibc("mallopt", ctypes.c_int, ctypes.c_int)
    if mallopt:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_M_ARENA_MAX, _ARENAS)


def return_freed_memory() -> None:
    """Give unused heap pages back. Takes milliseconds; call it when work has stopped, from any thread."""
    gc.collect()
    trim_heap()


def trim_heap() -> None:
    """The same without looking for Python's own garbage: after much was built from large temporary parts."""
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
