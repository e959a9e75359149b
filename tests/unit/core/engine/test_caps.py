"""The network keeps to what the volunteer allows."""

from types import SimpleNamespace
from typing import Any

import pytest

from core.engine.driver import Engine
from core.preferences_file import Preferences


@pytest.mark.parametrize(
    ("values", "rates"),
    [
        ({}, (None, None)),
        ({"upload_limit": 2.0}, (2e6, None)),
        ({"upload_limit": 0.5, "download_limit": 1.25}, (0.5e6, 1.25e6)),
    ],
)
def test_limits_are_megabytes_a_second_and_0_is_none(values: dict[str, Any], rates: tuple[Any, Any]) -> None:
    preferences = Preferences()
    preferences.update(values)
    told: list[Any] = []
    node: Any = SimpleNamespace(set_rates=lambda up, down: told.append((up, down)), allow=lambda **_: None)
    engine: Any = SimpleNamespace(preferences=preferences)
    Engine._cap(engine, node)
    assert told == [rates]
