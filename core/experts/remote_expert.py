"""Calling experts wherever they live: one message a host, all in flight at once, with deadlines learned from each."""

import asyncio
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial

from core.errors import TensorError
from core.experts.answers import Answers, Item
from core.experts.counters import CallCounters
from core.experts.deadline import AdaptiveDeadlines, DeadlineConfig
from core.experts.directory import ExpertDirectory
from core.experts.line import LineMeter, WireEncoding, encodings_taken
from core.experts.outcome import Call, Kind, Outcome, refusal
from core.experts.request import Envelope, pack, unpack
from core.experts.service import ExpertHost
from net.addresses import Contact, PeerId
from net.errors import DeadlineExceeded, NetError, RemoteError
from net.rpc.base import Reply, Rpc
from net.wire.limits import MIB
from net.wire.messages import ExpertResults, FailureCode

_log = logging.getLogger(__name__)

_SLACK_S = 1.0  # between the last deadline and the moment at which a waiting thread stops believing in the loop
_Target = tuple[PeerId, Contact, tuple[str, ...]]
"""A host, how to reach it, and the encodings that it says it takes."""
_MUST_WAIT = (FailureCode.BUSY, FailureCode.PAUSED)


@dataclass(frozen=True, slots=True)
class CallerConfig:
    """encoding: of tensors on the wire; message_bytes: requests to one host are split above it; local_timeout_s: for
    experts of this engine; busy_s: rest for an expert that is busy or paused where its host names no time;
    error_tolerance: errors of one expert in a row that are forgiven."""

    encoding: WireEncoding = field(default_factory=WireEncoding)
    message_bytes: int = 32 * MIB
    deadlines: DeadlineConfig = field(default_factory=DeadlineConfig)
    local_timeout_s: float = 10.0
    busy_s: float = 0.25
    error_tolerance: int = 2


