"""What other preferences would have done: the policy of today, run over what was sensed in the past. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.host.overrides import Overrides
from core.host.policy import decide
from core.host.signals import Memory, Moment
from core.ledger.activity import PastMinute
from core.preferences_file import Preferences

_PAUSED = Overrides(paused=True)
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """worked_h: hours in which work was not held; share: the mean allowed share in them; full_h: hours of the whole
    processor; gflop_hours and kwh: as much as was measured for an hour of the whole processor; held_h: by code."""

    worked_h: float = 0.0
    share: float = 0.0
    full_h: float = 0.0
    gflop_hours: float = 0.0
    kwh: float = 0.0
    held_h: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def replay(past: Sequence[PastMinute], preferences: Preferences) -> Outcome:
    """Decide anew for each minute. The volunteer's own pauses stay pauses.

    A program that was not on the list of exclusive ones was not looked for then, and so holds nothing here.
    """
    memory = Memory()
    worked = shares = 0.0
    held: dict[str, float] = {}
    for minute in past:
        paused = minute.reasons.get("paused_by_user", 0.0) > _MOSTLY * minute.seconds
        now = Moment(minute.t, minute.t)
        decision = decide(minute.signals, preferences, _PAUSED if paused else Overrides(), now, memory)
        memory = decision.memory
        if decision.hold is None:
            worked += minute.seconds
            shares += minute.seconds * decision.share
        for reason in decision.reasons:
            if reason.holds:
                held[reason.code] = held.get(reason.code, 0.0) + minute.seconds / 3600
    did = sum(minute.share * minute.seconds for minute in past)
    scale = shares / did if did > 0 else 0.0
    return Outcome(
        worked_h=worked / 3600,
        share=shares / worked if worked else 0.0,
        full_h=shares / 3600,
        gflop_hours=scale * sum(minute.flops for minute in past) / 3.6e12,
        kwh=scale * sum(minute.joules for minute in past) / 3.6e6,
        held_h=held,
    )
