"""Few and useful notifications: one of a kind in a while, none in quiet hours. Pure; the caller brings the clock."""

from dataclasses import dataclass, field

from app.formatting import plain
from app.said import said
from app.supervision import EngineStatus, next_try
from app.translation import translate
from app.viewmodels.overview import paused_until
from core.control.snapshot import EngineSnapshot, State
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


@dataclass(frozen=True, slots=True)
class Notice:
    """action: what a click on it does, as the presenter's `act` takes it."""

    kind: str
    title: str
    text: str
    action: str


@dataclass(slots=True)
class Notifier:
    """What is worth a notification: the engine died, it is in trouble, or a pause that had an end is over."""

    limit: RateLimit = field(default_factory=RateLimit)
    _state: State | None = None
    _pause_until: float = 0.0

    def engine(self, status: EngineStatus, now: float, wall: float) -> Notice | None:
        """The engine's process changed."""
        if status.phase != "waiting" or not self.limit.allows("crash", now, wall):
            return None
        text = " ".join(part for part in (status.problem, next_try(status, wall)) if part)
        return Notice("crash", translate("Notice", "Hivelet's engine stopped"), text, "crash_report")

    def snapshot(self, snapshot: EngineSnapshot, now: float, wall: float) -> Notice | None:
        """The newest state; tells on a change only."""
        before, self._state = self._state, snapshot.state
        until, self._pause_until = self._pause_until, paused_until(snapshot)
        if before is None or before == snapshot.state:
            return None
        if snapshot.state == "error" and self.limit.allows("error", now, wall):
            why = "; ".join(plain(said(reason.text), 120) for reason in snapshot.reasons) or plain(
                said(snapshot.headline)
            )
            return Notice("error", translate("Notice", "Hivelet needs your attention"), why, "overview")
        over = before == "paused" and 0 < until <= snapshot.now  # else the volunteer ended it, and knows
        if over and self.limit.allows("pause_over", now, wall):
            text = translate("Notice", "Click to pause again or to see what it does.")
            return Notice("pause_over", translate("Notice", "The pause is over"), text, "overview")
        return None
