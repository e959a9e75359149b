"""`hivelet bench load`: small questions while tensors fill the line both ways, and how exactly a cap is kept."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

import torch

from core.bench.expert_host import PROJECT, HostOptions, host_process
from core.bench.settings import like_an_engine
from core.bench.swarm import Joined, joined
from core.tensors.codec import encode
from net.clock import new_event_loop
from net.errors import DeadlineExceeded
from net.wire.messages import ExpertCall, ExpertForward, Ping

_HOST = HostOptions("nop", hidden=1024, experts=1)
_LARGE_ROWS, _SMALL_ROWS = 2048, 256  # 8 MB, and 1 MB where a cap makes the larger ones take too long
_CALLS_AT_ONCE = 4
_TIMEOUT_S = 60.0
_BETWEEN_S = 0.005
_SETTLE_S = 1.0  # the first chunks of each call come unasked
_SLICES = 10


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """seconds: of each measurement; cap: bytes a second that this process may send, then receive; None: no caps."""

    seconds: float = 5.0
    cap: float | None = None


def run_load(options: LoadOptions) -> dict[str, Any]:
    """Measure between two processes, CURVE on. Raises HiveletError when the other one does not start."""
    like_an_engine()
    with host_process(_HOST) as host, asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(_measure(host.address, options))


async def _measure(address: str, options: LoadOptions) -> dict[str, Any]:
    async with joined(address, _HOST) as peer:
        if options.cap is not None:
            up = await _capped(peer, options.cap, None, options.seconds)
            down = await _capped(peer, None, options.cap, options.seconds)
            found: dict[str, Any] = {"cap_MB_per_s": options.cap / 1e6}
            return found | {f"up_{k}": v for k, v in up.items()} | {f"down_{k}": v for k, v in down.items()}
        idle = await _questions(peer, options.seconds / 2)
        async with _flood(peer, _LARGE_ROWS):
            await _questions(peer, _SETTLE_S)
            before, began = peer.node.passed, time.perf_counter()
            loaded = await _questions(peer, options.seconds)
            took = time.perf_counter() - began
        sent, received = (after - early for after, early in zip(peer.node.passed, before, strict=True))
    return {
        "idle_p50_ms": _ms(median(idle)),
        "idle_p95_ms": _ms(_p95(idle)),
        "loaded_p50_ms": _ms(median(loaded)),
        "loaded_p95_ms": _ms(_p95(loaded)),
        "loaded_max_ms": _ms(max(loaded)),
        "questions": len(loaded),
        "sent_MB_per_s": round(sent / took / 1e6, 1),
        "received_MB_per_s": round(received / took / 1e6, 1),
    }


async def _capped(peer: Joined, up: float | None, down: float | None, seconds: float) -> dict[str, Any]:
    """What passed in the capped direction while as much was asked for as would pass, and the questions beside it."""
    rates: list[float] = []
    questions: list[float] = []
    direction = 0 if up is not None else 1
    async with _flood(peer, _SMALL_ROWS):
        peer.node.set_rates(up, down)
        await _questions(peer, _SETTLE_S)
        first, began = peer.node.passed[direction], time.perf_counter()
        for _ in range(_SLICES):
            before, at = peer.node.passed[direction], time.perf_counter()
            questions += await _questions(peer, seconds / _SLICES)
            rates.append((peer.node.passed[direction] - before) / (time.perf_counter() - at))
        rate = (peer.node.passed[direction] - first) / (time.perf_counter() - began)
        peer.node.set_rates(None, None)
    return {
        "MB_per_s": round(rate / 1e6, 3),
        "of_cap": round(rate / (up or down or 1.0), 4),
        "slowest_tenth_MB_per_s": round(min(rates) / 1e6, 3),
        "fastest_tenth_MB_per_s": round(max(rates) / 1e6, 3),
        "question_p95_ms": _ms(_p95(questions)),
    }


@asynccontextmanager
async def _flood(peer: Joined, rows: int) -> AsyncIterator[None]:
    """Keep the bulk plane full in both directions meanwhile: the expert returns what it is given."""
    header, buffer = encode(torch.randn(rows, _HOST.hidden))
    request = ExpertForward(PROJECT, (ExpertCall(_HOST.uids[0], (header,)),))

    async def call() -> None:
        while True:
            await peer.node.rpc.call(peer.host, request, [buffer], timeout=_TIMEOUT_S)

    tasks = [asyncio.create_task(call()) for _ in range(_CALLS_AT_ONCE)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(result, asyncio.CancelledError):
                raise result if isinstance(result, BaseException) else AssertionError("the flood never ends")


async def _questions(peer: Joined, seconds: float) -> list[float]:
    """Round trips of small questions on the control plane, one after another, in seconds."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        try:
            await peer.node.rpc.call(peer.host, Ping(), timeout=_TIMEOUT_S)
        except DeadlineExceeded:  # as bad as it can be, but a figure
            times.append(_TIMEOUT_S)
        else:
            times.append(time.perf_counter() - began)
        await asyncio.sleep(_BETWEEN_S)
    return times


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
