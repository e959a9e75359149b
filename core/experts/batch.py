"""One batch of one expert: several callers' tasks become one computation, and its result their outcomes."""

import logging
from collections.abc import Callable, Sequence

import torch

from core.errors import TensorError
from core.experts.backend import Lesson
from core.experts.outcome import Kind, Outcome, Ticket, refusal
from core.experts.task_pool import Task
from core.experts.tickets import Kept, TicketBook
from net.wire.messages import FailureCode

_log = logging.getLogger(__name__)

OWN = b""
"""`Ticket.host` of what this very host has kept."""


Inspect = Callable[[Task], str]


class Batch:
    """Tasks of one expert and one kind, as they came out of its pool; `run` answers every one of them.

    book: where tickets are issued and taken; inspect: why a task must not be computed, or ""; now: monotonic seconds.
    """

    def __init__(self, tasks: Sequence[Task], book: TicketBook, inspect: Inspect, now: float) -> None:
        self.expert = tasks[0].expert
        self.kind = tasks[0].kind
        self._book = book
        self._now = now
        self._answers: dict[int, Outcome] = {}
        self._kept: dict[int, Kept] = {}
        self._tasks = tasks
        for index, task in enumerate(tasks):
            if reason := inspect(task):
                self._answers[index] = refusal(FailureCode.BAD_TENSOR, reason)
        if self.kind is Kind.BACKWARD:
            self._redeem()

    def run(self) -> list[Outcome]:
        """One outcome a task, in order. What fails together is computed one by one, so that only the culprit fails."""
        left = [index for index in range(len(self._tasks)) if index not in self._answers]
        compute = self._forward if self.kind is Kind.FORWARD else self._backward
        try:
            if left and not self._attempt(compute, left):
                for index in left:
                    if len(left) == 1 or not self._attempt(compute, [index]):
                        self._answers[index] = _spoilt()
        finally:
            for kept in self._kept.values():
                self._book.release(kept)
        return [self._answers[index] for index in range(len(self._tasks))]

    def _redeem(self) -> None:
        for index, task in enumerate(self._tasks):
            if not task.ticket or index in self._answers:
                continue
            kept = self._book.take(task.ticket, self.expert.uid, task.caller, self._now)
            if kept is not None:
                self._kept[index] = kept
            elif len(task.tensors) == 1:
                self._answers[index] = ticket_gone()

    def _attempt(self, compute: Callable[[Sequence[int]], None], indices: Sequence[int]) -> bool:
        """False when numbers were not finite, and nothing has happened."""
        try:
            compute(indices)
        except TensorError:
            return False
        except Exception:  # noqa: BLE001 - a locally added layer may raise anything; the thread must serve the others
            _log.exception("The expert %s failed on a batch.", self.expert.uid)
            failed = refusal(FailureCode.INTERNAL, "The expert failed; its host's log says why.")
            self._answers |= dict.fromkeys(indices, failed)
        return True

    def _forward(self, indices: Sequence[int]) -> None:
        tasks = [self._tasks[index] for index in indices]
        inputs = tasks[0].tensors if len(tasks) == 1 else [torch.cat(column) for column in _columns(tasks)]
        tickets: list[Ticket | None] = [None] * len(tasks)
        if any(task.keep for task in tasks):
            y, kept = self.expert.forward_keeping(inputs, [task.rows for task in tasks])
            tickets = [self._ticket(*each) for each in zip(tasks, kept, strict=True)]
        else:
            y = self.expert.forward(*inputs)
        pieces = [y] if len(tasks) == 1 else torch.split(y, [task.rows for task in tasks])
        for index, piece, ticket in zip(indices, pieces, tickets, strict=True):
            self._answers[index] = Outcome(0, "", (piece,), 0.0, ticket)

    def _ticket(self, task: Task, kept: Kept) -> Ticket | None:
        token = self._book.issue(kept, self.expert.uid, task.caller, self._now) if task.keep else b""
        return Ticket(OWN, token) if token else None

    def _backward(self, indices: Sequence[int]) -> None:
        lessons = [self._lesson(index) for index in indices]
        gradients, superseded = self.expert.train(lessons)
        if superseded is not None:
            self._book.superseded(superseded)
        for index, own in zip(indices, gradients, strict=True):
            self._answers[index] = Outcome(0, "", own)

    def _lesson(self, index: int) -> Lesson:
        *inputs, upstream = self._tasks[index].tensors
        return Lesson(upstream, self._kept.get(index), tuple(inputs))


def ticket_gone() -> Outcome:
    """What a caller hears that must send its inputs again."""
    return refusal(FailureCode.TICKET_GONE, "What your forward call left here is gone; send its inputs again.")


def _columns(tasks: Sequence[Task]) -> "zip[tuple[torch.Tensor, ...]]":
    return zip(*(task.tensors for task in tasks), strict=True)


def _spoilt() -> Outcome:
    return refusal(FailureCode.BAD_TENSOR, "The expert's numbers are not finite for these tensors.")
