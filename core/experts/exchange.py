"""Exchanges with one host: send calls, learn from the answers, and repeat what the host asks to have repeated."""

import asyncio
import logging
import random
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field

from core.errors import TensorError
from core.experts.answers import Answers, Item
from core.experts.counters import CallCounters
from core.experts.deadline import AdaptiveDeadlines, DeadlineConfig
from core.experts.directory import ExpertDirectory
from core.experts.keeping import KeepShares
from core.experts.line import LineMeter, WireEncoding
from core.experts.outcome import Call, Kind, Outcome, refusal
from core.experts.request import Envelope, Part, unpack
from core.experts.spot_check import SpotChecks
from net.errors import DeadlineExceeded, NetError, RemoteError
from net.rpc.base import Reply, StartingRpc
from net.wire.limits import MIB
from net.wire.messages import ExpertResults, FailureCode

_log = logging.getLogger(__name__)

MUST_WAIT = (FailureCode.BUSY, FailureCode.PAUSED, FailureCode.BANNED)


@dataclass(frozen=True, slots=True)
class CallerConfig:
    """encoding: of tensors on the wire; message_bytes: requests to one host are split above it; local_timeout_s: for
    experts of this engine; busy_s: rest for an expert that is busy or paused where its host names no time;
    busy_patience_s: how long a backward call is repeated to a host that is busy; error_tolerance: errors of one expert
    in a row that are forgiven."""

    encoding: WireEncoding = field(default_factory=WireEncoding)
    message_bytes: int = 32 * MIB
    deadlines: DeadlineConfig = field(default_factory=DeadlineConfig)
    local_timeout_s: float = 10.0
    busy_s: float = 0.25
    busy_patience_s: float = 10.0
    error_tolerance: int = 2

    def patience(self, kind: Kind) -> float:
        """Seconds after which no call to another peer can still be answered."""
        return self.deadlines.high + (self.busy_patience_s if kind is Kind.BACKWARD else 0.0)


