"""Whoever brings byte after byte and never a whole message is cut off: each by itself, and the worst of many."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from net.clock import VirtualTimeLoop
from net.transport import borrowed, watch
from net.transport.watch import FloodWatch

MB = 1024 * 1024


class Wires:
    """Connections as the system would tell of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.received: dict[int, int | None] = {}
        self.cut: list[int] = []
        monkeypatch.setattr(borrowed, "peer_of", lambda descriptor: f"10.0.0.{descriptor}:1")
        monkeypatch.setattr(borrowed, "bytes_received", lambda descriptor: self.received.get(descriptor))  # noqa: PLW0108 - replaced later
        monkeypatch.setattr(borrowed, "shut", self.shut)

    def shut(self, descriptor: int, peer: str) -> bool:
        assert peer == f"10.0.0.{descriptor}:1"
        self.cut.append(descriptor)
        return True


@pytest.fixture
def wires(monkeypatch: pytest.MonkeyPatch) -> Wires:
    return Wires(monkeypatch)


def run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(scenario())


def test_one_that_never_finishes_is_cut_off_and_one_that_does_is_not(wires: Wires) -> None:
    async def scenario() -> None:
        watched = FloodWatch()
        for descriptor in (1, 2):
            watched.begun(descriptor)
        for step in range(1, 20):
            wires.received = {1: step * 8 * MB, 2: step * 8 * MB}
            watched.delivered(1)
            await asyncio.sleep(watch.EVERY_S)
        assert wires.cut == [2]
        watched.close()

    run(scenario)


def test_of_many_that_stay_below_their_own_bound_the_worst_go(wires: Wires) -> None:
    async def scenario() -> None:
        watched = FloodWatch()
        for descriptor in range(1, 21):
            watched.begun(descriptor)
            wires.received[descriptor] = (5 + descriptor) * MB
        await asyncio.sleep(2 * watch.EVERY_S)
        left = sum(count or 0 for descriptor, count in wires.received.items() if descriptor not in wires.cut)
        assert wires.cut == [20, 19, 18]
        assert left <= watch.ALL_UNFINISHED_BYTES
        watched.close()

    run(scenario)


def test_a_bound_of_its_own_and_connections_that_end_or_cannot_be_seen(wires: Wires) -> None:
    async def scenario() -> None:
        watched = FloodWatch(1000)
        for descriptor in (1, 2, 3):
            watched.begun(descriptor)
        wires.received = {1: 1001, 2: None, 3: 5000}
        watched.ended(3)
        await asyncio.sleep(2 * watch.EVERY_S)
        assert wires.cut == [1]
        watched.close()

    run(scenario)
