"""What a project's messages carry away from this computer, counted where they leave: an Rpc in front of the Rpc."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from net.addresses import Contact, PeerId
from net.identity import peer_id_of
from net.rpc.base import Answer, Caller, Ended, Handler, M, Payload, Reply, StartingRpc
from net.wire.messages import (
    ExpertBackward,
    ExpertForward,
    ExpertResults,
    Message,
    TrunkExchange,
    TrunkState,
)

KINDS: dict[type[Message], str] = {
    ExpertForward: "activations for experts",
    ExpertBackward: "gradients for experts",
    ExpertResults: "answers of experts",
    TrunkExchange: "trunk",
    TrunkState: "trunk",
}
OTHER = "expert state and other tensors"


class Book(Protocol):
    """Where it is counted (`core.ledger.trust.TrustBook`)."""

    def sent(self, project: str, peer: str, kind: str, tensors: int, size: int) -> None:
        """A message left."""
        ...


@dataclass(frozen=True, slots=True)
class CountingRpc:
    """Passes everything on, and counts the payloads that leave. own: this peer, to whom nothing leaves."""

    inner: StartingRpc
    book: Book
    project: str
    own: PeerId

    async def call(self, contact: Contact, request: Message, payload: Payload = (), *, timeout: float) -> Reply:
        """As net.rpc.base.Rpc.call. A call counts when it is made: parts may leave even if no answer comes."""
        self._count(peer_id_of(contact.public_key), request, payload)
        return await self.inner.call(contact, request, payload, timeout=timeout)

    def start(self, contact: Contact, request: Message, payload: Payload = (), *, timeout: float, ended: Ended) -> None:
        """As net.rpc.base.StartingRpc.start."""
        self._count(peer_id_of(contact.public_key), request, payload)
        self.inner.start(contact, request, payload, timeout=timeout, ended=ended)

    def handle(self, request_type: type[M], handler: Handler[M]) -> None:
        """As net.rpc.base.Rpc.handle."""

        def count(caller: Caller, answer: Answer) -> Answer:
            if isinstance(answer, Reply):
                self._count(caller.peer_id, answer.message, answer.payload)
            return answer

        async def later(caller: Caller, answer: Awaitable[Answer]) -> Answer:
            return count(caller, await answer)

        def counted(caller: Caller, request: M, payload: Payload) -> Answer | Awaitable[Answer]:
            answer = handler(caller, request, payload)
            return later(caller, answer) if isinstance(answer, Awaitable) else count(caller, answer)

        self.inner.handle(request_type, counted)

    def _count(self, peer: PeerId, message: Message, payload: Payload) -> None:
        if payload and peer != self.own:
            size = sum(memoryview(buffer).nbytes for buffer in payload)
            self.book.sent(self.project, peer.hex(), KINDS.get(type(message), OTHER), len(payload), size)
