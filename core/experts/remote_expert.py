"""Calling experts wherever they live: one message a host, all in flight at once, with deadlines learned from each."""

import asyncio
import contextlib
import math
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial

from core.experts.answers import Answers
from core.experts.counters import CallCounters
from core.experts.directory import ExpertDirectory
from core.experts.exchange import CallerConfig, Exchanges
from core.experts.line import encodings_taken
from core.experts.outcome import Call, Kind, Outcome, refusal
from core.experts.request import Envelope, pack
from core.experts.service import ExpertHost
from core.experts.spot_check import SpotChecks
from net.addresses import Contact, PeerId
from net.errors import NetError
from net.rpc.base import StartingRpc
from net.wire.messages import FailureCode

__all__ = ["CallerConfig", "ExpertCaller"]

_SLACK_S = 1.0  # between the last deadline and the moment at which a waiting thread stops believing in the loop
_Target = tuple[PeerId, Contact, tuple[str, ...]]
"""A host, how to reach it, and the encodings that it says it takes."""


class ExpertCaller:
    """Calls experts on behalf of trainer threads, which wait; the network is the event loop's work.

    Share one of it between all mixtures of an engine: it knows its peers better with every call. host: this
    engine's own experts, called without the network; checks: of other peers' answers.
    """

    def __init__(
        self,
        rpc: StartingRpc,
        directory: ExpertDirectory,
        host: ExpertHost | None,
        loop: asyncio.AbstractEventLoop,
        project_id: bytes,
        config: CallerConfig | None = None,
        checks: SpotChecks | None = None,
    ) -> None:
        self.config = config or CallerConfig()
        self.checks = checks or SpotChecks()
        self.counters = CallCounters()
        self._directory = directory
        self._host = host
        self._loop = loop
        self._exchanges = Exchanges(rpc, directory, project_id, self.config, self.counters, self.checks)

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
        local, remote, lost = self._route(kind, calls)
        patience = max(self.config.patience(kind) if remote else 0.0, 2 * self.config.local_timeout_s if local else 0.0)
        patience += _SLACK_S
        answers = Answers(len(calls), patience)
        if lost:
            answers.put(lambda: [(index, _nobody(calls[index].uid)) for index in lost])
        for target, indices in remote.items():
            own = [(index, calls[index]) for index in indices]
            if kind is Kind.FORWARD and calls[indices[0]].keep and not self._exchanges.keeps.next(target[0]):
                own = [(index, call._replace(keep=False)) for index, call in own]
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

    def _route(self, kind: Kind, calls: Sequence[Call]) -> tuple[list[int], dict[_Target, list[int]], list[int]]:
        """Positions of calls of own experts, of others' by host, and of those that cannot be called now."""
        local: list[int] = []
        remote: dict[_Target, list[int]] = {}
        lost: list[int] = []
        own = self._directory.peer_id
        # What a host that is busy has answered, it alone can learn from.
        host_of = self._directory.callable_host if kind is Kind.FORWARD else self._directory.trainable_host
        for index, call in enumerate(calls):
            found = host_of(call.uid)
            if found is None or (found.peer_id == own and self._host is None):
                lost.append(index)
            elif found.peer_id == own:
                local.append(index)
            else:
                remote.setdefault((found.peer_id, found.contact, found.encodings), []).append(index)
        return local, remote, lost

    def _encodings(self, target: _Target, calls: Sequence[tuple[int, Call]]) -> tuple[str, str]:
        """For inputs and for gradients on the way to this host."""
        encoding, taken = self.config.encoding, encodings_taken(target[2])
        if not encoding.follows_line:
            return encoding.choose(0, math.inf, taken)
        nbytes = sum(tensor.nbytes for _, call in calls for tensor in (*call.tensors, call.tensors[0]))
        return encoding.choose(nbytes, self._exchanges.lines.bytes_per_s(target[0]), taken)

    # --- own experts --------------------------------------------------------------------------------------------

    def _call_local(self, kind: Kind, indices: Sequence[int], calls: Sequence[Call], answers: Answers) -> None:
        if self._host is None:
            return
        futures = self._host.submit_local(kind, [calls[i] for i in indices], self.config.local_timeout_s)
        left = len(futures)
        lock = threading.Lock()

        def hand_over(index: int, again: bool, future: Future[Outcome]) -> None:
            nonlocal left
            outcome = future.result()
            if again and kind is Kind.BACKWARD and outcome.code == FailureCode.BUSY:
                self._later(outcome.retry_after or self.config.busy_s, partial(repeat, index))
                return
            with lock:
                left -= 1
                last = left == 0
            # Waking the waiting thread for every single expert would have it fight for the interpreter with the
            # thread that computes the next one.
            answers.put(lambda: [(index, self._note_local(calls[index].uid, outcome))], quiet=not last)

        def repeat(index: int) -> None:
            assert self._host is not None  # noqa: S101 - nothing is called here without one
            (future,) = self._host.submit_local(kind, [calls[index]], self.config.local_timeout_s)
            future.add_done_callback(partial(hand_over, index, False))

        for index, future in zip(indices, futures, strict=True):
            future.add_done_callback(partial(hand_over, index, True))

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the engine stops, and nobody waits any more
            self._loop.call_soon_threadsafe(self._loop.call_later, seconds, action)

    def _note_local(self, uid: str, outcome: Outcome) -> Outcome:
        if not outcome.ok:
            self.counters.add(local_failures=1)
        self._exchanges.note_expert(uid, outcome)
        return outcome

    # --- other peers' experts -----------------------------------------------------------------------------------

    def _post(self, envelope: Envelope, answers: Answers) -> None:
        try:
            self._loop.call_soon_threadsafe(self._exchanges.start, envelope, answers)
        except RuntimeError:  # the loop is closed: the engine stops
            stopping = refusal(FailureCode.INTERNAL, "This engine is stopping.")
            self.counters.add(rpc_failures=len(envelope.parts))
            answers.put(lambda: [(part.position, stopping) for part in envelope.parts])


def _nobody(uid: str) -> Outcome:
    return refusal(FailureCode.NOT_FOUND, f"Nobody is known to serve the expert {uid} now.")


def _silence() -> Outcome:
    return refusal(FailureCode.TOO_LATE, "No answer came in time.")