class ExpertCaller:
    """Calls experts on behalf of trainer threads, which wait; the network is the event loop's work.

    Share one of it between all mixtures of an engine: it knows its peers better with every call. host: this
    engine's own experts, called without the network.
    """

    def __init__(
        self,
        rpc: Rpc,
        directory: ExpertDirectory,
        host: ExpertHost | None,
        loop: asyncio.AbstractEventLoop,
        project_id: bytes,
        config: CallerConfig | None = None,
    ) -> None:
        self.config = config or CallerConfig()
        self.counters = CallCounters()
        self._rpc = rpc
        self._directory = directory
        self._host = host
        self._loop = loop
        self._project_id = project_id
        self._deadlines = AdaptiveDeadlines(self.config.deadlines)
        self._lines = LineMeter()

    @property
    def rpc_calls(self) -> int:
        """Calls of experts that other peers host."""
        return self.counters.counts.rpc_calls

    @property
    def rpc_failures(self) -> int:
        """Those among them that brought no usable answer."""
        return self.counters.counts.rpc_failures

    @property
    def passed_through(self) -> int:
        """Samples that no expert answered."""
        return self.counters.counts.passed_through

    def dispatch(self, kind: Kind, calls: Sequence[Call]) -> Answers:
        """Send every call on its way and return at once; never raises for a call, its outcome tells.

        Tensors are float32 on the CPU and must stay unchanged until their answers came or can no longer come.
        May be called from any thread; the event loop's own must not wait for the answers.
        """
        local, remote, lost = self._route(calls)
        deadlines = self.config.deadlines
        patience = max(deadlines.high if remote else 0.0, self.config.local_timeout_s if local else 0.0) + _SLACK_S
        answers = Answers(len(calls), patience)
        if lost:
            answers.put(lambda: [(index, _nobody(calls[index].uid)) for index in lost])
        for target, indices in remote.items():
            own = [(index, calls[index]) for index in indices]
            for envelope in pack(kind, target[:2], own, self._encodings(target, own), self.config.message_bytes):
                self._post(envelope, answers)
        if local:
            self._call_local(kind, local, calls, answers)
        count = sum(map(len, remote.values()))
        self.counters.add(rpc_calls=count, local_calls=len(local))
        return answers

    def call(self, kind: Kind, calls: Sequence[Call]) -> list[Outcome]:
        """Dispatch, and wait for every answer or its deadline."""
        answers = self.dispatch(kind, calls)
        outcomes: dict[int, Outcome] = {}
        while items := answers.take():
            outcomes.update(items)
        return [outcomes.get(index) or _silence() for index in range(len(calls))]

    def search_again(self, timeout: float, max_age: float = 1.0) -> bool:
        """Wait until the directory has looked at the DHT; False when that took too long or the loop has ended.

        It looks at most once in `max_age` seconds, however many threads ask.
        """
        refresh = self._directory.refresh(max_age)
        try:
            looking = asyncio.run_coroutine_threadsafe(refresh, self._loop)
        except RuntimeError:  # the loop is closed: the engine stops
            refresh.close()
            return False
        try:
            looking.result(timeout)
        except (TimeoutError, NetError):
            looking.cancel()
            return False
        return True

    # --- sorting calls by host ----------------------------------------------------------------------------------

    def _route(self, calls: Sequence[Call]) -> tuple[list[int], dict[_Target, list[int]], list[int]]:
        """Positions of calls of own experts, of others' by host, and of those that cannot be called now."""
        local: list[int] = []
        remote: dict[_Target, list[int]] = {}
        lost: list[int] = []
        own = self._directory.peer_id
        for index, call in enumerate(calls):
            found = self._directory.callable_host(call.uid)
            if found is None or (found.peer_id == own and self._host is None):
                lost.append(index)
            elif found.peer_id == own:
                local.append(index)
            else:
                remote.setdefault((found.peer_id, found.contact, found.encodings), []).append(index)
        return local, remote, lost

    def _encodings(self, target: _Target, calls: Sequence[tuple[int, Call]]) -> tuple[str, str]:
        """For inputs and for gradients on the way to this host."""
        nbytes = sum(tensor.nbytes for _, call in calls for tensor in (*call.tensors, call.tensors[0]))
        taken = encodings_taken(target[2])
        return self.config.encoding.choose(nbytes, self._lines.bytes_per_s(target[0]), taken)

    # --- own experts --------------------------------------------------------------------------------------------

    def _call_local(self, kind: Kind, indices: Sequence[int], calls: Sequence[Call], answers: Answers) -> None:
        if self._host is None:
            return
        futures = self._host.submit_local(kind, [calls[i] for i in indices], self.config.local_timeout_s)
        left = len(futures)
        lock = threading.Lock()

        def hand_over(index: int, future: Future[Outcome]) -> None:
            nonlocal left
            with lock:
                left -= 1
                last = left == 0
            # Waking the waiting thread for every single expert would have it fight for the interpreter with the
            # thread that computes the next one.
            answers.put(lambda: [(index, self._note_local(calls[index].uid, future.result()))], quiet=not last)

        for index, future in zip(indices, futures, strict=True):
            future.add_done_callback(partial(hand_over, index))

    def _note_local(self, uid: str, outcome: Outcome) -> Outcome:
        if not outcome.ok:
            self.counters.add(local_failures=1)
        self._note_expert(uid, outcome)
        return outcome

    # --- other peers' experts -----------------------------------------------------------------------------------

    def _post(self, envelope: Envelope, answers: Answers) -> None:
        exchange = self._exchange(envelope, answers)
        try:
            asyncio.run_coroutine_threadsafe(exchange, self._loop).add_done_callback(_report_crash)
        except RuntimeError:  # the loop is closed: the engine stops
            exchange.close()
            answers.put(lambda: self._failed(envelope, refusal(FailureCode.INTERNAL, "This engine is stopping.")))

    async def _exchange(self, envelope: Envelope, answers: Answers) -> None:
        """One request to one host. Whatever happens, its calls get their outcomes."""
        timeout = self._deadlines.timeout(envelope.key)
        request = envelope.message(self._project_id)
        started = self._loop.time()
        problem = refusal(FailureCode.INTERNAL, "The call was cancelled.")
        reply = None
        try:
            reply = await self._rpc.call(envelope.contact, request, envelope.payload, timeout=timeout)
            elapsed = self._loop.time() - started
            self._deadlines.answered(envelope.key, elapsed)
            self._lines.exchanged(envelope.peer_id, envelope.nbytes + _size(reply), elapsed - _computing(reply))
            self._directory.report_success(envelope.peer_id)
        except RemoteError as error:
            problem = Outcome(error.code, error.text, (), error.retry_after)
            if error.code in _MUST_WAIT:
                self._directory.put_aside(envelope.peer_id, error.retry_after or self.config.busy_s)
            else:
                self._directory.report_error(envelope.peer_id)
        except DeadlineExceeded as error:
            problem = refusal(FailureCode.TOO_LATE, str(error))
            self._deadlines.late(envelope.key)
            self._directory.report_failure(envelope.peer_id)
        except NetError as error:
            problem = refusal(FailureCode.INTERNAL, str(error))
            self._directory.report_failure(envelope.peer_id)
        finally:
            if reply is None:
                answers.put(lambda: self._failed(envelope, problem))
            else:
                answers.put(lambda: self._unpack(envelope, reply))

    def _failed(self, envelope: Envelope, problem: Outcome) -> list[Item]:
        self.counters.add(rpc_failures=len(envelope.parts))
        return [(part.index, problem) for part in envelope.parts]

    def _unpack(self, envelope: Envelope, reply: Reply) -> list[Item]:
        """Check and decode an answer. A host that answers nonsense is reported like one that does not answer."""
        try:
            outcomes = unpack(envelope.parts, reply)
        except TensorError as error:
            self._directory.report_failure(envelope.peer_id)
            return self._failed(envelope, refusal(FailureCode.BAD_TENSOR, str(error)))
        failures = sum(not outcome.ok for outcome in outcomes)
        if failures:
            self.counters.add(rpc_failures=failures)
        for part, outcome in zip(envelope.parts, outcomes, strict=True):
            self._note_expert(part.call.uid, outcome)
        return [(part.index, outcome) for part, outcome in zip(envelope.parts, outcomes, strict=True)]

    def _note_expert(self, uid: str, outcome: Outcome) -> None:
        """Tell the directory how one expert did, apart from its host."""
        if outcome.ok:
            self._directory.expert_answered(uid)
        elif outcome.code in _MUST_WAIT:
            self._directory.put_expert_aside(uid, outcome.retry_after or self.config.busy_s)
        elif outcome.code == FailureCode.NOT_FOUND:
            self._directory.expert_failed(uid)
        elif outcome.code == FailureCode.INTERNAL:
            self._directory.expert_failed(uid, tolerated=self.config.error_tolerance)


def _report_crash(exchange: Future[None]) -> None:
    if not exchange.cancelled() and exchange.exception() is not None:
        _log.error("A call to a host crashed.", exc_info=exchange.exception())


def _size(reply: Reply) -> int:
    return sum(memoryview(buffer).nbytes for buffer in reply.payload)


def _computing(reply: Reply) -> float:
    """Seconds that the host says it took. One that lies is only taken for a faster or slower line."""
    return reply.message.seconds if isinstance(reply.message, ExpertResults) else 0.0


def _nobody(uid: str) -> Outcome:
    return refusal(FailureCode.NOT_FOUND, f"Nobody is known to serve the expert {uid} now.")


def _silence() -> Outcome:
    return refusal(FailureCode.TOO_LATE, "No answer came in time.")
