"""What the tray icon shows and allows."""

from dataclasses import dataclass
from typing import Literal

from app.formatting import clock_with_day, percent, plain, rate
from app.supervision import EngineStatus
from app.viewmodels.overview import paused_until
from core.control.snapshot import EngineSnapshot

Icon = Literal["working", "paused", "guarded", "offline", "error"]
BUDGETS = (10, 25, 50, 75, 100)
TOOLTIP_LIMIT = 120  # Windows cuts at 127


@dataclass(frozen=True, slots=True)
class TrayState:
    """icon: which shape; tooltip: state, rate and reason; budget: percent, 0 when unknown."""

    icon: Icon
    tooltip: str
    can_pause: bool
    can_resume: bool
    can_budget: bool
    budget: int


def tray(snapshot: EngineSnapshot | None, engine: EngineStatus, now: float) -> TrayState:
    """The tray's state."""
    if snapshot is None or engine.phase not in ("running", "unresponsive"):
        icon: Icon = "error" if engine.phase == "waiting" else "offline"
        return TrayState(icon, _cut(f"Hivelet: {engine.sentence}"), False, False, False, 0)
    s = snapshot
    leaving = s.state in ("finishing", "stopping")
    return TrayState(
        icon=_icon(s),
        tooltip=_cut(f"Hivelet: {_words(s, now)}"),
        can_pause=not leaving and s.state != "error",
        can_resume=s.state == "paused",
        can_budget=not leaving,
        budget=round(s.budget * 100),
    )


def window_title(snapshot: EngineSnapshot | None, engine: EngineStatus) -> str:
    """What the system's task bar says: the name, and the state when nothing is computed."""
    words = {"waiting": "Engine stopped", "stopped": "Stopped", "absent": "No engine"}.get(engine.phase, "")
    if not words and snapshot is not None and engine.phase == "running":
        words = {"paused": "Paused", "guarded": "On hold", "error": "Error"}.get(snapshot.state, "")
    return f"{words} – Hivelet" if words else "Hivelet"


def _icon(s: EngineSnapshot) -> Icon:
    match s.state:
        case "working" | "finishing":
            return "working"
        case "paused":
            return "paused"
        case "guarded":
            return "guarded"
        case "error":
            return "error"
        case _:
            return "offline"


def _words(s: EngineSnapshot, now: float) -> str:
    why = plain(s.reasons[0].text, 80).rstrip(".") if s.reasons else ""
    match s.state:
        case "working" | "connecting":
            alone = ", no other peer yet" if s.state == "connecting" else ""
            return f"working, {rate(s.samples_per_s)} samples/s at {percent(s.budget_now)}{alone}"
        case "paused":
            until = paused_until(s)
            return f"paused until {clock_with_day(until, now)}" if until else "paused"
        case "guarded":
            return f"holding work: {why}" if why else "holding work"
        case "error":
            return f"error: {plain(s.headline, 80)}"
        case _:
            return s.state


def _cut(text: str) -> str:
    return text if len(text) <= TOOLTIP_LIMIT else text[: TOOLTIP_LIMIT - 1] + "…"
