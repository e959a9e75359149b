"""One thread a device that computes what the task pools hold, oldest task first, a batch at a time."""

import math
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from core.experts.batch import Batch, Inspect, ticket_gone
from core.experts.meter import Meter
from core.experts.outcome import Kind, Outcome, refusal
from core.experts.task_pool import QueueLimits, Task, TaskPools
from core.experts.tickets import TicketBook, TicketLimits
from net.clock import Clock
from net.wire.messages import FailureCode

PAUSED_RETRY_S = 2.0
_LONGEST_REST_S = 5.0
_GATE_STEP_S = 0.25  # how soon a pause, or the end, is noticed while the gate makes a batch wait
_EXPIRE_EVERY_S = 10.0  # an idle host forgets old tickets
_BRIEF_S = 0.0002  # no longer than it takes to wake a thread and hear of its result
_BRIEF_IN_A_ROW = 8  # batches of an expert before its next one is expected to be brief, too

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
    """Computes the experts of one device. `submit` may be called from any thread.

    One batch at a time, by a thread of its own. The exception is a single forward call that finds nothing else to be
    done and leave to run, of an expert that has long been done sooner than that thread would have woken: whoever
    submits it computes it at once.
    """

    def __init__(
        self,
        device: str,
        gate: Gate,
        on_work: OnWork,
        clock: Clock,
        limits: QueueLimits,
        tickets: TicketLimits | None = None,
        inspect: Inspect = lambda _: "",
    ) -> None:
        self.device = device
        self.book = TicketBook(tickets or TicketLimits())
        self._gate = gate
        self._on_work = on_work
        self._inspect = inspect
        self._clock = clock
        self._pools = TaskPools(limits)
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._meters: dict[str, Meter] = {}
        self._turnaround_s: dict[str, float] = {}
        self.share = 1.0  # of the time, above 0, that the device may be busy
        self._flops_per_s = 0.0
        self._idle_since = clock.monotonic()
        self._computing = False
        self._brief: dict[str, tuple[int, int]] = {}  # forward batches in a row that were, and the rows of the largest
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
        """Queue tasks, or answer them at once: PAUSED, TICKET_GONE, or BUSY with an honest time to come back."""
        now = self._clock.monotonic()
        refused: list[tuple[Task, Outcome]] = []
        with self._changed:
            if at_once := self._is_brief(tasks) and self._is_free():
                self._computing, self._idle_since = True, now
            else:
                refused = [(task, answer) for task in tasks if (answer := self._queue(task, now))]
                if len(refused) < len(tasks):
                    self._changed.notify()
        if at_once:
            self._serve(tasks)
        for task, outcome in refused:
            task.done.set_result(outcome)

    def _queue(self, task: Task, now: float) -> Outcome | None:
        """What the task is answered at once; None where it waits for its turn. The lock is held."""
        if self._closing.is_set():
            return refusal(FailureCode.NOT_FOUND, "This peer is leaving.")
        if self._gate.paused:
            return paused()
        if task.ticket and not self._recognised(task, now):
            return ticket_gone()
        return None if self._pools.put(task) else self._busy()

    def _is_free(self) -> bool:
        """Whether the next batch may begin this very moment."""
        busy = self._computing or len(self._pools) or self.share < 1 or self._closing.is_set() or self._gate.paused
        return not busy and self._gate.wait(0.0, urgent=True)

    def _is_brief(self, tasks: Sequence[Task]) -> bool:
        """Whether these take no longer than it takes to have them computed elsewhere."""
        if len(tasks) != 1 or tasks[0].kind is not Kind.FORWARD:
            return False
        count, rows = self._brief.get(tasks[0].expert.uid, (0, 0))
        return count >= _BRIEF_IN_A_ROW and tasks[0].rows <= rows

    def forget(self, uid: str) -> None:
        """An expert is gone: answer what waits for it, and drop its figures."""
        with self._changed:
            self._pools.drop(refusal(FailureCode.NOT_FOUND, f"The expert {uid} is no longer here."), uid)
        self.book.forget(uid)
        self._meters.pop(uid, None)
        self._brief.pop(uid, None)
        self._turnaround_s.pop(uid, None)

    def _recognised(self, task: Task, now: float) -> bool:
        """Whether a backward call can be computed: with its ticket, which then teaches how soon callers come back,
        or with the inputs that it brought as well."""
        uid, rows = task.expert.uid, task.tensors[-1].shape[0]
        issued = self.book.issued_at(task.ticket)
        kept = self.book.find(task.ticket, uid, task.caller, now)
        if kept is None or kept.rows != rows:
            task.ticket = b""
            return len(task.tensors) > 1
        known = self._turnaround_s.get(uid)
        taken = now - issued
        self._turnaround_s[uid] = taken if known is None else known + (taken - known) / 8
        return True

    def _busy(self) -> Outcome:
        seconds = self._pools.flops / self._flops_per_s if self._flops_per_s else 0.5
        return refusal(
            FailureCode.BUSY, "This peer has as much work queued as it accepts.", min(10.0, max(0.1, seconds))
        )

    def _run(self) -> None:
        while not self._closing.is_set():
            batch = self._next_batch()
            if batch:
                began = self._clock.monotonic()
                self._serve(batch)
                self._rest(self._clock.monotonic() - began)

    def _rest(self, busy_s: float) -> None:
        """Leave the device alone for as long as its share asks after so long a batch."""
        if self.share < 1:
            self._closing.wait(min(_LONGEST_REST_S, busy_s * (1 / self.share - 1)))

    def _next_batch(self) -> list[Task]:
        """Wait for work and for leave to do it; empty when either did not come."""
        with self._changed:
            while (self._computing or not len(self._pools)) and not self._closing.is_set():
                if not self._changed.wait(_EXPIRE_EVERY_S if len(self.book) else None):
                    self.book.expire(self._clock.monotonic())
                self._idle_since = self._clock.monotonic()
        if self._gate.paused:
            with self._changed:
                self._pools.drop(paused())
            return []
        if not self._gate.wait(_GATE_STEP_S, urgent=True):
            # A gate that was closed for good says so at once: do not ask it in a tight loop.
            self._closing.wait(0.02)
            return []
        with self._changed:
            return [] if self._computing else self._take(self._clock.monotonic(), patient=True)

    def _take(self, now: float, *, patient: bool = False) -> list[Task]:
        """The next batch, which is computed from now on. patient: wait a moment where none is due yet. The lock is
        held."""
        batch, until = self._pools.take(now, self._hold)
        if patient and not batch and now < until < math.inf:
            self._changed.wait(until - now)
        self._computing = bool(batch)
        return batch

    def _hold(self, task: Task, waiting: int) -> float:
        """Until when a backward task may wait for callers that will soon bring one of the same expert: a step costs
        the same for one and for many. Never longer than the step takes that may be saved."""
        uid = task.expert.uid
        open_tickets, latest = self.book.awaited(uid)
        if open_tickets <= waiting:
            return 0.0
        return min(task.submitted + task.expert.step_s, latest + 2 * self._turnaround_s.get(uid, 0.0))

    def _serve(self, tasks: Sequence[Task]) -> None:
        try:
            started = self._clock.monotonic()
            outcomes = Batch(tasks, self.book, self._inspect, started).run()
            now = self._clock.monotonic()
            self._count(tasks, now, now - started)
        finally:
            with self._changed:
                self._computing = False
                if len(self._pools):  # the thread waits for the end of this where it was somebody else's
                    self._changed.notify()
        for task, outcome in zip(tasks, outcomes, strict=True):
            task.done.set_result(outcome)

    def _count(self, batch: Sequence[Task], now: float, seconds: float) -> None:
        expert, forward = batch[0].expert, batch[0].kind is Kind.FORWARD
        rows, flops = sum(task.rows for task in batch), sum(task.flops for task in batch)
        # How fast the queue shrinks: the waits that the budget imposes count as well.
        busy, self._idle_since = now - self._idle_since, now
        if busy > 0 and flops:
            self._flops_per_s += (flops / busy - self._flops_per_s) * (0.1 if self._flops_per_s else 1.0)
        meter = self.meter(expert.uid)
        for task in batch:
            meter.add(task.rows if forward else 0, now - task.submitted, now)
        if forward:
            count, most = self._brief.get(expert.uid, (0, 0))
            self._brief[expert.uid] = (count + 1, max(most, rows)) if seconds <= _BRIEF_S else (0, 0)
        self._on_work(expert.uid, rows if forward else 0, flops, seconds)


def paused() -> Outcome:
    """What a caller hears while the volunteer has paused this peer."""
    return refusal(FailureCode.PAUSED, "The volunteer has paused this peer.", PAUSED_RETRY_S)
