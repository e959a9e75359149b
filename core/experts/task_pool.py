"""The bounded queue in front of one device: a pool an expert, from which tasks of many callers become one batch."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import torch

from core.experts.backend import ExpertBackend
from core.experts.outcome import Kind, Outcome, refusal
from net.wire.limits import MIB
from net.wire.messages import FailureCode


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """What may wait for one device. A caller is one peer; this engine's own trainer counts as a caller too."""

    batch_rows: int = 4096  # rows computed at once, and the most that one call may bring
    tasks: int = 2048
    rows: int = 65536
    caller_rows: int = 32768  # of one caller, so that one cannot crowd out all others
    memory_bytes: int = 256 * MIB


@dataclass(slots=True, eq=False)
class Task:
    """One call to one expert. tensors: inputs, and output gradients for a backward call; deadline, submitted:
    monotonic seconds. `done` gets its outcome, always, unless it was cancelled."""

    expert: ExpertBackend
    kind: Kind
    tensors: Sequence[torch.Tensor]
    caller: bytes
    deadline: float
    submitted: float
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


class TaskPools:
    """All waiting tasks of one device. Holds no lock and starts nothing: its runtime does."""

    def __init__(self, limits: QueueLimits) -> None:
        self._limits = limits
        self._pools: dict[tuple[str, Kind], deque[Task]] = {}
        self._order: deque[Task] = deque()  # all tasks by age; those that no longer wait are skipped
        self._rows = 0
        self._bytes = 0
        self._tasks = 0
        self._rows_of: dict[bytes, int] = {}

    def __len__(self) -> int:
        return self._tasks

    @property
    def rows(self) -> int:
        """Rows that wait."""
        return self._rows

    def put(self, task: Task) -> bool:
        """Queue it; False when it does not fit now."""
        rows = task.rows
        of_caller = self._rows_of.get(task.caller, 0) + rows
        limits = self._limits
        if self._tasks >= limits.tasks or self._rows + rows > limits.rows or of_caller > limits.caller_rows:
            return False
        if self._bytes + task.nbytes > limits.memory_bytes:
            return False
        self._pools.setdefault((task.expert.uid, task.kind), deque()).append(task)
        self._order.append(task)
        self._tasks += 1
        self._rows += rows
        self._bytes += task.nbytes
        self._rows_of[task.caller] = of_caller
        return True

    def take(self, now: float) -> list[Task]:
        """The next batch: tasks of the pool that holds the oldest one, as many as fit. Tasks that are cancelled or
        too late are dropped on the way (answered TOO_LATE). Empty when nothing is left."""
        while self._order:
            oldest = self._order.popleft()
            if not oldest.waiting:
                continue
            key = (oldest.expert.uid, oldest.kind)
            pool = self._pools[key]
            batch: list[Task] = []
            room = self._limits.batch_rows
            while pool and (not batch or pool[0].rows <= room):
                task = pool.popleft()
                self._forget(task)
                if not task.done.set_running_or_notify_cancel():
                    continue
                if task.deadline <= now:
                    task.done.set_result(
                        refusal(FailureCode.TOO_LATE, "The call waited until its deadline had passed.")
                    )
                    continue
                batch.append(task)
                room -= task.rows
            if not pool:
                del self._pools[key]
            if batch:
                return batch
        return []

    def drop(self, outcome: Outcome, uid: str | None = None) -> None:
        """Answer every waiting task, or those of one expert, with `outcome`."""
        for key in [key for key in self._pools if uid is None or key[0] == uid]:
            for task in self._pools.pop(key):
                self._forget(task)
                if task.done.set_running_or_notify_cancel():
                    task.done.set_result(outcome)

    def _forget(self, task: Task) -> None:
        rows = task.rows
        task.waiting = False
        self._tasks -= 1
        self._rows -= rows
        self._bytes -= task.nbytes
        left = self._rows_of[task.caller] - rows
        if left:
            self._rows_of[task.caller] = left
        else:
            del self._rows_of[task.caller]
