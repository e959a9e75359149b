"""`hivelet bench rpc`: what a call to another process's expert takes, and what the same work takes in this process."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from statistics import median, quantiles
from typing import Any, NamedTuple

import torch

from core.bench.expert_host import SEED, HostOptions, host_process
from core.bench.settings import like_an_engine
from core.bench.swarm import joined
from core.errors import HiveletError
from core.experts.backend import ExpertBackend, Lesson
from core.experts.deadline import DeadlineConfig
from core.experts.outcome import Call, Kind, Outcome
from core.experts.remote_expert import CallerConfig, ExpertCaller
from net.clock import new_event_loop

_ROUNDS = 5
_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class RpcOptions:
    """batch: rows of one call; calls: of each client; clients: threads of this process that call at once, as an
    engine's trainers do; backward: each call is a forward and a backward request, which trains the expert."""

    host: HostOptions = field(default_factory=HostOptions)
    batch: int = 1
    calls: int = 300
    clients: int = 1
    backward: bool = False


class Round(NamedTuple):
    """Seconds of each call, and samples per second of all clients together."""

    times: list[float]
    rate: float


def run_rpc(options: RpcOptions) -> dict[str, Any]:
    """Measure between two processes, CURVE on. Raises HiveletError when a call fails.

    Remote and local work take turns, in rounds, so that whatever else the computer does falls on both alike;
    rates are medians over the rounds.
    """
    like_an_engine()
    with host_process(options.host) as host, asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(_measure(host.address, options))


async def _measure(address: str, options: RpcOptions) -> dict[str, Any]:
    config = CallerConfig(deadlines=DeadlineConfig(low=_TIMEOUT_S, high=_TIMEOUT_S, first=_TIMEOUT_S))
    uids = list(options.host.grid.uids())
    backends = [ExpertBackend(u, options.host.spec, SEED + i, torch.device("cpu")) for i, u in enumerate(uids)]
    per_round = max(1, options.calls // _ROUNDS)
    async with joined(address, options.host, config) as peer:
        with ThreadPoolExecutor(options.clients, thread_name_prefix="client") as threads:
            workers = [Worker(uids, peer.caller, backends, options, number) for number in range(options.clients)]

            async def together(work: Callable[[Worker, int], list[float]], among: list[Worker]) -> Round:
                loop, began = asyncio.get_running_loop(), time.perf_counter()
                tasks = [loop.run_in_executor(threads, work, worker, per_round) for worker in among]
                times = list(chain(*await asyncio.gather(*tasks)))
                return Round(times, len(times) * options.batch / (time.perf_counter() - began))

            await together(Worker.remote, workers)  # warm up
            await together(Worker.local, workers[:1])
            rounds = [
                (await together(Worker.remote, workers), await together(Worker.local, workers[:1]))
                for _ in range(_ROUNDS)
            ]
    return _report(options, [remote for remote, _ in rounds], [local for _, local in rounds])


def _report(options: RpcOptions, remote: list[Round], local: list[Round]) -> dict[str, Any]:
    times = list(chain(*(each.times for each in remote)))
    tensors = 4 if options.backward else 2  # one each way; a backward call brings gradients and a ticket
    remote_rate, local_rate = median(each.rate for each in remote), median(each.rate for each in local)
    return {
        "expert": options.host.layer,
        "hidden": options.host.hidden,
        "batch": options.batch,
        "backward": options.backward,
        "clients": options.clients,
        "calls": len(times),
        "p50_ms": round(median(times) * 1000, 3),
        "p95_ms": round(quantiles(times, n=20)[-1] * 1000, 3),
        "samples_per_s": round(remote_rate, 1),
        "payload_MB_per_s": round(remote_rate * options.host.hidden * 4 * tensors / 1e6, 1),
        "local_samples_per_s": round(local_rate, 1),
        "remote_over_local": round(remote_rate / local_rate, 3),
    }


class Worker:
    """One client: its rows, and the two ways to have them computed."""

    def __init__(
        self,
        uids: list[str],
        caller: ExpertCaller,
        backends: list[ExpertBackend],
        options: RpcOptions,
        number: int,
    ) -> None:
        self._caller = caller
        self._backends = backends
        self._uids = uids
        self._options = options
        self._next = number
        generator = torch.Generator().manual_seed(number)
        self._x = torch.randn(options.batch, options.host.hidden, generator=generator)
        self._gradients = torch.randn(options.batch, options.host.hidden, generator=generator)

    def remote(self, count: int) -> list[float]:
        """Seconds of each call through the network. Raises HiveletError when one fails."""
        return [self._timed(self._call) for _ in range(count)]

    def local(self, count: int) -> list[float]:
        """Seconds of each call computed here, by this thread."""
        return [self._timed(self._compute) for _ in range(count)]

    def _timed(self, work: Callable[[int], None]) -> float:
        expert = self._next % len(self._uids)
        self._next += 1
        began = time.perf_counter()
        work(expert)
        return time.perf_counter() - began

    def _call(self, expert: int) -> None:
        uid, train = self._uids[expert], self._options.backward
        forward = self._ask(Kind.FORWARD, Call(uid, (self._x,), keep=train))
        if train:
            self._ask(Kind.BACKWARD, Call(uid, (self._x, self._gradients), ticket=forward.ticket))

    def _ask(self, kind: Kind, call: Call) -> Outcome:
        (outcome,) = self._caller.call(kind, [call])
        if not outcome.ok:
            raise HiveletError(f"A call failed: {outcome.text}")
        return outcome

    def _compute(self, expert: int) -> None:
        backend = self._backends[expert]
        if self._options.backward:  # as a loop around a local module would do it: nothing is computed twice
            _, kept = backend.forward_keeping([self._x], [self._options.batch])
            backend.train([Lesson(self._gradients, kept[0])])
        else:
            backend.forward(self._x)
