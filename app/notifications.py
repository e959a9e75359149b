"""Few and useful notifications: at most one of a kind in a while. Pure; the caller brings clock and tray."""

from dataclasses import dataclass, field

QUIET_S = 600.0


@dataclass(slots=True)
class RateLimit:
    """Lets one notification of a kind pass every `quiet` seconds."""

    quiet: float = QUIET_S
    _last: dict[str, float] = field(default_factory=dict)

    def allows(self, kind: str, now: float) -> bool:
        """Whether one of this kind may be shown now; remembers it when so."""
        if now - self._last.get(kind, float("-inf")) < self.quiet:
            return False
        self._last[kind] = now
        return True
