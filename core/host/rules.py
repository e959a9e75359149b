"""The rules that hold work, one small function each: what was sensed and chosen in, a finding out.

Guards protect the computer and the purse, and hold in every mode. Considerations leave the computer to whoever uses it;
the mode `always` goes without them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial

from core.control.snapshot import Action
from core.host.signals import Moment, Signals
from core.preference import program_names
from core.preferences_file import Preferences
from core.week import WeekLevels
from net.words import say

RELEASE_FACTOR = 1.25
"""A guard on free memory or disk lets go when this much more than its limit is free."""
COOLER_C = 8.0
"""A computer that was too hot may work again when it is so much cooler."""
CALMER = 0.75
"""Other programs count as calm again at this part of the limit."""
SETTLE_S = 10.0
"""A rule lets go when its cause has been away for this long, so that work does not flap on and off."""
SETTLE_BUSY_S = 30.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What a rule may look at. held: whether this very rule holds work already; then it takes more to let go."""

    signals: Signals
    preferences: Preferences
    now: Moment
    held: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """bad: whether the cause is there; text: the cause, or, when it was there until now, that it was; until: Unix time
    at which it ends by itself, 0 when unknown."""

    bad: bool
    text: str
    actions: tuple[Action, ...]
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """find: None when the rule is off, or when this computer cannot tell; guard: holds in every mode."""

    code: str
    guard: bool
    find: Callable[[Scene], Finding | None]
    settle_s: float = SETTLE_S


def change(label: str, **values: bool | float | str) -> Action:
    """A button that changes preferences."""
    return Action("preferences_set", {"values": values}, label)


def show(name: str) -> Action:
    """A button that opens a preference."""
    return Action("open_preference", {"name": name}, say("Change…"))


ALWAYS = change(say("Work anyway"), mode="always")


def battery(scene: Scene) -> Finding | None:
    """Unplugged. A desktop computer, and a state that the system does not know, never count as that."""
    if scene.preferences.flag("run_on_battery"):
        return None
    bad = scene.signals.on_battery is True
    percent = scene.signals.battery_percent
    if not bad:
        text = say("the computer was on battery until just now")
    elif percent is None:
        text = say("the computer runs on battery")
    else:
        text = say("the computer runs on battery ({level:percent})", level=percent / 100)
    return Finding(bad, text, (change(say("Work on battery too"), run_on_battery=True), show("run_on_battery")))


def battery_low(scene: Scene) -> Finding | None:
    """Begins while unplugged; ends at the upper threshold, plugged in or not."""
    low = scene.preferences.number("battery_min_percent")
    percent = scene.signals.battery_percent
    if low <= 0 or percent is None or scene.signals.on_battery is None:
        return None
    enough = max(low, scene.preferences.number("battery_resume_percent"))
    bad = percent < enough if scene.held else scene.signals.on_battery and percent < low
    text = say(
        "the battery is at {level:percent}, until charged to {enough:percent}", level=percent / 100, enough=enough / 100
    )
    return Finding(bad, text, (change(say("Work at any charge"), battery_min_percent=0), show("battery_min_percent")))


def heat(scene: Scene) -> Finding | None:
    """Too hot; the share was lowered before that, see `core.host.policy`."""
    limit, now = scene.preferences.number("temperature_max"), scene.signals.temperature
    if limit <= 0 or now is None:
        return None
    cool = limit - COOLER_C
    text = say("the processor is at {now:celsius}, and work waits until it is below {cool:celsius}", now=now, cool=cool)
    return Finding(now >= limit - (COOLER_C if scene.held else 0), text, (show("temperature_max"),))


def memory(scene: Scene) -> Finding | None:
    """Too little memory is free for others."""
    return _scarce(
        scene,
        scene.signals.memory_available,
        "min_free_memory_gb",
        partial(
            say, "only {free:gigabytes} of memory are free, and {limit:gigabytes} must stay free for other programs"
        ),
    )


def disk(scene: Scene) -> Finding | None:
    """Too little of the disk is free."""
    return _scarce(
        scene,
        scene.signals.disk_free,
        "min_free_disk_gb",
        partial(
            say, "only {free:gigabytes} of disk space are free, and {limit:gigabytes} must stay free for other programs"
        ),
    )


def metered(scene: Scene) -> Finding | None:
    """The network is paid by volume."""
    if scene.preferences.flag("run_on_metered") or scene.signals.metered is None:
        return None
    bad = scene.signals.metered
    text = say("the network is metered") if bad else say("the network was metered until just now")
    return Finding(
        bad, text, (change(say("Work on metered networks too"), run_on_metered=True), show("run_on_metered"))
    )


