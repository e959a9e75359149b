"""Hosting: the experts of this peer, the threads that compute them, and their figures."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import torch

from core.errors import ExpertError
from core.experts.backend import ExpertBackend
from core.experts.doorkeeper import LOCAL_CALLER, Doorkeeper
from core.experts.endpoint import ExpertEndpoint, not_found
from core.experts.hosted import HostedExpert
from core.experts.outcome import Call, Kind, Outcome, refusal
from core.experts.runtime import DeviceRuntime, Gate, OnWork
from core.experts.schema import ExpertSchema
from core.experts.spec import EXACT_BYTES, ExpertSpec
from core.experts.task_pool import QueueLimits, Task
from core.experts.tickets import TicketLimits
from core.host.hardware import CPU
from core.host.memory import large_blocks_apart
from net.clock import Clock
from net.rpc.base import Rpc
from net.wire.messages import FailureCode

MOVING_RETRY_S = 0.1


@dataclass(frozen=True, slots=True)
class ExpertStats:
    """One hosted expert. served: samples since this process began; steps: since the expert was born;
    latency_s: mean time from request to answer inside this host."""

    uid: str
    served: int
    steps: int
    samples_per_s: float
    latency_s: float
    device: str
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class TicketStats:
    """What is kept for backward calls. redeemed, lost: tickets that came back in time, and too late."""

    open: int = 0
    nbytes: int = 0
    redeemed: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class _Hosted:
    backend: HostedExpert
    runtime: DeviceRuntime


class ExpertHost:
    """Serves the experts that were added to it, with one runtime a device.

    devices: their names ("cpu", "cuda:0"), one at least; place: turns such a name into torch's device; lanes: batches
    that the processor computes at a time. Everything but `start` and `close` may be called from any thread.
    """

    def __init__(
        self,
        rpc: Rpc,
        project_id: bytes,
        devices: Sequence[str],
        gate: Gate,
        on_work: OnWork,
        clock: Clock,
        *,
        limits: QueueLimits | None = None,
        tickets: TicketLimits | None = None,
        place: Callable[[str], torch.device] = torch.device,
        precision: Callable[[str], str] = lambda _: "float32",
        door: Doorkeeper | None = None,
        lanes: int = 1,
    ) -> None:
        self._rpc = rpc
        self._project_id = project_id
        self._gate = gate
        self._clock = clock
        self._limits = limits or QueueLimits()
        self._place = place
        self._precision = precision
        self.door = door or Doorkeeper(clock)
        self._runtimes = {
            name: DeviceRuntime(
                name, gate, on_work, clock, self._limits, tickets, self.door.inspect, lanes if name == CPU else 1
            )
            for name in devices
        }
        self._experts: dict[str, _Hosted] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start computing and answering requests. Once only."""
        for runtime in self._runtimes.values():
            runtime.start()
        ExpertEndpoint(self._rpc, self._project_id, self)

    def limit(self, device: str, share: float) -> None:
        """Keep a device busy for at most this share of the time, from its next batch on. Raises ValueError."""
        if not 0 < share <= 1:
            raise ValueError(f"a device is busy for a share above 0 and up to 1, not {share}")
        self._runtimes[device].share = share

    def limit_kept(self, device: str, memory_bytes: int) -> None:
        """Keep at most so much for backward calls on a device from now on."""
        self._runtimes[device].book.limit(memory_bytes)

    async def close(self) -> None:
        """Answer everything that waits, let batches in progress end, stop the threads. State stays readable."""
        await asyncio.gather(*(asyncio.to_thread(runtime.close) for runtime in self._runtimes.values()))

    def add(self, uid: str, spec: ExpertSpec, seed: int, state: bytes | None = None, device: str | None = None) -> None:
        """Host an expert from now on: fresh from `seed`, or as `state` left it. device: the first one by default.

        Raises ExpertError when it is here already, cannot be built, or `state` does not fit.
        """
        runtime = self._runtime(device or next(iter(self._runtimes)), uid)
        self._put(self._build(uid, spec, seed, state, runtime.device), runtime)

    def move(self, uid: str, device: str) -> None:
        """Let another device compute an expert from now on. Its state goes along; a step that is under way at this
        moment is lost, and calls that wait hear BUSY. Raises ExpertError when it is not here or was made elsewhere."""
        runtime = self._runtime(device, uid)
        hosted = self._experts.get(uid)
        if hosted is None or not isinstance(hosted.backend, ExpertBackend):
            raise ExpertError(f"The expert {uid} cannot be moved: it was not made here.")
        if hosted.runtime is runtime:
            return
        moved = self._build(uid, hosted.backend.spec, 0, hosted.backend.state(), device)
        with self._lock:
            if self._experts.get(uid) is not hosted:  # let go meanwhile
                return
            self._experts[uid] = _Hosted(moved, runtime)
        hosted.runtime.forget(uid, refusal(FailureCode.BUSY, f"{uid} moves to another device.", MOVING_RETRY_S))

    def _runtime(self, device: str, uid: str) -> DeviceRuntime:
        found = self._runtimes.get(device)
        if found is None:
            raise ExpertError(f"There is no device {device!r} to host {uid}; there are {', '.join(self._runtimes)}.")
        return found

    def _build(self, uid: str, spec: ExpertSpec, seed: int, state: bytes | None, device: str) -> ExpertBackend:
        with self._lock:
            hosted = [each.backend for each in self._experts.values() if each.runtime.device == device]
        short = sum(each.memory_bytes for each in hosted) >= EXACT_BYTES
        place, precision = self._place(device), self._precision(device)
        with large_blocks_apart():
            return ExpertBackend(uid, spec, seed, place, state, precision, short=short)

    def put(self, expert: HostedExpert) -> None:
        """Host an expert that was made elsewhere, on the first device. Raises ExpertError when it is here already."""
        self._put(expert, next(iter(self._runtimes.values())))

    def _put(self, expert: HostedExpert, runtime: DeviceRuntime) -> None:
        with self._lock:
            if expert.uid in self._experts:
                raise ExpertError(f"The expert {expert.uid} is hosted here already.")
            self._experts[expert.uid] = _Hosted(expert, runtime)

    def remove(self, uid: str) -> bytes:
        """Stop hosting an expert and return its state. Raises ExpertError when it is not here."""
        with self._lock:
            hosted = self._experts.pop(uid, None)
        if hosted is None:
            raise ExpertError(f"The expert {uid} is not hosted here.")
        hosted.runtime.forget(uid)
        self.door.forget(uid)
        return hosted.backend.state()

    def state(self, uid: str) -> bytes:
        """An expert's weights, optimizer moments and step count (safetensors). Raises ExpertError when not here."""
        hosted = self._experts.get(uid)
        if hosted is None:
            raise ExpertError(f"The expert {uid} is not hosted here.")
        return hosted.backend.state()

    @property
    def uids(self) -> tuple[str, ...]:
        """Names of the hosted experts, sorted."""
        with self._lock:
            return tuple(sorted(self._experts))

    def __contains__(self, uid: str) -> bool:
        return uid in self._experts

    @property
    def paused(self) -> bool:
        """Whether the volunteer lets nothing be computed now."""
        return self._gate.paused

    @property
    def max_rows(self) -> int:
        """The most rows that one call may bring."""
        return self._limits.batch_rows

    def steps(self, uid: str) -> int:
        """Optimizer steps of one expert since its birth; 0 when it is not here."""
        hosted = self._experts.get(uid)
        return hosted.backend.steps if hosted else 0

    def device_of(self, uid: str) -> str:
        """The name of the device that computes one expert; "" when it is not here."""
        hosted = self._experts.get(uid)
        return hosted.runtime.device if hosted else ""

    def schema(self, uid: str) -> ExpertSchema | None:
        """What one expert takes and returns; None when it is not here."""
        hosted = self._experts.get(uid)
        return hosted.backend.schema if hosted else None

    def stats(self) -> list[ExpertStats]:
        """Figures of every hosted expert, sorted by name."""
        with self._lock:
            experts = sorted(self._experts.items())
        now = self._clock.monotonic()
        result = []
        for uid, hosted in experts:
            meter, memory = hosted.runtime.meter(uid), hosted.backend.memory_bytes
            rate, device = meter.samples_per_s(now), hosted.runtime.device
            result.append(ExpertStats(uid, meter.served, hosted.backend.steps, rate, meter.latency_s, device, memory))
        return result

    def tickets(self) -> TicketStats:
        """What is kept for backward calls, on all devices."""
        books = [runtime.book for runtime in self._runtimes.values()]
        return TicketStats(
            sum(map(len, books)),
            sum(book.nbytes for book in books),
            sum(book.redeemed for book in books),
            sum(book.lost for book in books),
        )

    def turned_away(self, caller: bytes) -> Outcome | None:
        """What a banned caller hears; None for everybody else."""
        return self.door.turned_away(caller)

    def strike(self, caller: bytes, reason: str) -> None:
        """A request of this caller broke a rule before it became a call."""
        self.door.strike(caller, reason)

    def submit_local(self, kind: Kind, calls: Sequence[Call], timeout: float) -> list[Future[Outcome]]:
        """Use experts of this very engine: no bytes are made, but the same queues and checks apply."""
        submitted = self.submit(kind, calls, LOCAL_CALLER, timeout)
        return [each if isinstance(each, Future) else _answered(each) for each in submitted]

    def submit(
        self, kind: Kind, calls: Sequence[Call], caller: bytes, timeout: float, *, checked: bool = False
    ) -> list[Outcome | Future[Outcome]]:
        """Compute calls of one peer: the outcome of each that is known at once, and a future for the others, which gets
        an Outcome, never an exception.

        timeout: seconds after which the peer no longer waits. Tensors must stay unchanged until then. checked: they
        were held against the experts' schemas already.
        """
        now = self._clock.monotonic()
        submitted: list[Outcome | Future[Outcome]] = []
        queued: dict[DeviceRuntime, list[Task]] = {}
        for call in calls:
            hosted = self._experts.get(call.uid)
            if hosted is None:
                submitted.append(not_found(call.uid))
                continue
            if not checked and (problem := self._misfit(hosted.backend, call, kind)):
                self.door.strike(caller, problem)
                submitted.append(refusal(FailureCode.BAD_TENSOR, problem))
                continue
            keep = call.keep and hosted.backend.keeps
            if kind is Kind.FORWARD and len(calls) == 1:
                outcome = hosted.runtime.forward_now(hosted.backend, call.tensors, caller, keep=keep)
                if outcome is not None:
                    submitted.append(outcome)
                    continue
            token = call.ticket.token if call.ticket and kind is Kind.BACKWARD else b""
            task = Task(hosted.backend, kind, call.tensors, caller, now + timeout, now, keep, token)
            queued.setdefault(hosted.runtime, []).append(task)
            submitted.append(task.done)
        for runtime, tasks in queued.items():
            runtime.submit(tasks)
        return submitted

    def _misfit(self, backend: HostedExpert, call: Call, kind: Kind) -> str:
        """Why these tensors cannot be computed together, or ""."""
        tensors = call.tensors
        rows = tensors[-1].shape[0] if tensors and tensors[-1].dim() else 0
        schema = backend.schema.request(kind)
        if call.ticket and kind is Kind.BACKWARD and len(tensors) == len(backend.schema.outputs):
            schema = backend.schema.outputs
        fits = len(tensors) == len(schema) and all(
            each.matches(t, rows) for each, t in zip(schema, tensors, strict=True)
        )
        if not fits:
            return f"The expert {backend.uid} takes {', '.join(map(str, schema))}."
        return "" if 1 <= rows <= self.max_rows else f"A call brings {rows} rows; 1 to {self.max_rows} are allowed."


def _answered(outcome: Outcome) -> Future[Outcome]:
    future: Future[Outcome] = Future()
    future.set_result(outcome)
    return future
