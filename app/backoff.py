"""How long to wait before the next try. Pure: the caller brings the clock."""

from dataclasses import dataclass


@dataclass(slots=True)
class Backoff:
    """Doubles from `first` to `longest` seconds with every failure in a row; `calm` seconds of success reset it."""

    first: float = 1.0
    longest: float = 60.0
    calm: float = 60.0
    failures: int = 0

    def fail(self) -> float:
        """Count one more failure and return the seconds to wait."""
        delay = min(self.longest, self.first * 2.0 ** min(self.failures, 30))
        self.failures += 1
        return delay

    def succeeded_for(self, seconds: float) -> bool:
        """Tell how long all has been well. True when that is long enough to start counting afresh."""
        if seconds < self.calm:
            return False
        self.failures = 0
        return True

    def reset(self) -> None:
        """Start counting afresh, because a person said so."""
        self.failures = 0
