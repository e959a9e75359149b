"""A trainer: several batches in flight, each in a thread of its own, over one shared trunk.

A batch spends most of its time waiting for experts on other computers; with several under way the processor stays
busy. A thread copies the trunk into its replica, runs forward and backward there, and gives the gradient to the trunk,
which steps at once: gradients are a few steps old, as they are at the experts.

One sample is one row of the task: a byte position of a text, or an image.
"""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import nn

from core.errors import UsageError
from core.host.torch_setup import begin_thread, follow_threads
from core.projects.manifest import Manifest
from core.training.data import Batch, Dataset
from core.training.evaluation import Evaluation, evaluate
from core.training.generation import Token, generate, stream
from core.training.interrupt import InterruptedBatchError, interruptible
from core.training.model import MixtureFactory, build_model
from core.training.trunk import FlatModule, Trunk

log = logging.getLogger("hivelet.trainer")

OnStep = Callable[[int, float, int], None]
"""Called after every step, in a trainer's thread, with (step, loss in nats, samples of the batch)."""

GATE_WAIT_S = 0.25
RATE_WINDOW_S = 10.0
LOSS_WINDOW = 20
PROBLEM_LOG_S = 10.0


class Gate(Protocol):
    """Asked before every batch (`core.host.budget.BudgetGate`)."""

    @property
    def paused(self) -> bool:
        """Whether nothing may be computed at all: batches under way are given up."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for permission for at most `timeout` seconds; False when there is none, or never will be."""
        ...


@dataclass(frozen=True, slots=True)
class TrainerConfig:
    """batch: sequences or images; in_flight: batches under way at any time; balance: weight of the gates' balance
    loss; seed: of this trainer's choice of data, different in every peer; back-off after a failed batch in seconds."""

    batch: int
    in_flight: int = 2
    balance: float = 0.0
    seed: int = 0
    first_back_off_s: float = 0.2
    longest_back_off_s: float = 5.0

    @classmethod
    def of(cls, manifest: Manifest, *, seed: int, lanes: int = 1) -> "TrainerConfig":
        """As the project wants it. lanes: batches that the processor computes at a time; one more is under way, so
        that none of them stands idle while others wait for experts."""
        spec = manifest.trainer
        return cls(spec.batch, max(spec.in_flight, lanes + 1 if lanes > 1 else 1), spec.balance, seed)


@dataclass(frozen=True, slots=True)
class TrainerStats:
    """step: batches that this trainer has learned from; loss: mean of the last ones in nats, None before the first;
    samples_per_s: over the last seconds; in_flight: batches under way; skipped: batches with numbers that were not
    finite; errors: batches that failed; problem: the last error in one sentence."""

    step: int = 0
    loss: float | None = None
    samples_per_s: float = 0.0
    in_flight: int = 0
    skipped: int = 0
    errors: int = 0
    problem: str = ""


