"""Whether work may go on, and how fast. Pure: what was sensed, chosen and remembered in, a decision out.

Every rule is looked at every time, and every rule that holds work is named: whoever plugs the computer in learns
before that, too, that it will still wait for the end of the pause. Guards hold whatever else was asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from core.control.snapshot import Reason
from core.host.overrides import Overrides
from core.preferences_file import Preferences

SETTLE_S = 10.0
"""A guard lets go when its cause has been away for this long, so that work does not flap on and off."""
RELEASE_FACTOR = 1.25
"""A guard on free memory or disk lets go when this much more than its limit is free."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What the sensors say now; None: this computer cannot tell. Sizes in bytes, battery in percent."""

    on_battery: bool | None = None
    battery_percent: float | None = None
    memory_available: int | None = None
    disk_free: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """hold: None to work, "paused" by the volunteer's will, "guarded" by a rule; share: 0 to 1 of the processor.

    reasons: all that hold work; held: what the next decision must know about this one (when each guard's cause was
    last seen).
    """

    hold: Literal["paused", "guarded"] | None
    share: float
    reasons: tuple[Reason, ...] = ()
    held: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


def decide(
    signals: Signals,
    preferences: Preferences,
    overrides: Overrides,
    now: float,
    held: Mapping[str, float] | None = None,
) -> Decision:
    """The decision at Unix time `now`. held: `held` of the decision before, nothing at the start."""
    share = preferences.number("cpu_percent") / 100
    wishes = [*_pause(overrides.at(now), now), *_no_budget(share)]
    guards, still = _guards(signals, preferences, now, held or {})
    hold: Literal["paused", "guarded"] | None = "paused" if wishes else "guarded" if guards else None
    return Decision(hold, share, (*wishes, *guards), MappingProxyType(still))


def _pause(overrides: Overrides, now: float) -> list[Reason]:
    if not overrides.paused:
        return []
    if overrides.until:
        text = f"you paused it until {clock_text(overrides.until, now)}"
    elif overrides.until_restart:
        text = "you paused it until the engine is started again"
    else:
        text = "you paused it until you resume"
    return [Reason("paused_by_user", text, overrides.until, "resume")]


def _no_budget(share: float) -> list[Reason]:
    if share > 0:
        return []
    return [Reason("no_budget", "the budget is 0 %", fix="preference:cpu_percent")]


def _guards(
    signals: Signals, preferences: Preferences, now: float, held: Mapping[str, float]
) -> tuple[list[Reason], dict[str, float]]:
    reasons: list[Reason] = []
    still: dict[str, float] = {}
    for code, bad, text, fix in (
        _battery(signals, preferences),
        _memory(signals, preferences, "low_memory" in held),
        _disk(signals, preferences, "low_disk" in held),
    ):
        if bad is None:
            continue  # the rule is off: it lets go at once
        # A cause that was last seen "in the future" was seen before the clock was set back: count from now.
        last = now if bad else min(held.get(code, -SETTLE_S), now)
        if bad or (code in held and now - last < SETTLE_S):
            still[code] = last
            reasons.append(Reason(code, text, 0.0 if bad else last + SETTLE_S, fix))
    return reasons, still


_Finding = tuple[str, bool | None, str, str]
"""(code, whether its cause is there or None when the rule is off, text, fix)"""


def _battery(signals: Signals, preferences: Preferences) -> _Finding:
    bad = None if preferences.flag("run_on_battery") else signals.on_battery is True
    level = "" if signals.battery_percent is None else f" ({signals.battery_percent:.0f} %)"
    text = f"the computer runs on battery{level}" if bad else "the computer was on battery until just now"
    return "on_battery", bad, text, "preference:run_on_battery"


def _memory(signals: Signals, preferences: Preferences, held: bool) -> _Finding:
    name = "min_free_memory_gb"
    bad, text = _scarce("memory", signals.memory_available, preferences.number(name), held)
    return "low_memory", bad, text, f"preference:{name}"


def _disk(signals: Signals, preferences: Preferences, held: bool) -> _Finding:
    name = "min_free_disk_gb"
    bad, text = _scarce("disk space", signals.disk_free, preferences.number(name), held)
    return "low_disk", bad, text, f"preference:{name}"


def _scarce(what: str, free: int | None, limit_gb: float, held: bool) -> tuple[bool | None, str]:
    if free is None or limit_gb <= 0:
        return None, ""
    wanted = limit_gb * (RELEASE_FACTOR if held else 1.0)
    text = f"only {free / 1e9:.1f} GB of {what} are free, and {limit_gb:g} GB must stay free for other programs"
    return free < wanted * 1e9, text


def clock_text(at: float, now: float) -> str:
    """A moment as people say it: 14:30, tomorrow 06:00, or 2026-03-05 06:00; local time."""
    moment, today = datetime.fromtimestamp(at).astimezone(), datetime.fromtimestamp(now).astimezone()
    days = (moment.date() - today.date()).days
    if days == 0:
        return f"{moment:%H:%M}"
    return f"tomorrow {moment:%H:%M}" if days == 1 else f"{moment:%Y-%m-%d %H:%M}"
