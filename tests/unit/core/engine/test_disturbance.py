"""Experts that are slow or fail on purpose."""

import asyncio
import random
from typing import Any

import pytest

from core.engine.disturbance import DisturbedRpc
from net.clock import VirtualTimeLoop
from net.errors import RemoteError
from net.wire.messages import ExpertForward, ExpertResults, Ping, Pong


class Handlers:
    """An Rpc that only remembers its handlers."""

    def __init__(self) -> None:
        self.of: dict[type, Any] = {}

    async def call(self, *arguments: Any, timeout: float) -> str:
        return "called"

    def handle(self, request_type: type, handler: Any) -> None:
        self.of[request_type] = handler


async def forward(caller: Any, request: Any, payload: Any) -> ExpertResults:
    return ExpertResults(())


async def pong(caller: Any, request: Any, payload: Any) -> Pong:
    return Pong(1.0)


def run(scenario: Any) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(scenario)


def test_experts_answer_later_and_nothing_else_does() -> None:
    async def scenario() -> None:
        inner, loop = Handlers(), asyncio.get_running_loop()
        rpc = DisturbedRpc(inner, 0.25, 0.0, random.Random(1))
        rpc.handle(ExpertForward, forward)
        rpc.handle(Ping, pong)
        assert await inner.of[Ping](None, Ping(), ()) == Pong(1.0)
        assert loop.time() == 0.0
        assert await inner.of[ExpertForward](None, ExpertForward(bytes(32), ()), ()) == ExpertResults(())
        assert loop.time() == 0.25
        assert await rpc.call(None, Ping(), timeout=1.0) == "called"

    run(scenario())


def test_the_wanted_share_of_requests_fails() -> None:
    async def scenario() -> None:
        inner = Handlers()
        DisturbedRpc(inner, 0.0, 0.3, random.Random(1)).handle(ExpertForward, forward)
        failed = 0
        for _ in range(1000):
            try:
                await inner.of[ExpertForward](None, ExpertForward(bytes(32), ()), ())
            except RemoteError as error:
                failed += "on purpose" in str(error)
        assert failed == pytest.approx(300, abs=60)

    run(scenario())
