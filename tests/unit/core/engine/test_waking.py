"""After a sleep the network and the project begin anew, before anything is decided; otherwise they are let be."""

from types import SimpleNamespace
from typing import Any

import pytest

from core.engine.driver import Engine
from core.host.standstill import Standstill


@pytest.mark.parametrize("loaded", [True, False], ids=["loaded", "still loading"])
@pytest.mark.parametrize("slept", [None, Standstill("slept", 3600.0)], ids=["awake", "slept"])
def test_a_sleep_reaches_every_part_once(slept: Standstill | None, loaded: bool) -> None:
    told: list[str] = []

    class Enough(Exception):  # noqa: N818 - what the tick does afterwards is not asked here
        pass

    def decide() -> None:
        told.append("decide")
        raise Enough

    part = {name: SimpleNamespace(woke=lambda name=name: told.append(name)) for name in ("node", "work")}
    engine: Any = SimpleNamespace(
        surroundings=SimpleNamespace(woke=lambda: slept),
        node=part["node"] if loaded else None,
        work=part["work"] if loaded else None,
        _decide=decide,
        _wake=lambda standstill: Engine._wake(engine, standstill),
    )
    with pytest.raises(Enough):
        Engine._tick(engine)
    assert told == ([] if slept is None or not loaded else ["node", "work"]) + ["decide"]
