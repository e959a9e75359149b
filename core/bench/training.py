"""Training a mixture over another process's experts: the work that several measurements time."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import nn

from core.bench.swarm import Joined
from core.errors import HiveletError
from core.experts.deadline import DeadlineConfig
from core.experts.line import WireEncoding
from core.experts.remote_expert import CallerConfig
from core.experts.uid import Grid
from core.moe.asking import AskingConfig
from core.moe.dispatch import Patience
from core.moe.mixture import RemoteMixtureOfExperts

_CLASSES = 2
_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """batch: samples of a step; k: experts of a sample; in_flight: batches under way at any time."""

    batch: int = 32
    k: int = 4
    in_flight: int = 1


def patient(encoding: str = "none") -> CallerConfig:
    """A caller that waits for everybody: a measurement must not gain from answers that it gave up."""
    return CallerConfig(WireEncoding.of(encoding), deadlines=DeadlineConfig(low=_WAIT_S, high=_WAIT_S, first=_WAIT_S))


class Model(nn.Module):
    """A mixture of remote experts and a linear head that tells two classes apart."""

    def __init__(self, peer: Joined, grid: Grid, hidden: int, k: int) -> None:
        super().__init__()
        every = Patience(k_min=k, grace_s=_WAIT_S)
        config = AskingConfig(k_best=k, spare=0, forward=every, backward=every)
        self.mixture = RemoteMixtureOfExperts(
            in_features=hidden, grid=grid, caller=peer.caller, directory=peer.directory, config=config
        )
        self.head = nn.Linear(hidden, _CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[N, hidden] -> [N, 2]."""
        return self.head(x + self.mixture(x))  # type: ignore[no-any-return]


async def steps_per_s(
    peer: Joined, grid: Grid, hidden: int, options: TrainingOptions, *, seconds: float, warm_up_s: float = 1.0
) -> float:
    """Training steps a second over `seconds`: forward, backward, the experts' own steps and SGD on the rest.

    `in_flight` threads train copies of one model. Raises HiveletError when an expert does not answer.
    """
    torch.manual_seed(0)
    model = Model(peer, grid, hidden, options.k)
    done, stop = _Counter(), threading.Event()
    failed_before = peer.caller.rpc_failures
    loop, pool = asyncio.get_running_loop(), ThreadPoolExecutor(options.in_flight, thread_name_prefix="trainer")
    threads = [
        loop.run_in_executor(pool, _train, deepcopy(model), hidden, options, seed, done, stop)
        for seed in range(options.in_flight)
    ]
    try:
        await _sleep(warm_up_s, threads)
        began, before = time.perf_counter(), done.count
        await _sleep(seconds, threads)
        rate = (done.count - before) / (time.perf_counter() - began)
    finally:
        stop.set()
        await asyncio.gather(*threads, return_exceptions=True)
        pool.shutdown()
    failed = peer.caller.rpc_failures - failed_before
    if failed:
        raise HiveletError(f"{failed} calls brought no answer; the figures would mean nothing.")
    return rate


async def _sleep(seconds: float, threads: "list[asyncio.Future[None]]") -> None:
    """Let them train; if one fails, so does the measurement."""
    ended, _ = await asyncio.wait(threads, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for each in ended:
        each.result()


class _Counter:
    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    def add(self) -> None:
        with self._lock:
            self.count += 1


def _train(
    model: Model, hidden: int, options: TrainingOptions, seed: int, done: _Counter, stop: threading.Event
) -> None:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(options.batch, hidden, generator=generator)
    target = torch.randint(0, _CLASSES, (options.batch,), generator=generator)
    parameters = list(model.parameters())
    while not stop.is_set():
        with torch.enable_grad():
            loss = nn.functional.cross_entropy(model(x), target)
            if model.mixture.passed.any():
                raise HiveletError("Some samples were answered by no expert; the figures would mean nothing.")
            gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.sub_(gradient, alpha=0.01)
        done.add()
