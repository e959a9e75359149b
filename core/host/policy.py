"""Whether work may go on, and how fast. Pure: what was sensed, chosen and remembered in, a decision out.

Every rule is looked at every time, and every rule that holds work is named: whoever plugs the computer in learns
before that, too, that it will still wait for the end of the pause. Guards hold whatever else was asked for. The rules
themselves are in `core.host.rules`.
"""

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from core.control.snapshot import Action, Reason
from core.host.overrides import Overrides
from core.host.rules import ALWAYS, RULES, Rule, Scene, change, in_use_now, show, week_of
from core.host.signals import Memory, Moment, Signals
from core.preferences_file import Preferences
from net.words import say

LEAST_COOL = 0.1
"""Heat alone lowers the share to this part of it at most; beyond that, the highest temperature holds work."""
_SLOW_PER_DEGREE_S = 0.005
_RECOVER_PER_S = 0.01
_CALM_C = 3.0  # below the temperature to keep by so much, the share recovers
_LONGEST_STEP_S = 10.0  # after a sleep, readings of before it say nothing
_RESUME = Action("resume", {}, say("Resume"))
_NO_BUDGET = (change(say("Allow 25 %"), cpu_percent=25, cpu_percent_in_use=25), show("cpu_percent"))


@dataclass(frozen=True, slots=True)
class Decision:
    """hold: None to work, "paused" by the volunteer's will, "guarded" by a rule; share: 0 to 1 of the processor.

    reasons: all that hold work, and after them all that slow it; memory: for the next decision; in_use: whether
    somebody uses the computer.
    """

    hold: Literal["paused", "guarded"] | None
    share: float
    reasons: tuple[Reason, ...] = ()
    memory: Memory = field(default_factory=Memory)
    in_use: bool = False


def decide(
    signals: Signals, preferences: Preferences, overrides: Overrides, now: Moment, before: Memory | None = None
) -> Decision:
    """The decision now. before: `memory` of the decision before, nothing at the start."""
    before = before or Memory()
    wishes = [*_pause(overrides.at(now.wall), now.wall), *_mode(preferences), *_no_budget(preferences)]
    held, seen = _rules(signals, preferences, now, before)
    cool = _cooled(signals, preferences, now, before)
    share, limits = _share(signals, preferences, now, cool)
    hold: Literal["paused", "guarded"] | None = "paused" if wishes else "guarded" if held else None
    memory = Memory(MappingProxyType(seen), cool, now.steady)
    return Decision(hold, share, (*wishes, *held, *limits), memory, in_use_now(signals, preferences))


# --- the volunteer's wishes ---------------------------------------------------------------------------------


def _pause(overrides: Overrides, wall: float) -> list[Reason]:
    if not overrides.paused:
        return []
    if overrides.until:
        text = say("you paused it until {time:clock}", time=(overrides.until, wall))
    elif overrides.until_restart:
        text = say("you paused it until the engine is started again")
    else:
        text = say("you paused it until you resume")
    return [Reason("paused_by_user", text, overrides.until, "resume", (_RESUME,))]


def _mode(preferences: Preferences) -> list[Reason]:
    if preferences.word("mode") != "paused":
        return []
    return [Reason("mode_paused", say("the mode is paused"), fix="resume", actions=(_RESUME,))]


def _no_budget(preferences: Preferences) -> list[Reason]:
    if preferences.number("cpu_percent") > 0:
        return []
    return [Reason("no_budget", say("the budget is 0 %"), fix="preference:cpu_percent", actions=_NO_BUDGET)]


# --- rules --------------------------------------------------------------------------------------------------


def _rules(
    signals: Signals, preferences: Preferences, now: Moment, before: Memory
) -> tuple[list[Reason], dict[str, float]]:
    """All rules that hold work, and when the cause of each was last there."""
    reasons: list[Reason] = []
    seen: dict[str, float] = {}
    for rule in RULES:
        if not rule.guard and preferences.word("mode") == "always":
            continue  # it lets go at once
        held = rule.code in before.seen
        finding = rule.find(Scene(signals, preferences, now, held))
        if finding is None:
            continue
        last = now.steady if finding.bad else min(before.seen.get(rule.code, -math.inf), now.steady)
        left = rule.settle_s - (now.steady - last)
        if finding.bad or left > 0:
            seen[rule.code] = last
            until = finding.until if finding.bad else now.wall + left
            reasons.append(_reason(rule, finding.text, until, finding.actions))
    return reasons, seen


def _reason(rule: Rule, text: str, until: float, actions: tuple[Action, ...]) -> Reason:
    opens = next((f"preference:{action.arguments['name']}" for action in actions if "name" in action.arguments), "")
    return Reason(rule.code, text, until, opens or "preference:mode", actions)


# --- how fast -----------------------------------------------------------------------------------------------


def _share(signals: Signals, preferences: Preferences, now: Moment, cool: float) -> tuple[float, list[Reason]]:
    """The share of the processor, and what makes it smaller than the volunteer's full one."""
    full, used = preferences.number("cpu_percent") / 100, preferences.number("cpu_percent_in_use") / 100
    limits: list[Reason] = []
    share = full
    if preferences.word("mode") != "always":
        rest = _rest(signals, preferences)
        share = used + (full - used) * rest
        if rest < 1 and 0 < share < full:
            text = (
                say("{share:percent} while you use the computer", share=share)
                if rest == 0
                else say("{share:percent}, and more the longer it rests", share=share)
            )
            limits.append(_limit("in_use_level", text, (show("cpu_percent_in_use"), ALWAYS)))
        week = week_of(preferences)
        level = week.at(now.wall)
        if 0 < level < 1:
            text = say("your schedule leaves {level:percent} of that in this hour", level=level)
            limits.append(_limit("schedule_level", text, (ALWAYS, show("schedule")), week.next_change(now.wall)))
        share *= level
    if cool < 1:
        target = preferences.number("temperature_target")
        text = say(
            "slowed to {cool:percent} of that, to keep the processor at {target:celsius}", cool=cool, target=target
        )
        limits.append(_limit("temperature", text, (show("temperature_target"),)))
    return share * cool, limits


def _limit(code: str, text: str, actions: tuple[Action, ...], until: float = 0.0) -> Reason:
    name = next(action.arguments["name"] for action in actions if "name" in action.arguments)
    return Reason(code, text, until, f"preference:{name}", actions, holds=False)


def _rest(signals: Signals, preferences: Preferences) -> float:
    """0 in use, 1 at rest, and between them the ramp."""
    if in_use_now(signals, preferences):
        return 0.0
    idle, after = signals.idle_s or 0.0, preferences.number("idle_after_min") * 60
    ramp = preferences.number("ramp_min") * 60
    return min(1.0, (idle - after) / ramp) if ramp > 0 else 1.0


def _cooled(signals: Signals, preferences: Preferences, now: Moment, before: Memory) -> float:
    """A controller: the longer and the further above the temperature to keep, the less; recovers when it is cooler."""
    target = preferences.number("temperature_target")
    if target <= 0 or signals.temperature is None:
        return 1.0
    step = 0.0 if before.steady is None else min(max(0.0, now.steady - before.steady), _LONGEST_STEP_S)
    above = signals.temperature - target
    if above > 0:
        return max(LEAST_COOL, before.cool - _SLOW_PER_DEGREE_S * above * step)
    return min(1.0, before.cool + _RECOVER_PER_S * step) if above < -_CALM_C else before.cool
