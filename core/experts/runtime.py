"""The threads of one device, which compute what the task pools hold, oldest task first."""

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

import torch

from core.experts.batch import Batch, Inspect, ticket_gone
from core.experts.company import Company
from core.experts.hosted import HostedExpert
from core.experts.meter import Meter
from core.experts.outcome import Kind, Outcome, refusal
from core.experts.task_pool import CPU_ROWS, QueueLimits, Task, TaskPools
from core.experts.tickets import TicketBook, TicketLimits
from core.host.hardware import CPU
from core.host.torch_setup import begin_thread, follow_threads
from net.clock import Clock
from net.wire.messages import FailureCode

_log = logging.getLogger(__name__)

PAUSED_RETRY_S = 2.0
_LONGEST_REST_S = 5.0
_GATE_STEP_S = 0.25  # how soon a pause, or the end, is noticed while the gate makes a batch wait
_EXPIRE_EVERY_S = 10.0  # an idle host forgets old tickets
_BRIEF_S = 0.0004  # about as long as it takes to wake a thread and hear of its result, on a slow computer
_TRUST = 8  # brief batches of an expert before its next one is expected to be brief, too
_MOST_TRUST = 16
_DISTRUST = 4  # what one that was not costs: now and then the system gives the processor to somebody else

_NOBODYS: Future[Outcome] = Future()  # of a task that nobody waits for

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
        self._pools = TaskPools(limits, min(CPU_ROWS, limits.batch_rows) if device == CPU else None)
        self._lock = threading.RLock()  # taken by itself where nobody is told: a Condition's costs two calls more
        self._changed = threading.Condition(self._lock)
        self._closing = threading.Event()
        self._meters: dict[str, Meter] = {}
        self._company = Company(self.book)
        self.share = 1.0  # of the time, above 0, that the device may be busy
        self._done = (0.0, 0.0)  # floating-point operations and the seconds they took, old ones counting less
        self._idle_since = self._free_since = clock.monotonic()
        self._computing: set[str] = set()  # experts
        self._brief: dict[str, tuple[int, int]] = {}  # an expert's trust, and the most rows that were brief
        self._not_before = 0.0  # when whoever submits calls may compute one itself again
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
        found = self._meters.get(uid)
        return found or self._meters.setdefault(uid, Meter(self._clock.monotonic()))

    def submit(self, tasks: Sequence[Task]) -> None:
        """Queue tasks, or answer them at once: PAUSED, TICKET_GONE, or BUSY with an honest time to come back."""
        now = self._clock.monotonic()
        with self._changed:
            refused = [(task, answer) for task in tasks if (answer := self._queue(task, now))]
            self._changed.notify(len(tasks) - len(refused))
        for task, outcome in refused:
            task.done.set_result(outcome)

    def forward_now(
        self, expert: HostedExpert, tensors: Sequence[torch.Tensor], caller: bytes, *, keep: bool
    ) -> Outcome | None:
        """Compute a forward call in the thread that brings it, where that is over sooner than another would wake; None,
        and nothing done, where the call has to be submitted."""
        trust, rows = self._brief.get(expert.uid, (0, 0))
        if trust < _TRUST or tensors[0].shape[0] > rows:
            return None
        now = self._clock.monotonic()
        with self._lock:
            if now < self._not_before or not self._is_free():
                return None
            self._computing.add(expert.uid)
            self._idle_since = now
        task = Task(expert, Kind.FORWARD, tensors, caller, math.inf, now, keep, done=_NOBODYS)
        (outcome,) = self._serve([task], at_once=True)
        # The event loop has more to do: of a flood of small calls, the threads compute most.
        ended = self._clock.monotonic()
        self._not_before = ended + (ended - now)
        return outcome

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
        begin_thread()
        torch.set_grad_enabled(False)  # for this thread; what needs gradients says so
        while not self._closing.is_set():
            batch = self._next_batch()
            if batch:
                began = self._clock.monotonic()
                for task, outcome in zip(batch, self._serve(batch), strict=True):
                    task.done.set_result(outcome)
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

    def _serve(self, tasks: Sequence[Task], *, at_once: bool = False) -> Sequence[Outcome]:
        """Compute a batch: one outcome a task. at_once: it has not waited, and so teaches nothing about company."""
        follow_threads()
        started = self._clock.monotonic()
        outcomes: Sequence[Outcome] = ()
        try:
            outcomes = Batch(tasks, self.book, self._inspect, started).run()
        except Exception:  # noqa: BLE001 - a mistake of ours must not end the thread that all others wait for
            _log.exception("A batch of %s could not be computed.", tasks[0].expert.uid)
            outcomes = [refusal(FailureCode.INTERNAL, "The expert failed; its host's log says why.")] * len(tasks)
        finally:
            with self._lock:
                self._computing.discard(tasks[0].expert.uid)
                if outcomes:
                    now = self._clock.monotonic()
                    if not at_once:
                        self._company.served(tasks, outcomes, now - started, now)
                    self._count(tasks, started, now)
                if len(self._pools):  # somebody may have waited for the end of this
                    self._changed.notify()
        return outcomes

    def _count(self, batch: Sequence[Task], started: float, now: float) -> None:
        """Learn from a batch. The lock is held."""
        expert, forward, seconds = batch[0].expert, batch[0].kind is Kind.FORWARD, now - started
        rows, flops, meter = 0, 0.0, self.meter(expert.uid)
        for task in batch:
            rows, flops = rows + task.rows, flops + task.flops
            meter.add(task.rows if forward else 0, now - task.submitted, now)
        # How fast the queue shrinks: the waits that the budget imposes count as well.
        busy, self._idle_since, self._free_since = now - self._idle_since, now, now
        if busy > 0 and flops:
            self._done = 0.9 * self._done[0] + flops, 0.9 * self._done[1] + busy
        if forward:
            trust, most = self._brief.get(expert.uid, (0, 0))
            if seconds <= _BRIEF_S:
                self._brief[expert.uid] = min(trust + 1, _MOST_TRUST), max(most, rows)
            elif rows <= most:  # larger ones say nothing about these
                self._brief[expert.uid] = (trust - _DISTRUST, most) if trust > _DISTRUST else (0, 0)
        self._on_work(expert.uid, rows if forward else 0, flops, seconds)


def paused() -> Outcome:
    """What a caller hears while the volunteer has paused this peer."""
    return refusal(FailureCode.PAUSED, "The volunteer has paused this peer.", PAUSED_RETRY_S)
