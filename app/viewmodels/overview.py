"""What the first page says: am I helping, how much, why not more, and what can I do about it."""

from dataclasses import dataclass
from typing import Literal

from app.formatting import clock, clock_with_day, count, duration, figure, number, percent, plain, size
from app.supervision import EngineStatus, next_try
from core.control.snapshot import EngineSnapshot, Reason
from core.preferences import BY_NAME

Mood = Literal["working", "held", "off"]
MainAction = Literal["pause", "resume", "retry", "none"]


@dataclass(frozen=True, slots=True)
class Chip:
    """One reason or reading. action: "resume", "budget", "preference:NAME" or ""; label: the words of its button."""

    text: str
    action: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """One card of the second row."""

    label: str
    value: str
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ring:
    """The budget as a ring. share: what is allowed now, budget: what the volunteer set, both 0 to 1."""

    share: float
    budget: float
    text: str
    caption: str
    mood: Mood


@dataclass(frozen=True, slots=True)
class OverviewState:
    """Everything that the page shows, except the charts."""

    title: str
    sentence: str
    ring: Ring
    chips: tuple[Chip, ...] = ()
    main_action: MainAction = "none"
    main_label: str = "Pause ▾"
    can_finish: bool = False
    can_budget: bool = False
    cards: tuple[KeyNumber, ...] = ()


_NO_NUMBERS = (
    KeyNumber("Contributed today", "–", "GFLOP·h"),
    KeyNumber("Samples today", "–"),
    KeyNumber("Time given today", "–"),
    KeyNumber("Experts here", "–"),
)
_OFF = Ring(0.0, 0.0, "–", "not running", "off")
_TITLES = {
    "starting": "Starting up",
    "connecting": "Working alone for now",
    "guarded": "Holding work",
    "finishing": "Finishing, then stopping",
    "error": "Something needs your attention",
    "stopping": "Stopping",
}


def overview(snapshot: EngineSnapshot | None, engine: EngineStatus, now: float) -> OverviewState:
    """The page's state. snapshot: the newest one, None before the first."""
    if engine.phase == "unresponsive" and snapshot is not None:
        return _live(snapshot, engine.sentence, now)
    if engine.phase != "running" or snapshot is None:
        return _without_engine(engine, snapshot, now)
    return _live(snapshot, _sentence(snapshot), now)


def _live(s: EngineSnapshot, sentence: str, now: float) -> OverviewState:
    held = s.state in ("paused", "guarded", "error")
    leaving = s.state in ("finishing", "stopping")
    paused = s.state == "paused"
    return OverviewState(
        title=title(s, now),
        sentence=sentence,
        ring=_ring(s),
        chips=(*(_chip(reason, now) for reason in s.reasons), *_readings(s)),
        main_action="resume" if paused else "none" if leaving or s.state == "error" else "pause",
        main_label="Resume" if paused else "Pause ▾",
        can_finish=not leaving,
        can_budget=not leaving and not (held and s.state == "error"),
        cards=key_numbers(s),
    )


def _without_engine(engine: EngineStatus, snapshot: EngineSnapshot | None, now: float) -> OverviewState:
    titles = {
        "looking": "One moment",
        "starting": "Starting up",
        "running": "One moment",
        "unresponsive": "One moment",
        "waiting": "The engine stopped",
        "stopped": "Stopped",
        "absent": "No engine here",
    }
    sentence = {"running": "Reading what the engine does…", "waiting": next_try(engine, now)}
    return OverviewState(
        title=titles[engine.phase],
        sentence=sentence.get(engine.phase, engine.sentence),
        ring=_OFF,
        main_action="retry" if engine.can_retry else "none",
        main_label="Try again" if engine.phase == "waiting" else "Start the engine",
        cards=key_numbers(snapshot) if snapshot is not None else _NO_NUMBERS,
    )


def title(s: EngineSnapshot, now: float) -> str:
    """The state in a few words."""
    if s.state == "working":
        return f"Helping since {clock_with_day(s.started, now)}"
    if s.state == "paused":
        until = paused_until(s)
        return f"Paused until {clock_with_day(until, now)}" if until else "Paused"
    return _TITLES[s.state]


def paused_until(s: EngineSnapshot) -> float:
    """When the volunteer's pause ends by itself, 0 when it does not."""
    ends = [reason.until for reason in s.reasons if reason.code.startswith("paused") or reason.fix == "resume"]
    return max(ends, default=0.0)


def _sentence(s: EngineSnapshot) -> str:
    served = (
        f"Your {count(len(s.experts), 'expert')} served {count(s.today.samples, 'sample')} today." if s.experts else ""
    )
    name = plain(s.project.title, 80) if s.project else ""
    if s.state == "working" and name:
        return f"Training {name} with {count(len(s.peers), 'other peer')}. {served}".rstrip()
    if s.state == "connecting" and name:
        return f"Training {name}; looking for other peers meanwhile. {served}".rstrip()
    return plain(s.headline) or served or "The engine runs."


def _ring(s: EngineSnapshot) -> Ring:
    held = s.state in ("paused", "guarded", "error")
    if held:
        word = {"paused": "paused", "guarded": "on hold", "error": "stopped"}[s.state]
        return Ring(0.0, s.budget, percent(0), word, "held")
    mood: Mood = "working" if s.state in ("working", "connecting", "finishing") else "off"
    return Ring(s.budget_now, s.budget, percent(s.budget_now), "of this computer", mood)


def _chip(reason: Reason, now: float) -> Chip:
    text = plain(reason.text, 120).rstrip(".")
    if reason.until > now and clock(reason.until) not in text:
        text = f"{text}, until {clock_with_day(reason.until, now)}"
    action, label = fix_of(reason)
    return Chip(text, action, label)


def fix_of(reason: Reason) -> tuple[str, str]:
    """Which button resolves a reason: (action, label), both empty when none does."""
    words = reason.fix.replace("=", " ").split()
    if "resume" in words:
        return "resume", "Resume"
    for word in words:
        if word in BY_NAME:
            return f"preference:{word}", "Change…"
    if "budget" in words:
        return "budget", "Change…"
    if "preferences" in words:
        return "preference:", "Change…"
    return "", ""


def _readings(s: EngineSnapshot) -> tuple[Chip, ...]:
    """What it costs the volunteer now."""
    if s.state not in ("working", "connecting", "finishing"):
        return ()
    chips = [Chip(f"processor {percent(s.usage.cpu_share)}")]
    if s.usage.resident_bytes:
        chips.append(Chip(f"memory {size(s.usage.resident_bytes)}"))
    return tuple(chips)


def _time_given(hours: float) -> tuple[str, str]:
    if hours >= 1:
        return number(hours, 1), "h"
    return (number(hours * 60), "min") if hours * 60 >= 1 else (number(hours * 3600), "s")


def key_numbers(s: EngineSnapshot) -> tuple[KeyNumber, ...]:
    """The four cards."""
    hosted = len(s.experts)
    busy = sum(expert.state == "serving" for expert in s.experts)
    hours, unit = _time_given(s.today.hours)
    week = f"{figure(s.week.gflop_hours)} this week"
    return (
        KeyNumber("Contributed today", figure(s.today.gflop_hours), "GFLOP·h", week),
        KeyNumber("Samples today", number(s.today.samples), "", f"{number(s.week.samples)} this week"),
        KeyNumber("Time given today", hours, unit, f"{duration(s.total.hours * 3600)} in all"),
        KeyNumber(
            "Experts here",
            number(hosted),
            f"of {number(s.experts_allowed)}" if s.experts_allowed else "",
            f"{number(busy)} serving now" if hosted else "none taken yet",
        ),
    )
