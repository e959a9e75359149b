"""A device's runtime with one expert, a gate that opens when told to, and a note of what was computed."""

import threading

import torch

from core.experts.backend import ExpertBackend
from core.experts.outcome import Kind
from core.experts.runtime import DeviceRuntime
from core.experts.spec import ExpertSpec
from core.experts.task_pool import QueueLimits, Task
from net.clock import SystemClock

CLOCK = SystemClock()
SPEC = ExpertSpec("ffn", 4, 8)


class ManualGate:
    """Opens and pauses when told to; `asked` is set when a batch waits before it."""

    def __init__(self, *, is_open: bool) -> None:
        self.paused = False
        self.opened = threading.Event()
        self.asked = threading.Event()
        if is_open:
            self.opened.set()

    def wait(self, timeout: float | None = None, *, urgent: bool = False) -> bool:
        self.asked.set()
        return self.opened.wait(timeout)


class Bench:
    """A runtime with one expert, and what it reported."""

    def __init__(self, *, is_open: bool = True, limits: QueueLimits | None = None) -> None:
        self.work: list[tuple[str, int, float, float]] = []
        self.gate = ManualGate(is_open=is_open)
        self.runtime = DeviceRuntime(
            "cpu", self.gate, lambda *work: self.work.append(work), CLOCK, limits or QueueLimits()
        )
        self.expert = ExpertBackend("ffn.0", SPEC, 0, torch.device("cpu"))

    def task(
        self,
        *tensors: torch.Tensor,
        kind: Kind = Kind.FORWARD,
        timeout: float = 30.0,
        keep: bool = False,
        ticket: bytes = b"",
    ) -> Task:
        now = CLOCK.monotonic()
        return Task(self.expert, kind, tensors, b"someone", now + timeout, now, keep, ticket)

    def submit(self, *tasks: Task) -> None:
        self.runtime.submit(tasks)