class Exchanges:
    """All that one caller has with other peers. Runs in the event loop, but for what it hands to `Answers`."""

    def __init__(
        self,
        rpc: StartingRpc,
        directory: ExpertDirectory,
        project_id: bytes,
        config: CallerConfig,
        counters: CallCounters,
        checks: SpotChecks,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.lines = LineMeter()
        self.keeps = KeepShares()
        self._rpc = rpc
        self._directory = directory
        self._project_id = project_id
        self._config = config
        self._counters = counters
        self._checks = checks
        self._jitter = jitter
        self._repeating: set[asyncio.Task[None]] = set()
        self._deadlines = AdaptiveDeadlines(config.deadlines)

    def start(self, envelope: Envelope, answers: Answers) -> None:
        """One request to one host, and its repetitions. Whatever happens, every call gets its outcome.

        A forward call that hears BUSY is not repeated: other experts can take its place. A backward call is, after
        the time that the host named, as only the expert that answered can learn from it.
        """
        until = asyncio.get_running_loop().time() + self._config.busy_patience_s
        self._ask(envelope, answers, until)

    def _ask(self, envelope: Envelope, answers: Answers, until: float) -> None:
        loop = asyncio.get_running_loop()
        started, key = loop.time(), envelope.key

        def ended(outcome: Reply | NetError) -> None:
            try:
                if isinstance(outcome, NetError):
                    self._refused(envelope, answers, until, outcome)
                else:
                    elapsed = loop.time() - started
                    self._answered(envelope, answers, until, outcome, elapsed)
                    self._deadlines.answered(key, elapsed)
            except Exception:  # noqa: BLE001 - told below
                self._crashed(envelope, answers)

        try:
            message, timeout = envelope.message(self._project_id), self._deadlines.timeout(key)
            self._rpc.start(envelope.contact, message, envelope.payload, timeout=timeout, ended=ended)
        except Exception:  # noqa: BLE001 - told below
            self._crashed(envelope, answers)

    def _crashed(self, envelope: Envelope, answers: Answers) -> None:
        """A mistake of ours: whoever waits shall not do so until the deadline."""
        _log.exception("A call to a host crashed.")
        failed = refusal(FailureCode.INTERNAL, "The call crashed; the log says why.")
        answers.put(lambda: self._failed(envelope.parts, failed))

    def _answered(self, envelope: Envelope, answers: Answers, until: float, reply: Reply, elapsed: float) -> None:
        again: dict[int, Call] = {}
        if envelope.kind is Kind.BACKWARD:
            again, wait = self._repetitions(envelope, reply, until - asyncio.get_running_loop().time())
        if len(again) < len(envelope.parts):  # nothing at all would look like the end of all waiting
            answers.put(lambda: self._unpack(envelope, reply, again))  # first: meanwhile its thread wakes
        if again:
            self._repeat(envelope, again, wait, answers, until)
        self.lines.exchanged(envelope.peer_id, envelope.nbytes + _size(reply), elapsed - _computing(reply))
        self._directory.report_success(envelope.peer_id)

    def _refused(self, envelope: Envelope, answers: Answers, until: float, error: NetError) -> None:
        problem = refusal(FailureCode.INTERNAL, str(error))
        if isinstance(error, RemoteError):
            problem = Outcome(error.code, error.text, (), error.retry_after)
            wait = self._wait(error.retry_after)
            self._report(envelope, problem)
            patient = asyncio.get_running_loop().time() + wait < until
            if error.code == FailureCode.BUSY and envelope.kind is Kind.BACKWARD and patient:
                self._repeat(envelope, {part.position: part.call for part in envelope.parts}, wait, answers, until)
                return
        else:
            if isinstance(error, DeadlineExceeded):
                problem = refusal(FailureCode.TOO_LATE, str(error))
                self._deadlines.late(envelope.key)
            self._directory.report_failure(envelope.peer_id)
        answers.put(lambda: self._failed(envelope.parts, problem))

    def _repeat(self, envelope: Envelope, calls: dict[int, Call], wait: float, answers: Answers, until: float) -> None:
        """Make these calls again, in so many seconds."""

        async def later() -> None:
            try:
                await asyncio.sleep(wait)
            except asyncio.CancelledError:
                stopped = refusal(FailureCode.INTERNAL, "The call was cancelled.")
                answers.put(lambda: self._failed([part for part in envelope.parts if part.position in calls], stopped))
                raise
            for each in envelope.repeated(calls.items(), self._config.message_bytes):
                self._ask(each, answers, until)

        task = asyncio.get_running_loop().create_task(later())
        self._repeating.add(task)
        task.add_done_callback(self._repeating.discard)

    def _repetitions(self, envelope: Envelope, reply: Reply, left: float) -> tuple[dict[int, Call], float]:
        """Calls of a backward request that must be made again: without their ticket where it is gone (once, as then
        there is none any more), and later where the expert is busy. left: seconds for waiting."""
        message = reply.message
        if not isinstance(message, ExpertResults):
            return {}, 0.0
        again: dict[int, Call] = {}
        wait = 0.0
        for part, result in zip(envelope.parts, message.results, strict=False):
            if result.code == FailureCode.TICKET_GONE and part.token:
                again[part.position] = part.call._replace(ticket=None)
            elif result.code == FailureCode.BUSY and self._wait(result.retry_after) < left:
                again[part.position] = part.call
                wait = max(wait, self._wait(result.retry_after))
        with_ticket = sum(bool(part.token) for part in envelope.parts)
        gone = sum(result.code == FailureCode.TICKET_GONE for result in message.results)
        self.keeps.returned(envelope.peer_id, with_ticket - gone, gone)
        return again, wait

    def _wait(self, retry_after: float) -> float:
        """At least as long as the host said, and a bit more, so that those who were refused do not come as one."""
        return (retry_after or self._config.busy_s) * (1 + 0.25 * self._jitter())

    # --- in the waiting thread ----------------------------------------------------------------------------------

    def _failed(self, parts: Sequence[Part], problem: Outcome) -> list[Item]:
        self._counters.add(rpc_failures=len(parts))
        return [(part.position, problem) for part in parts]

    def _unpack(self, envelope: Envelope, reply: Reply, again: Container[int]) -> list[Item]:
        """Check and decode an answer, but for calls that are made again. A host that answers nonsense is reported like
        one that does not answer."""
        settled = [part for part in envelope.parts if part.position not in again]
        try:
            outcomes = unpack(envelope, reply)
        except TensorError as error:
            self._directory.report_failure(envelope.peer_id)
            return self._failed(settled, refusal(FailureCode.BAD_TENSOR, str(error)))
        items: list[Item] = []
        for part, outcome in zip(envelope.parts, outcomes, strict=True):
            if part.position not in again:
                checked = self._checked(envelope, part, outcome)
                items.append((part.position, checked))
                self.note_expert(part.call.uid, checked)
        failures = sum(not outcome.ok for _, outcome in items)
        if failures:
            self._counters.add(rpc_failures=failures)
        return items

    def _checked(self, envelope: Envelope, part: Part, outcome: Outcome) -> Outcome:
        """The outcome itself, unless it was chosen for a spot check and is wrong."""
        if envelope.kind is not Kind.FORWARD or not outcome.ok:
            return outcome
        if self._checks.answered(envelope.peer_id, part.call.uid, part.call.tensors, outcome.tensors[0]):
            return outcome
        _log.warning("Peer %s gave a wrong answer for %s.", envelope.peer_id.hex()[:16], part.call.uid)
        self._directory.report_failure(envelope.peer_id)
        return refusal(FailureCode.BAD_TENSOR, "A second opinion says that this answer is wrong.")

    # --- what the directory learns ------------------------------------------------------------------------------

    def _report(self, envelope: Envelope, problem: Outcome) -> None:
        if problem.code in MUST_WAIT:
            self._directory.put_aside(envelope.peer_id, problem.retry_after or self._config.busy_s)
        else:
            self._directory.report_error(envelope.peer_id)

    def note_expert(self, uid: str, outcome: Outcome) -> None:
        """Tell the directory how one expert did, apart from its host."""
        if outcome.ok:
            self._directory.expert_answered(uid)
        elif outcome.code in MUST_WAIT:
            self._directory.put_expert_aside(uid, outcome.retry_after or self._config.busy_s)
        elif outcome.code == FailureCode.NOT_FOUND:
            self._directory.expert_failed(uid)
        elif outcome.code == FailureCode.INTERNAL:
            self._directory.expert_failed(uid, tolerated=self._config.error_tolerance)


def _size(reply: Reply) -> int:
    return sum(map(len, reply.payload))


def _computing(reply: Reply) -> float:
    """Seconds that the host says it took. One that lies is only taken for a faster or slower line."""
    return reply.message.seconds if isinstance(reply.message, ExpertResults) else 0.0
