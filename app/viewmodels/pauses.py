"""The lengths of a pause that window and tray offer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.translation import translate

MORNING_HOUR = 6


@dataclass(frozen=True, slots=True)
class PauseChoice:
    """One entry of the menu."""

    key: str
    label: str


def choices() -> tuple[PauseChoice, ...]:
    """In the order of the menu, in the present language."""
    return (
        PauseChoice("15min", translate("Pauses", "For 15 minutes")),
        PauseChoice("1h", translate("Pauses", "For 1 hour")),
        PauseChoice("tomorrow", translate("Pauses", "Until tomorrow morning")),
        PauseChoice("resume", translate("Pauses", "Until I resume")),
    )


def seconds_of(key: str, now: datetime) -> float | None:
    """How long a choice of `choices` lasts from now; None: until resumed. now: local time with its zone."""
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
