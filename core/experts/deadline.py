"""How long to wait for a peer: learned from its own answers, as TCP learns its retransmission timeout."""

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeadlineConfig:
    """Seconds. first: for a peer about which nothing is known yet."""

    low: float = 0.25
    high: float = 10.0
    first: float = 5.0
    deviations: float = 4.0


@dataclass(slots=True)
class _Estimate:
    mean: float
    deviation: float
    late: int = 0


class AdaptiveDeadlines:
    """Mean and mean deviation of the answer times of each key (a peer and a kind of request), after RFC 6298.

    Not thread-safe: the event loop's thread owns it. Remembers at most `capacity` keys, the longest known go first.
    """

    def __init__(self, config: DeadlineConfig, capacity: int = 4096) -> None:
        self._config = config
        self._capacity = capacity
        self._estimates: dict[Hashable, _Estimate] = {}

    def timeout(self, key: Hashable) -> float:
        """Seconds to wait for the next answer."""
        config = self._config
        known = self._estimates.get(key)
        if known is None:
            return min(config.high, config.first)
        seconds = known.mean + config.deviations * known.deviation
        # An answer that came too late taught nothing but that the deadline was too short: double it, as TCP does.
        return float(min(config.high, max(config.low, seconds) * 2.0 ** min(known.late, 16)))

    def answered(self, key: Hashable, seconds: float) -> None:
        """An answer came after so long."""
        known = self._estimates.get(key)
        if known is None:
            while len(self._estimates) >= self._capacity:
                del self._estimates[next(iter(self._estimates))]
            self._estimates[key] = _Estimate(seconds, seconds / 2)
            return
        known.deviation += (abs(seconds - known.mean) - known.deviation) / 4
        known.mean += (seconds - known.mean) / 8
        known.late = 0

    def late(self, key: Hashable) -> None:
        """No answer came within the deadline."""
        known = self._estimates.get(key)
        if known is not None:
            known.late += 1
