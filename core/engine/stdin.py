"""Noticing that whoever started an engine is gone: its standard input ends then."""

import contextlib
import os
import sys
import time
from collections.abc import Callable

LOOK_S = 0.2


def wait_for_end_of_input() -> None:
    """Returns when standard input ends, or when there is none."""
    # The system's own reads: a thread inside sys.stdin's lock would abort the interpreter's exit.
    with contextlib.suppress(OSError, ValueError):
        if sys.platform == "win32":
            # A read that waits holds up whoever asks Windows what standard input is, and every C library asks when it
            # is loaded: numpy would never be. So nobody waits inside of Windows.
            look_until_end(_waiting_on_windows(), lambda size: os.read(0, size), time.sleep)
        else:
            while os.read(0, 1024):
                pass


def look_until_end(waiting: Callable[[], int], take: Callable[[int], bytes], pause: Callable[[float], object]) -> None:
    """Take what comes until nothing can come any more. waiting(): how many bytes are there now, without waiting for
    any; raises BrokenPipeError at the end, another OSError where that cannot be told, and then reads wait after all."""
    while True:
        try:
            size = waiting()
        except BrokenPipeError:
            return
        except OSError:  # a console, or a file
            while take(1024):
                pass
            return
        if size:
            take(min(size, 1024))
        else:
            pause(LOOK_S)


if sys.platform == "win32":

    def _waiting_on_windows() -> Callable[[], int]:
        import _winapi  # noqa: PLC0415 - exists on Windows alone
        import msvcrt  # noqa: PLC0415

        handle = msvcrt.get_osfhandle(0)
        return lambda: int(_winapi.PeekNamedPipe(handle, 0)[0])
