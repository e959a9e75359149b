"""The two requests through which other peers use the experts of this one: everything in them is checked here."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Protocol

from core.errors import TensorError
from core.experts.batch import OWN
from core.experts.outcome import Call, Kind, Outcome, Ticket, refusal
from core.experts.runtime import PAUSED_RETRY_S, paused
from core.experts.schema import ExpertSchema
from core.tensors.codec import decode_batch, encode
from core.tensors.descriptor import PLAIN
from net.errors import RemoteError
from net.rpc.base import Buffer, Caller, Payload, Reply, Rpc
from net.wire.limits import MAX_TIMEOUT_S
from net.wire.messages import (
    ExpertBackward,
    ExpertCall,
    ExpertDescribe,
    ExpertDescription,
    ExpertForward,
    ExpertResult,
    ExpertResults,
    FailureCode,
    TensorKind,
)

MIN_TIMEOUT_S = 0.01


class Computing(Protocol):
    """The part of an expert host that requests need."""

    @property
    def paused(self) -> bool:
        """Whether the volunteer lets nothing be computed now."""
        ...

    @property
    def max_rows(self) -> int:
        """The most rows that one call may bring."""
        ...

    def schema(self, uid: str) -> ExpertSchema | None:
        """What one expert takes and returns; None when it is not here."""
        ...

    def turned_away(self, caller: bytes) -> Outcome | None:
        """What a banned caller hears; None for everybody else."""
        ...

    def strike(self, caller: bytes, reason: str) -> None:
        """A request of this caller broke a rule."""
        ...

    def submit(
        self, kind: Kind, calls: Sequence[Call], caller: bytes, timeout: float, *, checked: bool = False
    ) -> Sequence[Outcome | Future[Outcome]]:
        """Compute calls of one peer: an outcome for each, or a future where it takes a while. checked: against the
        experts' schemas."""
        ...


class ExpertEndpoint:
    """Turns requests into calls and outcomes into answers.

    A fault of the whole request is answered with a Failure; a fault of one call with the code of its result.
    """

    def __init__(self, rpc: Rpc, project_id: bytes, host: Computing) -> None:
        self._project_id = project_id
        self._host = host
        rpc.handle(ExpertForward, self._on_forward)
        rpc.handle(ExpertBackward, self._on_backward)
        rpc.handle(ExpertDescribe, self._on_describe)

    def _on_forward(self, caller: Caller, request: ExpertForward, payload: Payload) -> Reply | Awaitable[Reply]:
        return self._answer(Kind.FORWARD, caller, request, payload)

    def _on_backward(self, caller: Caller, request: ExpertBackward, payload: Payload) -> Reply | Awaitable[Reply]:
        return self._answer(Kind.BACKWARD, caller, request, payload)

    def _on_describe(self, _caller: Caller, request: ExpertDescribe, _payload: Payload) -> ExpertDescription:
        schema = self._host.schema(request.uid) if request.project == self._project_id else None
        if schema is None:
            raise RemoteError(FailureCode.NOT_FOUND, not_found(request.uid).text)
        return describe(schema, self._host.max_rows)

    def _answer(
        self, kind: Kind, caller: Caller, request: ExpertForward | ExpertBackward, payload: Payload
    ) -> Reply | Awaitable[Reply]:
        loop = asyncio.get_running_loop()
        started = loop.time()
        if request.project != self._project_id:
            raise RemoteError(FailureCode.NOT_FOUND, "This peer hosts no experts of that project.")
        if sum([len(call.tensors) for call in request.calls]) != len(payload):
            raise RemoteError(FailureCode.BAD_REQUEST, "The request carries more or fewer tensors than it announces.")
        if (ban := self._host.turned_away(caller.peer_id)) is not None:
            raise RemoteError(ban.code, ban.text, ban.retry_after)
        if self._host.paused:
            raise RemoteError(FailureCode.PAUSED, paused().text, PAUSED_RETRY_S)
        buffers = iter(payload)
        keep = isinstance(request, ExpertForward) and request.keep
        decoded = [self._decode(kind, call, buffers, caller.peer_id, keep=keep) for call in request.calls]
        calls = [each for each in decoded if isinstance(each, Call)]
        timeout = max(caller.timeout, MIN_TIMEOUT_S)
        submitted = self._host.submit(kind, calls, caller.peer_id, timeout, checked=True)

        def reply(computed: Sequence[Outcome]) -> Reply:
            left = iter(computed)
            outcomes = [next(left) if isinstance(each, Call) else each for each in decoded]
            _raise_when_all_must_wait(outcomes)
            return _reply(request.calls, outcomes, loop.time() - started)

        known = [each for each in submitted if isinstance(each, Outcome)]
        return reply(known) if len(known) == len(submitted) else _when_all(submitted, reply)

    def _decode(
        self, kind: Kind, call: ExpertCall, buffers: Iterator[Buffer], caller: bytes, *, keep: bool
    ) -> Call | Outcome:
        """Take one call's tensors off the payload, believed only as far as the expert's schema goes."""
        own = [next(buffers) for _ in call.tensors]
        schema = self._host.schema(call.uid)
        if schema is None:
            return not_found(call.uid)
        try:
            expected = schema.outputs if call.ticket and kind is Kind.BACKWARD else schema.request(kind)
            tensors = decode_batch(call.tensors, own, expected, self._host.max_rows)
        except TensorError as error:
            self._host.strike(caller, str(error))
            return refusal(FailureCode.BAD_TENSOR, str(error))
        return Call(call.uid, tuple(tensors), keep=keep, ticket=Ticket(OWN, call.ticket) if call.ticket else None)


