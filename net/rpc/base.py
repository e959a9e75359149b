"""The face of RPC that everything above it uses: `Rpc.call` and `Rpc.handle`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

from net.addresses import Contact, PeerId
from net.wire.messages import Message

Buffer = bytes | bytearray | memoryview
Payload = Sequence[Buffer]
"""The bytes that follow a message: one buffer a tensor, in the order of its tensor headers."""

M = TypeVar("M", bound=Message)


class Reply(NamedTuple):
    """An answer: its message and the payload that follows it."""

    message: Message
    payload: Payload = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: authenticated by CURVE and by the certificate in its Hello. timeout: seconds that it still waits."""

    peer_id: PeerId
    contact: Contact
    address: str
    timeout: float


Handler = Callable[[Caller, M, Payload], Awaitable[Reply | Message]]
"""Serves one request type. It may raise RemoteError to answer with a Failure of that code; a NetError becomes
BAD_REQUEST; anything else is logged and becomes INTERNAL. It is cancelled when the caller's deadline passes."""


class Rpc(Protocol):
    """Request and response between peers; every call has a deadline."""

    async def call(self, contact: Contact, request: Message, payload: Payload = (), *, timeout: float) -> Reply:
        """Ask one peer and wait for its answer.

        payload buffers must stay unchanged until the call ends. timeout: seconds.
        Raises DeadlineExceeded, PeerUnreachable, QueueFull, ClosedError, RemoteError (the peer's Failure),
        IdentityError (another peer answers there), WireError (nonsense came back).
        """
        ...

    def handle(self, request_type: type[M], handler: Handler[M]) -> None:
        """Serve requests of this type from now on. Registering a type twice is a ValueError."""
        ...