def traffic(scene: Scene) -> Finding | None:
    """The month's traffic is used up."""
    cap, used = scene.preferences.number("monthly_traffic_gb"), scene.signals.traffic_month
    if cap <= 0 or used is None:
        return None
    text = say("{used:gigabytes} of this month's {cap:gigabytes} of traffic are used", used=used, cap=cap * 1e9)
    return Finding(used >= cap * 1e9, text, (show("monthly_traffic_gb"),), next_month(scene.now.wall))


def schedule(scene: Scene) -> Finding | None:
    """The schedule leaves nothing in this hour."""
    week = week_of(scene.preferences)
    if not week.text:
        return None
    wall = scene.now.wall
    until = week.next_change(wall)
    return Finding(week.at(wall) == 0, say("your schedule leaves this hour free"), (ALWAYS, show("schedule")), until)


def in_use(scene: Scene) -> Finding | None:
    """Somebody uses the computer, and wants all of it."""
    if scene.preferences.number("cpu_percent_in_use") > 0:
        return None
    after = scene.preferences.number("idle_after_min")
    text = say("you use the computer, and work waits until it has rested for {after:number} min", after=after)
    some = change(say("Work gently meanwhile"), cpu_percent_in_use=10)
    return Finding(in_use_now(scene.signals, scene.preferences), text, (some, ALWAYS))


def fullscreen(scene: Scene) -> Finding | None:
    """Something fills the screen."""
    if not scene.preferences.flag("pause_on_fullscreen") or scene.signals.fullscreen is None:
        return None
    bad = scene.signals.fullscreen
    text = say("a program fills the screen") if bad else say("a program filled the screen until just now")
    return Finding(bad, text, (ALWAYS, show("pause_on_fullscreen")))


def exclusive(scene: Scene) -> Finding | None:
    """A listed program runs."""
    listed = program_names(scene.preferences.text("exclusive_apps"))
    if not listed or scene.signals.exclusive is None:
        return None
    running = [name for name in scene.signals.exclusive if name in listed]
    if not running:
        return Finding(False, say("a program that you listed ran until just now"), (ALWAYS, show("exclusive_apps")))
    others = ", ".join(name for name in listed if name not in running)
    if len(running) == 1:
        text, words = say("{program} runs", program=running[0]), say("Ignore {program}", program=running[0])
    else:
        text, words = say("{programs} run", programs=", ".join(running)), say("Ignore them")
    ignore = change(words, exclusive_apps=others)
    return Finding(True, text, (ignore, ALWAYS, show("exclusive_apps")))


def busy(scene: Scene) -> Finding | None:
    """Other programs need the processor."""
    limit, now = scene.preferences.number("busy_percent") / 100, scene.signals.others_cpu
    if limit <= 0 or now is None:
        return None
    bad = now > limit * (CALMER if scene.held else 1)
    text = say(
        "other programs use {now:percent} of the processor, and at most {limit:percent} is calm", now=now, limit=limit
    )
    return Finding(bad, text, (ALWAYS, show("busy_percent")))


RULES = (
    Rule("on_battery", True, battery),
    Rule("battery_low", True, battery_low),
    Rule("too_hot", True, heat),
    Rule("low_memory", True, memory),
    Rule("low_disk", True, disk),
    Rule("metered", True, metered),
    Rule("traffic_cap", True, traffic, settle_s=0),
    Rule("schedule", False, schedule, settle_s=0),
    Rule("in_use", False, in_use, settle_s=0),
    Rule("fullscreen", False, fullscreen),
    Rule("exclusive_app", False, exclusive),
    Rule("busy", False, busy, settle_s=SETTLE_BUSY_S),
)


def week_of(preferences: Preferences) -> WeekLevels:
    """The schedule."""
    return _week(preferences.text("schedule"))


@lru_cache(maxsize=8)
def _week(text: str) -> WeekLevels:
    return WeekLevels.parse(text)


def in_use_now(signals: Signals, preferences: Preferences) -> bool:
    """Whether somebody uses the computer; where that cannot be told, somebody does."""
    return signals.idle_s is None or signals.idle_s < preferences.number("idle_after_min") * 60


def next_month(wall: float) -> float:
    """The Unix time at which the next month begins, local time."""
    day = datetime.fromtimestamp(wall).astimezone().date().replace(day=1)
    first = day.replace(year=day.year + 1, month=1) if day.month == 12 else day.replace(month=day.month + 1)
    # A date without a zone: the system knows which offset holds on that day.
    return datetime(first.year, first.month, 1).astimezone().timestamp()


def _scarce(scene: Scene, free: int | None, name: str, sentence: Callable[..., str]) -> Finding | None:
    limit = scene.preferences.number(name)
    if free is None or limit <= 0:
        return None
    wanted = limit * (RELEASE_FACTOR if scene.held else 1.0)
    return Finding(free < wanted * 1e9, sentence(free=free, limit=limit * 1e9), (show(name),))
