"""Virtual time for what waits, one thread for what computes."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
import torch

from net.clock import LoopClock, VirtualTimeLoop
from tests.support.expert_swarm import Swarm


@pytest.fixture(autouse=True, scope="package")
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def in_virtual_time() -> Callable[[Callable[[Swarm], Coroutine[Any, Any, None]]], None]:
    """Runs a scenario over a fake swarm whose time jumps to the next timer."""

    def run(scenario: Callable[[Swarm], Coroutine[Any, Any, None]]) -> None:
        async def start() -> None:
            await scenario(Swarm(LoopClock(asyncio.get_running_loop())))

        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(start())

    return run
