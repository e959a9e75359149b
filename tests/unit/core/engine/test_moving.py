"""Experts follow a new plan to other devices: here, a volunteer who no longer lends the graphics card."""

import asyncio
from types import SimpleNamespace

import torch

from core.engine.work import ProjectWork
from core.experts.runtime import OpenGate
from core.experts.service import ExpertHost
from core.experts.spec import ExpertSpec
from core.host.capacity import plan_experts
from core.host.devices import DeviceInfo
from core.host.hardware import Hardware
from core.preferences_file import Preferences
from net.clock import SystemClock
from tests.support.expert_swarm import PROJECT, Swarm

GB = 10**9
SPEC = ExpertSpec("ffn", 4, 8)
HARDWARE = Hardware("Chip", 4, 16 * GB, 10 * GB, (DeviceInfo("cuda:0", "Card", 8 * GB, 7 * GB),))


async def test_experts_leave_a_card_that_may_not_be_used_any_more() -> None:
    host = ExpertHost(
        Swarm(SystemClock()).peer().rpc,
        PROJECT,
        ["cpu", "cuda:0"],
        OpenGate(),
        lambda *work: None,
        SystemClock(),
        place=lambda _: torch.device("cpu"),
    )
    work = ProjectWork.__new__(ProjectWork)
    work.host, work._tasks, allowed = host, [], []
    work.claims = SimpleNamespace(allow=lambda count, compare: allowed.append(count))
    work._training, work._may_train = SimpleNamespace(allow=lambda train: None), asyncio.Event()

    def follow(**preferences) -> None:
        work.follow(plan_experts(HARDWARE, {"cuda:0": 1e4}, Preferences(preferences), [(SPEC, 2)]), train=False)

    follow()
    for number in range(2):
        host.add(f"ffn.{number}", SPEC, number, device=work._device_with_room())
    assert {host.device_of(uid) for uid in host.uids} == {"cuda:0"}
    states = [host.state(uid) for uid in host.uids]
    follow(use_gpu=False)
    await asyncio.gather(*work._tasks)
    assert {host.device_of(uid) for uid in host.uids} == {"cpu"}
    assert [host.state(uid) for uid in host.uids] == states
    assert allowed == [2, 2]
    follow(use_gpu=False)  # nothing left to do
    assert len(work._tasks) == 1
