"""Requests to one host: calls packed into messages, and the answers to them checked and unpacked."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from core.errors import TensorError
from core.experts.outcome import Call, Kind, Outcome, Ticket
from core.tensors.codec import decode_batch, encode, require_finite
from core.tensors.descriptor import PLAIN
from net.addresses import Contact, PeerId
from net.rpc.base import Buffer, Reply
from net.wire.limits import MAX_CALLS, PAYLOAD_BUFFERS
from net.wire.messages import ExpertBackward, ExpertCall, ExpertForward, ExpertResults, TensorHeader


class Part(NamedTuple):
    """One call, encoded. position: in the dispatch; nbytes: of its tensors on the wire; token: of the ticket
    that goes in place of its inputs."""

    position: int
    call: Call
    headers: tuple[TensorHeader, ...]
    buffers: tuple[Buffer, ...]
    nbytes: int
    token: bytes = b""


class Envelope(NamedTuple):
    """Calls that travel to one host in one message. encodings: of inputs, and of the gradients in a backward call;
    nbytes: of all tensors on the wire."""

    peer_id: PeerId
    contact: Contact
    kind: Kind
    parts: tuple[Part, ...]
    encodings: tuple[str, str]
    nbytes: int

    @property
    def key(self) -> tuple[PeerId, Kind, int]:
        """What answer times depend on: the peer, the work, and the size in powers of four."""
        return self.peer_id, self.kind, self.nbytes.bit_length() // 2

    def message(self, project_id: bytes) -> ExpertForward | ExpertBackward:
        """The request itself, without its payload."""
        calls = tuple([ExpertCall(part.call.uid, part.headers, part.token) for part in self.parts])
        if self.kind is Kind.BACKWARD:
            return ExpertBackward(project_id, calls)
        return ExpertForward(project_id, calls, any(part.call.keep for part in self.parts))

    def repeated(self, calls: Iterable[tuple[int, Call]], max_bytes: int) -> "Iterator[Envelope]":
        """The same to the same host, for these calls alone."""
        return pack(self.kind, (self.peer_id, self.contact), calls, self.encodings, max_bytes)

    @property
    def payload(self) -> list[Buffer]:
        """The tensors of all calls, in order."""
        return [buffer for part in self.parts for buffer in part.buffers]


def pack(
    kind: Kind,
    target: tuple[PeerId, Contact],
    calls: Iterable[tuple[int, Call]],
    encodings: tuple[str, str],
    max_bytes: int,
) -> Iterator[Envelope]:
    """Encode calls (each with its position in the dispatch) to one host; a new message begins where one would exceed
    `max_bytes` or a limit of the wire. A backward call with a ticket of this host goes without its inputs."""
    batch: list[Part] = []
    size = buffers = 0
    for index, call in calls:
        token = call.ticket.token if kind is Kind.BACKWARD and call.ticket and call.ticket.host == target[0] else b""
        encoded = _encode(kind, call, *encodings, inputs_too=not token)
        headers, contents = tuple([header for header, _ in encoded]), tuple([buffer for _, buffer in encoded])
        part = Part(index, call, headers, contents, sum([header.nbytes for header in headers]), token)
        too_large = size + part.nbytes > max_bytes
        if batch and (too_large or len(batch) == MAX_CALLS or buffers + len(encoded) > PAYLOAD_BUFFERS):
            yield Envelope(*target, kind, tuple(batch), encodings, size)
            batch, size, buffers = [], 0, 0
        batch.append(part)
        size += part.nbytes
        buffers += len(encoded)
    if batch:
        yield Envelope(*target, kind, tuple(batch), encodings, size)


def _encode(
    kind: Kind, call: Call, inputs: str, gradients: str, *, inputs_too: bool
) -> list[tuple[TensorHeader, memoryview]]:
    """Every tensor in its encoding; numbers without fractions are never shortened."""
    first_gradient = len(call.tensors) - (call.outputs if kind is Kind.BACKWARD else 0)
    return [
        encode(tensor, (inputs if place < first_gradient else gradients) if tensor.is_floating_point() else PLAIN)
        for place, tensor in enumerate(call.tensors)
        if inputs_too or place >= first_gradient
    ]


def unpack(envelope: Envelope, reply: Reply) -> list[Outcome]:
    """One outcome a call. Raises TensorError when the answer does not fit what was asked."""
    message, parts = reply.message, envelope.parts
    if not isinstance(message, ExpertResults) or [r.uid for r in message.results] != [p.call.uid for p in parts]:
        raise TensorError("The answer is not about the experts that were asked.")
    if sum([len(result.tensors) for result in message.results]) != len(reply.payload):
        raise TensorError("The answer carries more or fewer tensors than it announces.")
    buffers = iter(reply.payload)
    outcomes = []
    for part, result in zip(parts, message.results, strict=True):
        own = [next(buffers) for _ in result.tensors]
        if result.code:
            outcomes.append(Outcome(result.code, result.text, (), result.retry_after))
            continue
        rows = part.call.tensors[0].shape[0]
        tensors = decode_batch(result.tensors, own, part.call.expected, rows)
        if tensors[0].shape[0] != rows:
            raise TensorError(f"The answer has {tensors[0].shape[0]} rows, the question had {rows}.")
        require_finite(tensors)
        ticket = Ticket(envelope.peer_id, result.ticket) if result.ticket else None
        outcomes.append(Outcome(0, "", tuple(tensors), 0.0, ticket))
    return outcomes
