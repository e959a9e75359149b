"""What the tray icon shows and allows."""

from dataclasses import dataclass
from typing import Literal

from app.formatting import clock_with_day, duration, percent, plain, rate
from app.said import said
from app.supervision import EngineStatus
from app.translation import translate
from app.viewmodels.overview import paused_until
from core.control.snapshot import EngineSnapshot

Icon = Literal["working", "paused", "guarded", "offline", "error"]
BUDGETS = (10, 25, 50, 75, 100)
TOOLTIP_LIMIT = 120  # Windows cuts at 127
RING_STEPS = 20


@dataclass(frozen=True, slots=True)
class TrayState:
    """icon: which shape; ring: how far its ring is drawn, 0 to RING_STEPS; tooltip: state, rate and reason; words: the
    same without the name, for the menu; budget: percent, 0 when unknown."""

    icon: Icon
    tooltip: str
    can_pause: bool
    can_resume: bool
    can_budget: bool
    budget: int
    words: str = ""
    ring: int = 0


def tray(snapshot: EngineSnapshot | None, engine: EngineStatus, now: float) -> TrayState:
    """The tray's state."""
    if snapshot is None or engine.phase not in ("running", "unresponsive"):
        icon: Icon = "error" if engine.phase == "waiting" else "offline"
        return TrayState(icon, _cut(f"Hivelet: {engine.sentence}"), False, False, False, 0, _cut(engine.sentence))
    s = snapshot
    leaving = s.state in ("finishing", "stopping")
    words = _words(s, now)
    return TrayState(
        icon=_icon(s),
        tooltip=_cut(f"Hivelet: {words}"),
        can_pause=not leaving and s.state != "error",
        can_resume=s.state == "paused",
        can_budget=not leaving,
        budget=round(s.budget * 100),
        words=_cut(words[:1].upper() + words[1:]),
        ring=round(s.budget_now * RING_STEPS) if _icon(s) == "working" else 0,
    )


def window_title(snapshot: EngineSnapshot | None, engine: EngineStatus) -> str:
    """What the system's task bar says: the name, and the state when nothing is computed."""
    words = {
        "waiting": translate("Title", "Engine stopped"),
        "stopped": translate("Title", "Stopped"),
        "absent": translate("Title", "No engine"),
    }.get(engine.phase, "")
    if not words and snapshot is not None and engine.phase == "running":
        words = {
            "paused": translate("Title", "Paused"),
            "guarded": translate("Title", "On hold"),
            "error": translate("Title", "Error"),
        }.get(snapshot.state, "")
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
    why = plain(said(s.reasons[0].text), 80).rstrip(".") if s.reasons else ""
    match s.state:
        case "working" | "connecting":
            words = (
                translate("Tray", "working, {rate} samples/s at {share}, no other peer yet")
                if s.state == "connecting"
                else translate("Tray", "working, {rate} samples/s at {share}")
            )
            return words.format(rate=rate(s.samples_per_s), share=percent(s.budget_now))
        case "paused":
            until = paused_until(s)
            if not until:
                return translate("Tray", "paused")
            words = translate("Tray", "paused until {time}, {left} left")
            return words.format(time=clock_with_day(until, now), left=duration(max(1.0, until - now)))
        case "guarded":
            return (
                translate("Tray", "holding work: {why}").format(why=why) if why else translate("Tray", "holding work")
            )
        case "error":
            return translate("Tray", "error: {what}").format(what=plain(said(s.headline), 80))
        case "finishing":
            return translate("Tray", "finishing")
        case "stopping":
            return translate("Tray", "stopping")
        case _:
            return translate("Tray", "starting")


def _cut(text: str) -> str:
    return text if len(text) <= TOOLTIP_LIMIT else text[: TOOLTIP_LIMIT - 1] + "…"