class Trainer:
    """Trains one project's trunk, and through its mixtures the experts. Every method may be called from any thread,
    but not from the event loop that answers for the experts: `stop`, `evaluate` and `generate` wait.

    gate: asked before every batch. on_step may be set before `start`.
    """

    def __init__(
        self,
        manifest: Manifest,
        mixture_for: MixtureFactory,
        dataset: Dataset,
        gate: Gate,
        config: TrainerConfig,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.trunk = Trunk(build_model(manifest, mixture_for), manifest.trainer)
        self.on_step: OnStep | None = None
        self._manifest = manifest
        self._dataset = dataset
        self._gate = gate
        self._config = config
        self._clock = clock
        self._lock = threading.Lock()
        self._free = threading.Condition(self._lock)
        self._measuring = 0
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._replicas: dict[int, FlatModule] = {}  # by the number of the thread that alone uses it
        self._step = self._skipped = self._errors = self._in_flight = 0
        self._problem = ""
        self._problem_told = -math.inf
        self._losses: deque[float] = deque(maxlen=LOSS_WINDOW)
        self._rate: deque[tuple[float, int]] = deque()
        self._started = 0.0

    def start(self) -> None:
        """Begin. Starting twice, or after `stop`, is a RuntimeError."""
        if self._threads or self._stopping.is_set():
            raise RuntimeError("A trainer starts once.")
        self._started = self._clock()
        self._threads = [
            # Daemons: a thread that waits for an expert when the engine leaves must not hold it back.
            threading.Thread(target=self._work, args=(number,), name=f"trainer-{number}", daemon=True)
            for number in range(self._config.in_flight)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 2.0) -> bool:
        """Stop after the batches under way, but wait at most `timeout` seconds; what a late batch brings is dropped.

        Returns whether all threads have ended. Safe to call again, and before `start`.
        """
        self._stopping.set()
        with self._free:
            self._free.notify_all()
        until = self._clock() + timeout
        for thread in self._threads:
            thread.join(max(0.0, until - self._clock()))
        return not any(thread.is_alive() for thread in self._threads)

    def stats(self) -> TrainerStats:
        """How it goes."""
        with self._lock:
            now = self._clock()
            while self._rate and self._rate[0][0] < now - RATE_WINDOW_S:
                self._rate.popleft()
            span = min(RATE_WINDOW_S, now - self._started)
            return TrainerStats(
                step=self._step,
                loss=sum(self._losses) / len(self._losses) if self._losses else None,
                samples_per_s=sum(samples for _, samples in self._rate) / span if span > 0 else 0.0,
                in_flight=self._in_flight,
                skipped=self._skipped,
                errors=self._errors,
                problem=self._problem,
            )

    def evaluate(self, timeout: float = 20.0, gate: Gate | None = None) -> Evaluation:
        """Measure the model on held-out data, for about `timeout` seconds at most; own batches hold meanwhile.

        gate: asked before each of its batches, so that measuring, too, keeps to the budget. Raises DataError,
        ExpertError.
        """
        with self._measure() as model:
            may_go_on = gate.wait if gate else lambda _: True
            return evaluate(model, self._dataset, self._manifest.metric, timeout, may_go_on=may_go_on)

    def generate(self, prompt: str, length: int, timeout: float = 20.0) -> str:
        """Continue a text by up to `length` bytes. Raises UsageError when the project's model writes no text."""
        if self._manifest.task != "text":
            raise UsageError(f"The project {self._manifest.name} writes no text; only text projects generate.")
        with self._measure() as model:
            context = self._manifest.model.context
            return generate(model, prompt, length, context=context, timeout=timeout, seed=self._step)

    def stream(self, prompt: str, length: int, timeout: float = 60.0) -> Generator[Token]:
        """The same byte by byte, each with the experts that it went through. Raises UsageError."""
        if self._manifest.task != "text":
            raise UsageError(f"The project {self._manifest.name} writes no text; only text projects generate.")
        with self._measure() as model:
            context = self._manifest.model.context
            yield from stream(model, prompt, length, context=context, timeout=timeout, seed=self._step)

    @contextmanager
    def _measure(self) -> Iterator[nn.Module]:
        """A copy of the model as it is now; no new batch begins while it is in use."""
        with self._lock:
            self._measuring += 1
        try:
            yield self.trunk.replica().module
        finally:
            with self._free:
                self._measuring -= 1
                self._free.notify_all()

    # --- in a trainer's thread ------------------------------------------------------------------------------

    def _work(self, number: int) -> None:
        begin_thread()
        rng = np.random.default_rng((self._config.seed, number))
        back_off = self._config.first_back_off_s
        while self._may_begin(number):
            try:
                if number not in self._replicas:
                    self._replicas[number] = self._replica()
                self._train(self._replicas[number], rng)
                back_off = self._config.first_back_off_s
            except InterruptedBatchError:
                continue
            except Exception as error:  # noqa: BLE001
                # Whatever fails, a volunteer's trainer must not end silently: it says so, waits, and goes on.
                self._replicas.pop(number, None)
                self._report(error)
                self._stopping.wait(back_off)
                back_off = min(2 * back_off, self._config.longest_back_off_s)

    def _replica(self) -> FlatModule:
        made = self.trunk.replica()
        interruptible(made.module, lambda: self._gate.paused)
        return made

    def _may_begin(self, number: int) -> bool:
        """Wait until the next batch may begin; False when there will be none."""
        while not self._stopping.is_set():
            if self._gate.paused:
                self._replicas.pop(number, None)  # a pause may be long: its memory goes back meanwhile
            with self._free:
                if self._measuring and not self._stopping.is_set():
                    self._free.wait(GATE_WAIT_S)
                    continue
            if self._gate.wait(GATE_WAIT_S) and not self._measuring:
                return not self._stopping.is_set()
        return False

    def _train(self, replica: FlatModule, rng: np.random.Generator) -> None:
        with self._lock:
            self._in_flight += 1
        try:
            follow_threads()
            batch = self._dataset.batch(self._config.batch, rng)
            self.trunk.refresh(replica)
            loss, gradient = self._loss_and_gradient(replica, batch)
            if self._stopping.is_set():
                return
            learned = gradient is not None and self.trunk.apply(gradient)
        finally:
            with self._lock:
                self._in_flight -= 1
        self._count(loss, batch.samples, learned)

    def _loss_and_gradient(self, replica: FlatModule, batch: Batch) -> tuple[float, torch.Tensor | None]:
        """The batch's loss, and the gradient of all parameters; None when the loss is not finite, as experts then
        must not be asked to learn from it."""
        logits = replica.module(batch.inputs).flatten(0, -2)
        loss = nn.functional.cross_entropy(logits, batch.targets.flatten())
        value = float(loss.detach())
        if not math.isfinite(value):
            return value, None
        if self._config.balance:
            loss = loss + self._config.balance * _balance_loss(replica.module)
        return value, replica.flatten(torch.autograd.grad(loss, replica.parameters, allow_unused=True))

    def _count(self, loss: float, samples: int, learned: bool) -> None:
        with self._lock:
            if not learned:
                self._skipped += 1
                return
            self._step += 1
            step = self._step
            self._losses.append(loss)
            self._rate.append((self._clock(), samples))
        if self.on_step is not None:
            self.on_step(step, loss, samples)

    def _report(self, error: Exception) -> None:
        with self._lock:
            self._errors += 1
            self._problem = f"A batch failed: {error}"
            now = self._clock()
            if now < self._problem_told + PROBLEM_LOG_S:
                return
            self._problem_told = now
        log.warning("A batch failed; training goes on.", exc_info=error)


def _balance_loss(model: nn.Module) -> torch.Tensor | float:
    """Sum over all mixtures of their last forward's balance loss; 0 where there is none."""
    losses = (getattr(module, "balance_loss", None) for module in model.modules())
    return sum((loss for loss in losses if isinstance(loss, torch.Tensor)), start=torch.zeros(()))
