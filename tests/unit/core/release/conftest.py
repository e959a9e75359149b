"""Scenarios with a swarm that believes one publisher, in virtual time."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from net.clock import VirtualTimeLoop
from tests.support.release_swarm import ReleaseSwarm


@pytest.fixture
def in_swarm() -> Callable[[Callable[[ReleaseSwarm], Coroutine[Any, Any, None]]], None]:
    """Runs a scenario with a swarm, in virtual time."""

    def run(scenario: Callable[[ReleaseSwarm], Coroutine[Any, Any, None]]) -> None:
        async def whole() -> None:
            swarm = ReleaseSwarm()
            try:
                await scenario(swarm)
            finally:
                await swarm.close()

        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(whole())

    return run
