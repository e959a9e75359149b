"""When an engine relays for others."""

from typing import Any

import pytest

from core.control.snapshot import Reason
from core.engine.relaying import relays
from core.host.policy import Decision
from core.preferences_file import Preferences


def decision(*codes: str) -> Any:
    held = Decision.__new__(Decision)
    object.__setattr__(held, "reasons", tuple(Reason(code, "why") for code in codes))
    return held


def test_it_is_on_until_switched_off() -> None:
    preferences = Preferences()
    assert relays(preferences, decision())
    preferences.update({"relay_for_others": False})
    assert not relays(preferences, decision())


@pytest.mark.parametrize("code", ["paused_by_user", "metered", "traffic_cap", "on_battery"])
def test_guards_of_the_line_and_pauses_hold_it(code: str) -> None:
    assert not relays(Preferences(), decision("in_use", code))


def test_use_of_the_computer_does_not() -> None:
    assert relays(Preferences(), decision("in_use", "fullscreen"))
