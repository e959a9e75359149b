"""Whether this engine passes on for peers that cannot be reached. No I/O."""

from core.host.policy import Decision
from core.preferences_file import Preferences

_KEEPS_STILL = frozenset(
    {"paused_by_user", "mode_paused", "on_battery", "battery_low", "too_hot", "metered", "traffic_cap"}
)
"""Reasons to hold work that hold relaying too. Use of the computer does not: peers behind the relay would have to look
for another each time, and a capped line is not felt."""


def relays(preferences: Preferences, decision: Decision) -> bool:
    """Whether the volunteer lets this computer relay now."""
    return preferences.flag("relay_for_others") and not any(r.code in _KEEPS_STILL for r in decision.reasons)
