"""The threads of one device, which compute what the task pools hold, oldest task first."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from core.experts.batch import Batch, Inspect, ticket_gone
from core.experts.company import Company
from core.experts.meter import Meter
from core.experts.outcome import Kind, Outcome, refusal
from core.experts.task_pool import QueueLimits, Task, TaskPools
from core.experts.tickets import TicketBook, TicketLimits
from core.host.torch_setup import follow_threads
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

    `lanes` batches at a time, of different experts, each by a thread of its own: a graphics card has one, a processor
    with several cores more. The exception is a single forward call that finds nothing else to be done and leave to
    run, of an expert that has long been done sooner than a thread would have woken: whoever submits it computes it at
    once.
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
        lanes: int = 1,
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
        self._company = Company(self.book)
        self.share = 1.0  # of the time, above 0, that the device may be busy
        self._done = (0.0, 0.0)  # floating-point operations and the seconds they took, old ones counting less
        self._idle_since = self._free_since = clock.monotonic()
        self._computing: set[str] = set()  # experts
        self._brief: dict[str, tuple[int, int]] = {}  # forward batches in a row that were, and the rows of the largest
        self._threads = [
            threading.Thread(target=self._run, name=f"experts-{device}-{lane}", daemon=True) for lane in range(lanes)
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def close(self, timeout: float = 10.0) -> None:
        """Answer everything that waits, let batches in progress end, and stop. timeout: seconds for the latter."""
        self._closing.set()
        with self._changed:
            self._pools.drop(refusal(FailureCode.NOT_FOUND, "This peer is leaving."))
            self._changed.notify_all()
        until = time.monotonic() + timeout
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, until - time.monotonic()))

    def meter(self, uid: str) -> Meter:
        """What one expert has served here."""
        return self._meters.setdefault(uid, Meter(self._clock.monotonic()))

    def submit(self, tasks: Sequence[Task]) -> None:
        """Queue tasks, or answer them at once: PAUSED, TICKET_GONE, or BUSY with an honest time to come back."""
        now = self._clock.monotonic()
        refused: list[tuple[Task, Outcome]] = []
        with self._changed:
            if at_once := self._is_brief(tasks) and self._is_free():
                self._computing.add(tasks[0].expert.uid)
                self._idle_since = now
            else:
                refused = [(task, answer) for task in tasks if (answer := self._queue(task, now))]
                self._changed.notify(len(tasks) - len(refused))
        if at_once:
            self._serve(tasks, at_once=True)
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
        if not self._pools.put(task):
            return self._busy()
        self._company.came(task, now)
        return None

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

    def forget(self, uid: str, answer: Outcome | None = None) -> None:
        """An expert is gone: answer what waits for it, and drop its figures. answer: NOT_FOUND by default."""
        with self._changed:
            self._pools.drop(answer or refusal(FailureCode.NOT_FOUND, f"The expert {uid} is no longer here."), uid)
        self.book.forget(uid)
        self._meters.pop(uid, None)
        self._brief.pop(uid, None)
        with self._changed:
            self._company.forget(uid)

    def _recognised(self, task: Task, now: float) -> bool:
        """Whether a backward call can be computed: with its ticket, or with the inputs that it brought as well."""
        kept = self.book.find(task.ticket, task.expert.uid, task.caller, now)
        if kept is None or kept.rows != task.tensors[-1].shape[0]:
            task.ticket = b""
            return len(task.tensors) > 1
        return True

    def _busy(self) -> Outcome:
        flops, taken = self._done
        seconds = self._pools.flops * taken / flops if flops else 0.5
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
            while not self._pools.any_for(self._computing) and not self._closing.is_set():
                if not self._changed.wait(_EXPIRE_EVERY_S if len(self.book) else None):
                    self.book.expire(self._clock.monotonic())
                if not self._computing:
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
            return self._take(self._clock.monotonic())

    def _take(self, now: float) -> list[Task]:
        """The next batch, which is computed from now on; waits a moment where none is due yet. The lock is held."""
        batch, until = self._pools.take(now, self._hold, self._computing)
        if batch:
            self._computing.add(batch[0].expert.uid)
        elif now < until < math.inf:
            self._changed.wait(until - now)
        return batch

    def _hold(self, task: Task, waiting: int) -> float:
        """See `Company.until`."""
        return self._company.until(task, waiting, self._free_since)

    def _serve(self, tasks: Sequence[Task], *, at_once: bool = False) -> None:
        """Compute a batch and answer it. at_once: it has not waited, and so teaches nothing about company."""
        follow_threads()
        started = self._clock.monotonic()
        outcomes: Sequence[Outcome] = ()
        try:
            outcomes = Batch(tasks, self.book, self._inspect, started).run()
        finally:
            with self._changed:
                self._computing.discard(tasks[0].expert.uid)
                if outcomes:
                    now = self._clock.monotonic()
                    if not at_once:
                        self._company.served(tasks, outcomes, now - started, now)
                    self._count(tasks, started, now)
                if len(self._pools):  # somebody may have waited for the end of this
                    self._changed.notify()
        for task, outcome in zip(tasks, outcomes, strict=True):
            task.done.set_result(outcome)

    def _count(self, batch: Sequence[Task], started: float, now: float) -> None:
        """Learn from a batch. The lock is held."""
        expert, forward, seconds = batch[0].expert, batch[0].kind is Kind.FORWARD, now - started
        rows, flops = sum(task.rows for task in batch), sum(task.flops for task in batch)
        # How fast the queue shrinks: the waits that the budget imposes count as well.
        busy, self._idle_since, self._free_since = now - self._idle_since, now, now
        if busy > 0 and flops:
            self._done = 0.9 * self._done[0] + flops, 0.9 * self._done[1] + busy
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
