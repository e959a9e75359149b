"""Caps on what this process sends and receives: a token bucket for each direction, and who waits for it.

Bytes are counted when they pass, and large ones may put the bucket in debt; then whoever can wait does so until the
debt is paid. Small messages of the control plane are counted, but never wait.
"""

import asyncio
import time
from collections.abc import Callable

_BURST_S = 0.05  # what may be saved up while nothing passes
_SHORTEST_WAIT_S = 0.002


class TokenBucket:
    """How much may pass: it fills with `rate` bytes a second, and everything that passes takes from it. No I/O."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rate: float | None = None
        self._tokens = 0.0
        self._at = 0.0

    @property
    def rate(self) -> float | None:
        """Bytes per second; None for no cap."""
        return self._rate

    @rate.setter
    def rate(self, rate: float | None) -> None:
        # What was owed under another rate is forgiven: nobody shall wait hours because the cap was low before.
        self._rate, self._tokens, self._at = rate, 0.0, self._clock()

    def take(self, count: int) -> None:
        """So many bytes have passed."""
        if self._rate is not None:
            self._fill(self._rate)
            self._tokens -= count

    def delay(self) -> float:
        """Seconds until the next bytes may pass; 0 when they may now."""
        if self._rate is None:
            return 0.0
        self._fill(self._rate)
        return max(0.0, -self._tokens / self._rate)

    def _fill(self, rate: float) -> None:
        now = self._clock()
        self._tokens = min(self._tokens + (now - self._at) * rate, rate * _BURST_S)
        self._at = now


class Throttle:
    """One direction of a process: what has passed, and calls that wait until more may. Belongs to the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._bucket = TokenBucket(self._loop.time)
        self._waiting: dict[Callable[[], None], None] = {}  # in order
        self._timer: asyncio.TimerHandle | None = None
        self.passed = 0  # bytes since the beginning
        self.capped = False

    def set_rate(self, rate: float | None) -> None:
        """Cap at so many bytes a second from now on; None lifts the cap. Raises ValueError unless it is positive."""
        if rate is not None and not rate > 0:
            raise ValueError(f"A rate of {rate} bytes a second would let nothing pass.")
        self._bucket.rate = rate
        self.capped = rate is not None
        self._arm()

    @property
    def rate(self) -> float | None:
        """Bytes per second; None for no cap."""
        return self._bucket.rate

    @property
    def open(self) -> bool:
        """Whether bytes may pass now."""
        return not (self.capped and self._bucket.delay())

    def count(self, count: int) -> None:
        """So many bytes have passed."""
        self.passed += count
        if self.capped:
            self._bucket.take(count)

    def wait(self, call: Callable[[], None]) -> None:
        """Call back once, when bytes may pass; those who asked first are called first."""
        self._waiting[call] = None
        if self._timer is None:
            self._arm()

    def close(self) -> None:
        """Forget everyone who waits."""
        self._waiting.clear()
        self._disarm()

    def _arm(self) -> None:
        self._disarm()
        if self._waiting:
            delay = max(self._bucket.delay(), _SHORTEST_WAIT_S)
            self._timer = self._loop.call_later(delay, self._wake)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wake(self) -> None:
        """Everyone is asked, so that those who decide between them see them all; most will ask again."""
        self._timer = None
        waiting, self._waiting = self._waiting, {}
        while waiting:
            call = next(iter(waiting))
            del waiting[call]
            if not self.open:  # their turn is before that of those who have just had theirs
                self._waiting = {call: None, **waiting, **self._waiting}
                break
            call()
        if self._waiting and self._timer is None:
            self._arm()
