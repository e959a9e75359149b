"""Time, passed in: the system's clock, and an event loop in virtual time for tests and simulations."""

import asyncio
import selectors
import time
from typing import Protocol


class Clock(Protocol):
    """Two clocks: `time` is shared between peers (records), `monotonic` is for waiting (deadlines)."""

    def time(self) -> float:
        """Unix time in seconds."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never jumps."""
        ...


class SystemClock:
    """The computer's own clocks."""

    monotonic = staticmethod(time.monotonic)
    time = staticmethod(time.time)


class LoopClock:
    """A clock that follows one event loop's time, so that it is virtual where the loop is.

    epoch: Unix time at loop time 0; skew: seconds by which this peer's wall clock is wrong.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, epoch: float = 1_700_000_000.0, skew: float = 0.0) -> None:
        self._loop = loop
        self._epoch = epoch + skew

    def time(self) -> float:
        """Unix time in seconds."""
        return self._epoch + self._loop.time()

    def monotonic(self) -> float:
        """The loop's time in seconds."""
        return self._loop.time()


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of waiting for the next timer, moves virtual time there."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return []  # something is ready to run: sockets and threads have their turn before time moves
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            # No timer is pending: only another thread can wake the loop now. Give it a moment, then say so.
            ready = super().select(5.0)
            if not ready:
                raise RuntimeError("deadlock in virtual time: every task waits and no timer is pending")
            return ready
        self.now += timeout
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer as soon as nothing is left to do.

    `asyncio.sleep(3600)` returns at once and `loop.time()` has moved by an hour: hours of swarm life run in
    milliseconds, in the same order on every run.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._jumping.now


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A selector event loop on every system (ZeroMQ cannot use Windows' default proactor loop)."""
    return asyncio.SelectorEventLoop()
