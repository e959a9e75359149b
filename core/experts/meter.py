"""How much and how fast one expert serves."""

import math

RATE_WINDOW_S = 10.0


class Meter:
    """Counts samples and latency of one expert; written by its runtime thread, read by anyone.

    The rate is a sum that decays with RATE_WINDOW_S, the latency an average that follows the last calls.
    """

    def __init__(self, now: float) -> None:
        self.served = 0
        self.latency_s = 0.0
        self._sum = 0.0
        self._born = self._at = now

    def add(self, samples: int, latency_s: float, now: float) -> None:
        """One call was answered. now: monotonic seconds."""
        self._sum = self._sum * self._decay(now) + samples
        self._at = now
        self.served += samples
        self.latency_s += (latency_s - self.latency_s) * (0.1 if self.latency_s else 1.0)

    def samples_per_s(self, now: float) -> float:
        """Samples a second over about the last RATE_WINDOW_S seconds."""
        # A young meter has not seen a whole window: its sum stands for the part that it saw.
        seen = 1 - math.exp(-max(now - self._born, 0.1) / RATE_WINDOW_S)
        return self._sum * self._decay(now) / (RATE_WINDOW_S * seen)

    def _decay(self, now: float) -> float:
        return math.exp(-max(0.0, now - self._at) / RATE_WINDOW_S)
