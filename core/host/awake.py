"""Keeping the computer awake while it works, on every system: held by this process, gone with it.

Only sleep is kept away. The screen may go dark, and a lid that is closed still closes.
"""

import contextlib
import ctypes
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Protocol

from net.words import say

log = logging.getLogger(__name__)

_ES_CONTINUOUS, _ES_SYSTEM_REQUIRED = 0x80000000, 0x00000001
_END_S = 2.0


class Inhibitor(Protocol):
    """Whatever keeps this system awake."""

    def hold(self) -> None:
        """Keep it awake from now on. Raises OSError when that is impossible."""
        ...

    def release(self) -> None:
        """Let it sleep."""
        ...

    def alive(self) -> bool:
        """Whether what `hold` began still lasts."""
        ...


class KeepAwake:
    """Holds while it is wanted; says once when that is impossible. Used by one thread, the same one always."""

    def __init__(self, inhibitor: Inhibitor) -> None:
        self._inhibitor = inhibitor
        self._held = False
        self.problem = ""

    @property
    def held(self) -> bool:
        """Whether the computer is kept awake."""
        return self._held

    def want(self, awake: bool) -> None:
        """Keep awake, or not. Cheap when nothing changes."""
        if not awake:
            self.problem = ""
            if self._held:
                self._held = False
                self._inhibitor.release()
        elif self._held:
            if not self._inhibitor.alive():
                self._held = False
                self._inhibitor.release()
                self._fail(say("this system does not let programs do so"))
        elif not self.problem:
            try:
                self._inhibitor.hold()
            except OSError as error:
                self._fail(str(error))
            else:
                self._held = True

    def _fail(self, cause: str) -> None:
        self.problem = say("The computer cannot be kept awake ({cause}).", cause=cause)
        log.warning("%s", self.problem)


class ProcessInhibitor:
    """A helper program that keeps the system awake as long as it runs.

    command: ends by itself when its standard input does, or when this process does.
    """

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def hold(self) -> None:
        """Start it. Raises OSError when it is not there."""
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def release(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class WindowsInhibitor:
    """SetThreadExecutionState, which is tied to the thread that calls it."""

    def __init__(self, call: Callable[[int], int] | None = None) -> None:
        self._call = call or _set_thread_execution_state

    def hold(self) -> None:
        """Keep the system awake. Raises OSError when Windows refuses."""
        if not self._call(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED):
            raise OSError("Windows refuses")

    def alive(self) -> bool:
        """Windows keeps its word."""
        return True

    def release(self) -> None:
        """Let it sleep."""
        self._call(_ES_CONTINUOUS)


def system_inhibitor() -> Inhibitor:
    """The one of this system."""
    if sys.platform == "win32":
        return WindowsInhibitor()
    if sys.platform == "darwin":
        return ProcessInhibitor(["/usr/bin/caffeinate", "-i", "-w", str(os.getpid())])
    # `cat` ends with its standard input, which is this process's end of a pipe.
    words = ["--who=Hivelet", "--why=Hivelet computes", "--what=sleep", "--mode=block"]
    return ProcessInhibitor(["systemd-inhibit", *words, "cat"])


def _set_thread_execution_state(flags: int) -> int:
    if sys.platform != "win32":
        return 0
    return int(ctypes.windll.kernel32.SetThreadExecutionState(flags))
