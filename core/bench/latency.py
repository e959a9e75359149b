"""`hivelet bench latency`: does training slow down when every question and its answer take longer on the way?

The delay is made by `core.bench.line` between the two processes: each connection's bytes arrive later, half of the
delay in each direction. What hides it is batches in flight: while one waits, others compute.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from core.bench.expert_host import HostOptions, HostProcess, host_process
from core.bench.line import LineSpec, TcpLine
from core.bench.settings import like_an_engine
from core.bench.swarm import joined
from core.bench.training import TrainingOptions, patient, steps_per_s
from net.clock import new_event_loop

_MOST_IN_FLIGHT = 64
_ENOUGH = 0.97
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class LatencyOptions:
    """delays_ms: added to each round trip; the first is what the others are compared with."""

    host: HostOptions
    training: TrainingOptions
    delays_ms: Sequence[float] = (0.0, 50.0, 100.0, 200.0)
    seconds: float = 3.0


def run_latency(options: LatencyOptions) -> dict[str, Any]:
    """For each delay the throughput, and how many batches in flight it took to reach that of the first again."""
    like_an_engine()
    rows: list[dict[str, Any]] = []
    with host_process(options.host) as host, asyncio.Runner(loop_factory=new_event_loop) as runner:
        for delay in options.delays_ms:
            target = rows[0]["samples_per_s"] if rows else float("inf")
            rows.append(runner.run(_row(host, options, delay, target)))
    first = rows[0]["samples_per_s"]
    return {
        "experts": options.host.experts,
        "hidden": options.host.hidden,
        "batch": options.training.batch,
        "k": options.training.k,
        "rows": [{**row, "of_first": round(row["samples_per_s"] / first, 3)} for row in rows],
    }


async def _row(host: HostProcess, options: LatencyOptions, delay_ms: float, target: float) -> dict[str, Any]:
    """Doubles the batches in flight until the target is reached or more of them bring nothing."""
    with TcpLine(LineSpec(delay_s=delay_ms / 1000)) as line:
        async with joined(host.address, options.host, patient(), line) as peer:
            best, best_in_flight, in_flight = 0.0, 1, 1
            while in_flight <= _MOST_IN_FLIGHT:
                training = replace(options.training, in_flight=in_flight)
                warm_up = 1.0 + 4 * delay_ms / 1000
                rate = median(
                    [
                        await steps_per_s(
                            peer,
                            options.host.grid,
                            options.host.hidden,
                            training,
                            seconds=options.seconds / _ROUNDS,
                            warm_up_s=warm_up if not number else 0.2,
                        )
                        for number in range(_ROUNDS)
                    ]
                )
                rate *= options.training.batch
                gained = rate > best * 1.02
                if rate > best:
                    best, best_in_flight = rate, in_flight
                if best >= _ENOUGH * target or (not gained and in_flight >= 4 * best_in_flight):
                    break
                in_flight *= 2
    return {"delay_ms": delay_ms, "samples_per_s": round(best, 1), "in_flight": best_in_flight}
