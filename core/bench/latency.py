"""`hivelet bench latency`: does training slow down when every question and its answer take longer on the way?

The delay is made by `core.bench.line` between the two processes: each connection's bytes arrive later, half of the
delay in each direction. What hides it is batches in flight: while one waits, others compute. How many it takes is
searched for each delay first; then all delays are measured in turn, several times, so that whatever else the computer
does falls on all of them alike.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from core.bench.expert_host import HostOptions, HostProcess, host_process
from core.bench.line import LineSpec, TcpLine
from core.bench.settings import like_an_engine
from core.bench.swarm import Joined, joined
from core.bench.training import TrainingOptions, patient, steps_per_s
from core.errors import HiveletError
from net.clock import new_event_loop

_IN_FLIGHT = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
_ENOUGH = 0.97
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class LatencyOptions:
    """delays_ms: added to each round trip; the first is what the others are compared with. seconds: of one round."""

    host: HostOptions
    training: TrainingOptions
    delays_ms: Sequence[float] = (0.0, 50.0, 100.0, 200.0)
    seconds: float = 2.0


def run_latency(options: LatencyOptions) -> dict[str, Any]:
    """For each delay the throughput, and the batches in flight that it took. Rates are medians over rounds."""
    like_an_engine()
    with host_process(options.host) as host, asyncio.Runner(loop_factory=new_event_loop) as runner:
        rows = runner.run(_measure(host, options))
    first = rows[0]["samples_per_s"]
    return {
        "experts": options.host.experts,
        "hidden": options.host.hidden,
        "batch": options.training.batch,
        "k": options.training.k,
        "tickets_MB": options.host.tickets_mb,
        "rows": [{**row, "of_first": round(row["samples_per_s"] / first, 3)} for row in rows],
    }


async def _measure(host: HostProcess, options: LatencyOptions) -> list[dict[str, Any]]:
    async with contextlib.AsyncExitStack() as stack:
        peers = []
        for delay_ms in options.delays_ms:
            line = stack.enter_context(TcpLine(LineSpec(delay_s=delay_ms / 1000)))
            peers.append(await stack.enter_async_context(joined(host.address, options.host, patient(), line)))
        pairs = zip(peers, options.delays_ms, strict=True)
        in_flight = [await _search(peer, options, delay_ms) for peer, delay_ms in pairs]
        rates: list[list[float]] = [[] for _ in peers]
        for _ in range(_ROUNDS):
            for number, peer in enumerate(peers):
                delay_ms = options.delays_ms[number]
                rates[number].append(await _rate(peer, options, delay_ms, in_flight[number]))
    return [
        {"delay_ms": delay_ms, "samples_per_s": round(median(own), 1), "in_flight": count}
        for delay_ms, own, count in zip(options.delays_ms, rates, in_flight, strict=True)
    ]


async def _search(peer: Joined, options: LatencyOptions, delay_ms: float) -> int:
    """The fewest batches in flight that bring nearly what more of them do."""
    rates: dict[int, float] = {}
    for in_flight in _IN_FLIGHT:
        try:
            rates[in_flight] = await _rate(peer, options, delay_ms, in_flight)
        except HiveletError:
            if not rates:
                raise
            break  # more than the host accepts
        if in_flight >= 4 * max(rates, key=lambda count: rates[count]):
            break
    best = max(rates.values())
    return next(count for count, rate in rates.items() if rate >= _ENOUGH * best)


async def _rate(peer: Joined, options: LatencyOptions, delay_ms: float, in_flight: int) -> float:
    """Samples per second."""
    training = replace(options.training, in_flight=in_flight)
    grid, hidden, warm_up = options.host.grid, options.host.hidden, 0.5 + 4 * delay_ms / 1000
    rate = await steps_per_s(peer, grid, hidden, training, seconds=options.seconds, warm_up_s=warm_up)
    return rate * options.training.batch
