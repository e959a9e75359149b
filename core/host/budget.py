"""The promise about the processor: at 30 % the engine takes 30 % of this computer, by pausing between batches.

Everything that computes asks the gate before each batch. The gate compares the CPU time that the whole process has
used, its network threads included, with what the share allows, and makes callers wait until the two agree again. A
batch that took too much is paid back by a longer pause, so the mean is exact whatever the size of batches; after an
idle time there is no burst, because unused allowance expires.
"""

import math
import threading
import time
from collections.abc import Callable

_BURST_S = 0.5
"""Unused allowance is good for so long a burst at full speed, or, at high shares, where full speed is hardly more
than the allowance, for so much CPU time a core as `_SLACK_S` says: threads that wake late must be able to catch up."""
_SLACK_S = 0.25
_DEBT_S = 20.0
"""After one enormous batch callers wait at most this long."""
_URGENT_S = 0.25
"""Urgent callers may be ahead of the allowance by what is earned in this time."""


class CpuBucket:
    """The arithmetic, without clock or threads: allowance flows in with time, CPU time flows out.

    Times in seconds, `cpu` in seconds summed over cores. share: 0 to 1, of `cores` together.
    """

    def __init__(self, cores: float, share: float, now: float, cpu: float) -> None:
        self.cores = cores
        self.share = share
        self._now = now
        self._cpu = cpu
        self._balance = 0.0  # CPU seconds that may still be used; negative: used too early

    @property
    def rate(self) -> float:
        """CPU seconds that are earned in a second."""
        return self.cores * self.share

    def settle(self, now: float, cpu: float) -> None:
        """Account for what was earned and used since the last call."""
        earned = self.rate * max(0.0, now - self._now)
        used = max(0.0, cpu - self._cpu)
        self._now, self._cpu = now, cpu
        # A burst drains the credit at full speed while it is being refilled at `rate`.
        credit = max(_BURST_S * (self.cores - self.rate), _SLACK_S * self.cores)
        self._balance = min(credit, max(-_DEBT_S * self.rate, self._balance + earned - used))

    def delay(self, *, urgent: bool = False) -> float:
        """Seconds until a batch may start: 0 now, infinity at share 0."""
        if self.rate <= 0:
            return math.inf
        if self.share >= 1:
            return 0.0
        missing = -self._balance - (_URGENT_S * self.rate if urgent else 0.0)
        return max(0.0, missing / self.rate)


class BudgetGate:
    """Asked before every batch, by any number of threads.

    cores: how many this process may use (a container may allow 1.5); clock and cpu_time are replaced in tests.
    """

    def __init__(
        self,
        cores: float,
        share: float = 1.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        cpu_time: Callable[[], float] = time.process_time,
    ) -> None:
        self._clock = clock
        self._cpu_time = cpu_time
        self._changed = threading.Condition()
        self._bucket = CpuBucket(cores, _checked(share), clock(), cpu_time())
        self._paused = False
        self._closed = False

    @property
    def share(self) -> float:
        """The allowed share of all cores, 0 to 1."""
        return self._bucket.share

    @property
    def paused(self) -> bool:
        """Whether no batch may start."""
        return self._paused

    @property
    def closed(self) -> bool:
        """Whether no batch will ever start again."""
        return self._closed

    def set_share(self, share: float) -> None:
        """Change the share; whoever waits is judged by the new one at once. Raises ValueError outside 0 to 1."""
        _checked(share)
        with self._changed:
            self._settle()  # what was used so far counts at the old share
            self._bucket.share = share
            self._changed.notify_all()

    def pause(self) -> None:
        """Let no further batch start; those under way end by themselves."""
        with self._changed:
            self._paused = True
            self._changed.notify_all()

    def resume(self) -> None:
        """Let batches start again."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def close(self) -> None:
        """Turn every caller away, now and later."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait(self, timeout: float | None = None, *, urgent: bool = False) -> bool:
        """Block until the next batch may start. False: closed, or not allowed within `timeout` seconds.

        urgent: for answers that other peers wait for; they may run a quarter of a second ahead of the allowance, so
        that they are served before this computer's own batches. The total stays within the share all the same.
        """
        deadline = math.inf if timeout is None else self._clock() + timeout
        with self._changed:
            while not self._closed:
                self._settle()
                delay = math.inf if self._paused else self._bucket.delay(urgent=urgent)
                if delay <= 0:
                    return True
                delay = min(delay, deadline - self._clock())
                if delay <= 0:
                    return False
                self._changed.wait(None if delay == math.inf else min(delay, threading.TIMEOUT_MAX))
        return False

    def _settle(self) -> None:
        self._bucket.settle(self._clock(), self._cpu_time())


def _checked(share: float) -> float:
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1, not at {share}")
    return share