def describe(schema: ExpertSchema, max_rows: int) -> ExpertDescription:
    """A schema as it travels."""
    names = [""] * (len(schema.inputs) - len(schema.keywords)) + list(schema.keywords)
    inputs = (TensorKind(each.row_shape, each.dtype, name) for each, name in zip(schema.inputs, names, strict=True))
    outputs = (TensorKind(each.row_shape, each.dtype) for each in schema.outputs)
    return ExpertDescription(tuple(inputs), tuple(outputs), max_rows)


def not_found(uid: str) -> Outcome:
    """The answer to calls of an expert that is not here (any more)."""
    return refusal(FailureCode.NOT_FOUND, f"The expert {uid} is not hosted here.")


def _when_all(
    submitted: Sequence[Outcome | Future[Outcome]], reply: Callable[[Sequence[Outcome]], Reply]
) -> asyncio.Future[Reply]:
    """What `reply` makes of all outcomes, of which some are still to come; wakes the loop once, not for each.

    When it is cancelled, the caller has given up: what still waits need not be computed.
    """
    loop = asyncio.get_running_loop()
    replied: asyncio.Future[Reply] = loop.create_future()
    # A future never forgets its callbacks, so these must not know the futures: tensors would wait for the collector.
    outcomes = {index: each for index, each in enumerate(submitted) if isinstance(each, Outcome)}
    futures = {index: each for index, each in enumerate(submitted) if isinstance(each, Future)}
    count = len(submitted)
    lock = threading.Lock()

    def note(index: int, future: Future[Outcome]) -> None:
        if future.cancelled():
            return
        with lock:
            outcomes[index] = future.result()
            last = len(outcomes) == count
        if last:
            with contextlib.suppress(RuntimeError):  # the loop has closed: nobody waits any more
                loop.call_soon_threadsafe(finish)

    def finish() -> None:
        if replied.done():
            return
        try:
            replied.set_result(reply([outcomes[index] for index in range(count)]))
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            replied.set_exception(error)

    def give_up(_: "asyncio.Future[Reply]") -> None:
        if replied.cancelled():
            for future in futures.values():
                future.cancel()

    for index, future in futures.items():
        future.add_done_callback(partial(note, index))
    replied.add_done_callback(give_up)
    return replied


def _raise_when_all_must_wait(outcomes: Sequence[Outcome]) -> None:
    """Where one answer fits all calls, it is the whole request's."""
    code = outcomes[0].code if outcomes else 0
    if code in (FailureCode.BUSY, FailureCode.PAUSED) and all(outcome.code == code for outcome in outcomes):
        raise RemoteError(code, outcomes[0].text, max(outcome.retry_after for outcome in outcomes))


def _reply(calls: Sequence[ExpertCall], outcomes: Sequence[Outcome], seconds: float) -> Reply:
    """Answers travel in the encoding of their call's last tensor that has one: outputs like the inputs, input
    gradients like the output gradients."""
    results: list[ExpertResult] = []
    payload: list[Buffer] = []
    for call, outcome in zip(calls, outcomes, strict=True):
        encoding = PLAIN
        for each in call.tensors:
            encoding = each.encoding if each.encoding != PLAIN else encoding
        encoded = [encode(tensor, encoding if tensor.is_floating_point() else PLAIN) for tensor in outcome.tensors]
        headers = tuple(header for header, _ in encoded)
        token = outcome.ticket.token if outcome.ticket else b""
        results.append(ExpertResult(call.uid, outcome.code, outcome.text, headers, outcome.retry_after, token))
        payload += [buffer for _, buffer in encoded]
    return Reply(ExpertResults(tuple(results), min(seconds, MAX_TIMEOUT_S)), payload)
