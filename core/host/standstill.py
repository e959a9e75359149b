"""Whether the computer slept, stood still, or had its clock set: what was true before no longer is.

Every system has a clock that goes on in sleep and one that does not; what lies between them has been slept. A virtual
computer that was paused, or a process that was stopped, is noticed by the time between two looks, and a clock that was
set by how far the wall clock and the steady one went apart.
"""

import ctypes
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from net.clock import Clock
from net.words import Words, say

LEAST_S = 20.0
"""Shorter ones break nothing: connections stand that long without a word."""
_TICKS_A_S = 1e7


@dataclass(frozen=True, slots=True)
class Standstill:
    """kind: "slept", "stood" (nothing ran for so long) or "set" (the wall clock was moved, back when negative)."""

    kind: Literal["slept", "stood", "set"]
    seconds: float

    @property
    def sentence(self) -> Words:
        """For people."""
        time = abs(self.seconds)
        if self.kind == "slept":
            return say("the computer slept for {time:duration}; the other peers are being found again", time=time)
        if self.kind == "stood":
            return say("nothing ran here for {time:duration}; the other peers are being found again", time=time)
        if self.seconds > 0:
            return say("the computer's clock was set ahead by {time:duration}; everything is announced anew", time=time)
        return say("the computer's clock was set back by {time:duration}; everything is announced anew", time=time)


class StandstillWatch:
    """Call `look` about once a second. asleep: seconds slept since the computer started, None where it cannot tell."""

    def __init__(self, clock: Clock, asleep: Callable[[], float | None] | None = None) -> None:
        self._clock = clock
        self._asleep = asleep or seconds_asleep
        self._seen: tuple[float, float, float | None] | None = None

    def look(self) -> Standstill | None:
        """What happened since the last look, when it was longer than LEAST_S."""
        before, now = self._seen, (self._clock.time(), self._clock.monotonic(), self._asleep())
        self._seen = now
        if before is None:
            return None
        steady = now[1] - before[1]
        slept = 0.0 if now[2] is None or before[2] is None else now[2] - before[2]
        ahead = now[0] - before[0] - steady  # on a system whose steady clock goes on in sleep, slept time is in both
        if slept >= LEAST_S:
            return Standstill("slept", slept)
        if steady >= LEAST_S:
            return Standstill("stood", steady)
        if ahead >= LEAST_S and now[2] is None:
            return Standstill("slept", ahead)
        return Standstill("set", ahead) if abs(ahead) >= LEAST_S else None


def seconds_asleep() -> float | None:
    """How long this computer has slept since it started; None where the system does not tell."""
    if sys.platform == "win32":
        unbiased = ctypes.c_ulonglong()
        kernel = ctypes.windll.kernel32
        kernel.GetTickCount64.restype = ctypes.c_ulonglong
        if not kernel.QueryUnbiasedInterruptTime(ctypes.byref(unbiased)):
            return None
        return float(kernel.GetTickCount64() / 1000 - unbiased.value / _TICKS_A_S)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC_RAW) - time.clock_gettime(time.CLOCK_UPTIME_RAW)
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    return None
