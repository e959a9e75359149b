"""Few and useful notifications: one of a kind in a while, none in quiet hours. Pure; the caller brings the clock."""

from dataclasses import dataclass, field

from core.preferences import DayHours

QUIET_S = 600.0


@dataclass(slots=True)
class RateLimit:
    """Lets one notification of a kind pass every `quiet` seconds, and none in the volunteer's quiet hours."""

    quiet: float = QUIET_S
    quiet_hours: DayHours = field(default_factory=DayHours)
    _last: dict[str, float] = field(default_factory=dict)

    def allows(self, kind: str, now: float, wall: float) -> bool:
        """Whether one of this kind may be shown now; remembers it when so. now: monotonic; wall: Unix time."""
        if self.quiet_hours.contains(wall):
            return False
        if now - self._last.get(kind, float("-inf")) < self.quiet:
            return False
        self._last[kind] = now
        return True
