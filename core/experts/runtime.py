"""One thread a device that computes what the task pools hold, oldest task first, a batch at a time."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import torch

from core.errors import TensorError
from core.experts.meter import Meter
from core.experts.outcome import Kind, Outcome, refusal
from core.experts.task_pool import QueueLimits, Task, TaskPools
from core.tensors.codec import is_finite
from net.clock import Clock
from net.wire.messages import FailureCode

_log = logging.getLogger(__name__)

BACKWARD_COST = 3  # in forward passes: the recomputed one, and about two more for both kinds of gradients
PAUSED_RETRY_S = 2.0
_GATE_STEP_S = 0.25  # how soon a pause, or the end, is noticed while the gate makes a batch wait

OnWork = Callable[[str, int, float, float], None]
"""Called after every batch with (uid, samples served, floating-point operations, seconds of computing). A sample counts
once, when it goes forward; training on it adds operations and seconds."""


class Gate(Protocol):
    """What is asked for leave before every batch: the volunteer's budget."""

    @property
    def paused(self) -> bool:
        """Whether nothing may be computed at all now."""
        ...

    def wait(self, timeout: float | None = None, *, urgent: bool = False) -> bool:
        """Block until the next batch may run; False when that is not within `timeout` seconds, or never again.

        urgent: others wait for its answers, so it goes before this computer's own batches.
        """
        ...


class OpenGate:
    """A gate that is always open, for tools that are not governed by a budget."""

    paused = False

    def wait(self, timeout: float | None = None, *, urgent: bool = False) -> bool:  # noqa: ARG002 - the protocol's
        """True."""
        return True


class DeviceRuntime:
    """Computes the experts of one device. `submit` may be called from any thread."""

    def __init__(self, device: str, gate: Gate, on_work: OnWork, clock: Clock, limits: QueueLimits) -> None:
        self.device = device
        self._gate = gate
        self._on_work = on_work
        self._clock = clock
        self._pools = TaskPools(limits)
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._meters: dict[str, Meter] = {}
        self._rows_per_s = 0.0
        self._thread = threading.Thread(target=self._run, name=f"experts-{device}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self, timeout: float = 10.0) -> None:
        """Answer everything that waits, let the batch in progress end, and stop. timeout: seconds for the latter."""
        self._closing.set()
        with self._changed:
            self._pools.drop(refusal(FailureCode.NOT_FOUND, "This peer is leaving."))
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def meter(self, uid: str) -> Meter:
        """What one expert has served here."""
        return self._meters.setdefault(uid, Meter(self._clock.monotonic()))

    def submit(self, tasks: Sequence[Task]) -> None:
        """Queue tasks, or answer them at once: PAUSED, or BUSY with an honest time to come back."""
        refused: list[tuple[Task, Outcome]] = []
        with self._changed:
            for task in tasks:
                if self._closing.is_set():
                    refused.append((task, refusal(FailureCode.NOT_FOUND, "This peer is leaving.")))
                elif self._gate.paused:
                    refused.append((task, paused()))
                elif not self._pools.put(task):
                    refused.append((task, self._busy()))
            if len(refused) < len(tasks):
                self._changed.notify()
        for task, outcome in refused:
            task.done.set_result(outcome)

    def forget(self, uid: str) -> None:
        """An expert is gone: answer what waits for it, and drop its figures."""
        with self._changed:
            self._pools.drop(refusal(FailureCode.NOT_FOUND, f"The expert {uid} is no longer here."), uid)
        self._meters.pop(uid, None)

    def _busy(self) -> Outcome:
        seconds = self._pools.rows / self._rows_per_s if self._rows_per_s else 0.5
        return refusal(
            FailureCode.BUSY, "This peer has as much work queued as it accepts.", min(10.0, max(0.1, seconds))
        )

    def _run(self) -> None:
        while not self._closing.is_set():
            batch = self._next_batch()
            if batch:
                self._serve(batch)

    def _next_batch(self) -> list[Task]:
        """Wait for work and for leave to do it; empty when either did not come."""
        with self._changed:
            while not len(self._pools) and not self._closing.is_set():
                self._changed.wait()
        if self._gate.paused:
            with self._changed:
                self._pools.drop(paused())
            return []
        if not self._gate.wait(_GATE_STEP_S, urgent=True):
            # A gate that was closed for good says so at once: do not ask it in a tight loop.
            self._closing.wait(0.02)
            return []
        with self._changed:
            return self._pools.take(self._clock.monotonic())

    def _serve(self, batch: list[Task]) -> None:
        """Compute tasks of one expert and kind together. If that fails, one by one, so that only the culprit fails."""
        started = self._clock.monotonic()
        outcomes = _compute(batch)
        if outcomes is None:
            outcomes = [(_compute([task]) or [_spoilt()])[0] for task in batch] if len(batch) > 1 else [_spoilt()]
        now = self._clock.monotonic()
        self._count(batch, now, now - started)
        for task, outcome in zip(batch, outcomes, strict=True):
            task.done.set_result(outcome)

    def _count(self, batch: list[Task], now: float, seconds: float) -> None:
        expert, kind = batch[0].expert, batch[0].kind
        rows = sum(task.rows for task in batch)
        forward = kind is Kind.FORWARD
        if seconds > 0:
            rate = rows / seconds
            self._rows_per_s += (rate - self._rows_per_s) * (0.1 if self._rows_per_s else 1.0)
        meter = self.meter(expert.uid)
        for task in batch:
            meter.add(task.rows if forward else 0, now - task.submitted, now)
        flops = float(expert.spec.flops_per_sample) * rows * (1 if forward else BACKWARD_COST)
        self._on_work(expert.uid, rows if forward else 0, flops, seconds)


def paused() -> Outcome:
    """What a caller hears while the volunteer has paused this peer."""
    return refusal(FailureCode.PAUSED, "The volunteer has paused this peer.", PAUSED_RETRY_S)


def _spoilt() -> Outcome:
    return refusal(FailureCode.BAD_TENSOR, "A tensor holds, or leads to, NaN or infinite numbers.")


def _compute(batch: Sequence[Task]) -> list[Outcome] | None:
    """Outcomes of tasks that are computed together, or None when numbers were not finite."""
    expert = batch[0].expert
    try:
        columns = zip(*(task.tensors for task in batch), strict=True)
        tensors = [column[0] if len(batch) == 1 else torch.cat(column) for column in columns]
        if not all(map(is_finite, tensors)):
            return None
        y = expert.forward(*tensors) if batch[0].kind is Kind.FORWARD else expert.backward(*tensors)
    except TensorError:
        return None
    except Exception:  # noqa: BLE001 - a locally added layer may raise anything; the thread must serve the others
        _log.exception("The expert %s failed on a batch.", expert.uid)
        return [refusal(FailureCode.INTERNAL, "The expert failed; its host's log says why.") for _ in batch]
    results = y if isinstance(y, tuple) else (y,)
    if len(batch) == 1:
        return [Outcome(0, "", results)]
    pieces = zip(*(torch.split(result, [task.rows for task in batch]) for result in results), strict=True)
    return [Outcome(0, "", own) for own in pieces]
