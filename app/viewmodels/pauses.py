"""The lengths of a pause that window and tray offer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MORNING_HOUR = 6


@dataclass(frozen=True, slots=True)
class PauseChoice:
    """One entry of the menu."""

    key: str
    label: str


CHOICES = (
    PauseChoice("15min", "For 15 minutes"),
    PauseChoice("1h", "For 1 hour"),
    PauseChoice("tomorrow", "Until tomorrow morning"),
    PauseChoice("resume", "Until I resume"),
)


def seconds_of(key: str, now: datetime) -> float | None:
    """How long that choice lasts from now; None: until resumed. now: local time with its zone."""
    match key:
        case "15min":
            return 15 * 60.0
        case "1h":
            return 3600.0
        case "tomorrow":
            morning = (now + timedelta(days=1)).replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
            return (morning - now).total_seconds()
        case _:
            return None
