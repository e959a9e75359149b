"""The bounded queue in front of one device: a pool an expert, from which tasks of many callers become one batch."""

import math
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import torch

from core.experts.hosted import HostedExpert
from core.experts.outcome import Kind, Outcome, refusal
from net.wire.limits import MIB
from net.wire.messages import FailureCode

KEPT_COST = 2  # a backward call in forward passes: about two for both kinds of gradients
BACKWARD_COST = 3  # the same where the forward pass must be computed again

CPU_ROWS = 256
"""Merged at most on a processor: with more it computes no faster, and what they need leaves its caches."""

Hold = Callable[["Task", int], float]
"""(oldest waiting task of an expert and kind, how many wait) -> the time until which more are worth waiting for."""


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """What may wait for one device. A caller is one peer; this engine's own trainer counts as a caller too."""

    batch_rows: int = 4096  # rows merged at most, and the most that one call may bring
    tasks: int = 2048
    rows: int = 131072
    caller_rows: int = 65536  # of one caller, so that one cannot crowd out all others
    caller_tasks: int = 1024
    memory_bytes: int = 256 * MIB
    caller_bytes: int = 128 * MIB


@dataclass(slots=True, eq=False)
class Task:
    """One call to one expert. tensors: inputs, and the output gradient for a backward call, which may come without
    inputs when it has a ticket; keep: answer with a ticket; deadline, submitted: monotonic seconds. `done` gets its
    outcome, always, unless it was cancelled."""

    expert: HostedExpert
    kind: Kind
    tensors: Sequence[torch.Tensor]
    caller: bytes
    deadline: float
    submitted: float
    keep: bool = False
    ticket: bytes = b""
    done: Future[Outcome] = field(default_factory=Future)
    waiting: bool = True

    @property
    def rows(self) -> int:
        """Rows that it brings."""
        return self.tensors[0].shape[0]

    @property
    def nbytes(self) -> int:
        """Memory that it holds while it waits."""
        return sum(tensor.nbytes for tensor in self.tensors)

    @property
    def flops(self) -> float:
        """Floating-point operations that it takes."""
        passes = 1 if self.kind is Kind.FORWARD else KEPT_COST if self.ticket else BACKWARD_COST
        return float(self.expert.spec.flops_per_sample) * self.rows * passes


class TaskPools:
    """All waiting tasks of one device. Holds no lock and starts nothing: its runtime does.

    merged_rows: of several calls together, the limits' batch_rows by default.
    """

    def __init__(self, limits: QueueLimits, merged_rows: int | None = None) -> None:
        self._limits = limits
        self._merged_rows = merged_rows or limits.batch_rows
        self._pools: dict[tuple[str, Kind], deque[Task]] = {}
        self._order: deque[Task] = deque()  # all tasks by age; those that no longer wait are skipped
        self._rows = 0
        self._bytes = 0
        self._tasks = 0
        self._flops = 0.0
        self._of: dict[bytes, tuple[int, int, int]] = {}  # tasks, rows and bytes of each caller

    def __len__(self) -> int:
        return self._tasks

    @property
    def flops(self) -> float:
        """Floating-point operations that wait."""
        return self._flops

    def put(self, task: Task) -> bool:
        """Queue it; False when it does not fit now."""
        rows, nbytes = task.rows, task.nbytes
        own_tasks, own_rows, own_bytes = self._of.get(task.caller, (0, 0, 0))
        limits = self._limits
        if self._tasks >= limits.tasks or self._rows + rows > limits.rows:
            return False
        if own_tasks >= limits.caller_tasks or own_rows + rows > limits.caller_rows:
            return False
        if self._bytes + nbytes > limits.memory_bytes or own_bytes + nbytes > limits.caller_bytes:
            return False
        self._pools.setdefault((task.expert.uid, task.kind), deque()).append(task)
        self._order.append(task)
        self._tasks += 1
        self._rows += rows
        self._bytes += nbytes
        self._flops += task.flops
        self._of[task.caller] = (own_tasks + 1, own_rows + rows, own_bytes + nbytes)
        return True

    def any_for(self, busy: Collection[str]) -> bool:
        """Whether a task waits for an expert that is not among these."""
        return any(uid not in busy for uid, _ in self._pools)

    def take(self, now: float, hold: Hold | None = None, busy: Collection[str] = ()) -> tuple[list[Task], float]:
        """The next batch: tasks of the pool that holds the oldest one, as many as fit. Tasks that are cancelled or
        too late are dropped on the way (answered TOO_LATE).

        hold: tasks may wait for others to share their batch with; busy: experts that are being computed, whose tasks
        wait in any case. Empty when nothing is left, or all that is waits; then the number is the time until which
        the first one is held, infinity where none is.
        """
        held: dict[tuple[str, Kind], float] = {}
        while (oldest := self._oldest(now, hold, held, busy)) is not None:
            batch = self._batch((oldest.expert.uid, oldest.kind), now)
            if batch:
                return batch, math.inf
        return [], min(held.values(), default=math.inf)

    def _oldest(
        self, now: float, hold: Hold | None, held: dict[tuple[str, Kind], float], busy: Collection[str]
    ) -> Task | None:
        """The oldest task whose pool need not wait; notes in `held` which must."""
        while self._order and not self._order[0].waiting:
            self._order.popleft()
        for task in self._order:
            if not task.waiting or task.expert.uid in busy:
                continue
            if hold is None:
                return task
            key = task.expert.uid, task.kind
            if key not in held:
                until = hold(task, len(self._pools[key]))
                if until <= now:
                    return task
                held[key] = until
        return None

    def _batch(self, key: tuple[str, Kind], now: float) -> list[Task]:
        pool = self._pools[key]
        batch: list[Task] = []
        room = self._merged_rows
        while pool and (not batch or pool[0].rows <= room):
            task = pool.popleft()
            self._forget(task)
            if not task.done.set_running_or_notify_cancel():
                continue
            if task.deadline <= now:
                task.done.set_result(refusal(FailureCode.TOO_LATE, "The call waited until its deadline had passed."))
                continue
            batch.append(task)
            room -= task.rows
        if not pool:
            del self._pools[key]
        return batch

    def drop(self, outcome: Outcome, uid: str | None = None) -> None:
        """Answer every waiting task, or those of one expert, with `outcome`."""
        for key in [key for key in self._pools if uid is None or key[0] == uid]:
            for task in self._pools.pop(key):
                self._forget(task)
                if task.done.set_running_or_notify_cancel():
                    task.done.set_result(outcome)

    def _forget(self, task: Task) -> None:
        nbytes = task.nbytes
        task.waiting = False
        self._tasks -= 1
        self._rows -= task.rows
        self._bytes -= nbytes
        self._flops = self._flops - task.flops if self._tasks else 0.0  # no rounding errors are carried along
        own_tasks, own_rows, own_bytes = self._of[task.caller]
        if own_tasks > 1:
            self._of[task.caller] = (own_tasks - 1, own_rows - task.rows, own_bytes - nbytes)
        else:
            del self._of[task.caller]
