"""How much a volunteer's computer passes on for others, and the books about it. No I/O."""

from dataclasses import dataclass

from net.wire.limits import KIB, MIB

DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class RelayLimits:
    """What one relay gives, modest by default: a home line must not feel it.

    Times are in seconds. Memory is bounded by queue_bytes, and by a few KB for each reservation and circuit.
    """

    reservations: int = 32
    reservations_per_host: int = 4  # from one IP address, this computer's own excepted
    reservation_s: float = 600.0  # until one must be renewed
    reservation_bytes: int = 1024 * MIB  # passed on for one reservation, both ways together, until it ends
    circuits: int = 128
    circuits_per_caller: int = 8
    circuits_per_callee: int = 32
    opens_per_s: float = 20.0
    idle_s: float = 180.0  # until a circuit that carries nothing is closed
    circuit_s: float = 7200.0  # until any circuit is closed: who still needs it opens another
    bytes_per_s: float = 2.0 * MIB
    burst_bytes: int = 4 * MIB
    day_bytes: int = 10 * 1024 * MIB  # for everybody together
    queue_bytes: int = 32 * MIB  # waiting in this process, for everybody together
    grant_cost: int = 1 * KIB  # what passing on a grant takes of the budgets


class TokenBucket:
    """A rate with a burst. It may be overdrawn once, so that something larger than the burst passes as well."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        """rate: tokens a second; now: monotonic seconds."""
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = now

    def take(self, count: float, now: float) -> bool:
        """Take so many, where any are left; whether that was so."""
        if self.wait(now) > 0:
            return False
        self._tokens -= count
        return True

    def wait(self, now: float) -> float:
        """Seconds until any are left, 0 where they are."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        return 0.0 if self._tokens > 0 else (1 - self._tokens) / self._rate


class DayBudget:
    """An amount a day. The day begins with the first use, and anew with the first use after its end."""

    __slots__ = ("_amount", "_began", "_used", "total")

    def __init__(self, amount: int, now: float) -> None:
        self._amount = amount
        self._began = now
        self._used = 0
        self.total = 0
        """Everything used since this object was made."""

    def left(self, now: float) -> int:
        """What may still be used today."""
        if now - self._began >= DAY_S:
            self._began, self._used = now, 0
        return max(0, self._amount - self._used)

    def use(self, count: int) -> None:
        """So much was used."""
        self._used += count
        self.total += count
