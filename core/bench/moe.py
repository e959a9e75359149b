"""`hivelet bench moe`: training steps through a mixture, one process that trains and one that hosts."""

import asyncio
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import psutil
import torch

from core.bench.expert_host import HostOptions, HostProcess, host_process
from core.bench.settings import like_an_engine
from core.bench.swarm import Joined, joined
from core.bench.training import TrainingOptions, patient, steps_per_s
from core.experts.outcome import Call, Kind
from net.clock import new_event_loop

_ROUNDS = 3
_AT_ONCE = 1024  # experts


@dataclass(frozen=True, slots=True)
class MoeOptions:
    """host: the experts and their grid; seconds: that one round of measuring takes."""

    host: HostOptions
    training: TrainingOptions = field(default_factory=TrainingOptions)
    seconds: float = 3.0


def run_moe(options: MoeOptions) -> dict[str, Any]:
    """Measure; rates are medians over rounds. Raises HiveletError when an expert does not answer."""
    like_an_engine()
    with host_process(options.host) as host, asyncio.Runner(loop_factory=new_event_loop) as runner:
        trained, rates = runner.run(_measure(host, options))
        processes, pss = _size_of(host.pid)
    rate = median(rates)
    return {
        "experts": options.host.experts,
        "experts_trained": trained,
        "grid": list(options.host.grid.dims),
        "hidden": options.host.hidden,
        "batch": options.training.batch,
        "k": options.training.k,
        "in_flight": options.training.in_flight,
        "steps_per_s": round(rate, 2),
        "samples_per_s": round(rate * options.training.batch, 1),
        "host_processes": processes,
        "host_pss_MB": round(pss / 1e6, 1),
        "host_start_s": round(host.start_s, 2),
    }


async def _measure(host: HostProcess, options: MoeOptions) -> tuple[int, list[float]]:
    async with joined(host.address, options.host, patient()) as peer:
        grid, hidden = options.host.grid, options.host.hidden
        trained = await asyncio.to_thread(_train_each, peer, options.host)
        return trained, [
            await steps_per_s(peer, grid, hidden, options.training, seconds=options.seconds) for _ in range(_ROUNDS)
        ]


def _train_each(peer: Joined, host: HostOptions) -> int:
    """Train every expert on one row, so that each has the moments that count as the host's memory, also those that the
    gate will never choose. Returns how many learned."""
    row = torch.ones(1, host.hidden)
    outcomes = [
        outcome
        for first in range(0, host.experts, _AT_ONCE)
        for outcome in peer.caller.call(
            Kind.BACKWARD, [Call(uid, (row, row)) for uid in host.uids[first : first + _AT_ONCE]]
        )
    ]
    return sum(outcome.ok for outcome in outcomes)


def _size_of(pid: int) -> tuple[int, int]:
    """Processes of the host, and the main memory that they take: shared pages in part, where the system tells."""
    root = psutil.Process(pid)
    family = [root, *root.children(recursive=True)]
    total = 0
    for process in family:
        memory = process.memory_full_info()
        total += int(getattr(memory, "pss", memory.rss))
    return len(family), total
