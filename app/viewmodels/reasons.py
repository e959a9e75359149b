"""Why it is as it is: every reason in words, each with the buttons that resolve it."""

from dataclasses import dataclass

from app.formatting import clock, clock_with_day, plain
from app.said import said
from app.translation import translate
from core.control.snapshot import Action, Reason
from core.preferences import BY_NAME

MOST_ACTIONS = 3
OFFERED = ("resume", "budget", "preferences_set", "open_preference", "open_update", "open_projects")
"""What a reason's button may do. Everything else that an engine might name is not offered."""


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One reason. holds: whether it stops work, or only slows it or informs; actions: what resolves it, likeliest
    first."""

    text: str
    actions: tuple[Action, ...] = ()
    holds: bool = True


def reason_lines(reasons: tuple[Reason, ...], now: float) -> tuple[ReasonLine, ...]:
    """All of them, those that stop work first."""
    lines = [ReasonLine(_text(reason, now), actions_of(reason), reason.holds) for reason in reasons]
    return tuple(sorted(lines, key=lambda line: not line.holds))


def actions_of(reason: Reason) -> tuple[Action, ...]:
    """The buttons of a reason; none when nothing that is offered here resolves it."""
    offered = tuple(
        Action(action.command, action.arguments, plain(said(action.label), 40))
        for action in reason.actions
        if action.command in OFFERED
    )
    return offered[:MOST_ACTIONS] or _from_fix(reason.fix)


def _from_fix(fix: str) -> tuple[Action, ...]:
    """The button for what a reason without actions names: a command, or a preference."""
    words = fix.replace("=", " ").replace("preference:", " ").split()
    change = translate("Reasons", "Change…")
    if "resume" in words:
        return (Action("resume", {}, translate("Reasons", "Resume")),)
    for word in words:
        if word in BY_NAME:
            return (Action("open_preference", {"name": word}, change),)
    if "budget" in words:
        return (Action("open_budget", {}, change),)
    if "preferences" in words:
        return (Action("open_preference", {"name": ""}, change),)
    return ()


def _text(reason: Reason, now: float) -> str:
    text = plain(said(reason.text), 240).rstrip(".")
    if reason.until > now and clock(reason.until) not in text:
        moment = clock_with_day(reason.until, now)
        text = translate("Reasons", "{reason}, until {time}").format(reason=text, time=moment)
    return text[:1].upper() + text[1:]
