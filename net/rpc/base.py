"""The face of RPC that everything above it uses: `Rpc.call` and `Rpc.handle`."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar

from net.addresses import Contact, PeerId
from net.errors import NetError
from net.wire.messages import Message

Buffer = bytes | bytearray | memoryview
Payload = Sequence[Buffer]
"""The bytes that follow a message: one buffer a tensor, in the order of its tensor headers."""

M = TypeVar("M", bound=Message)


class Reply(NamedTuple):
    """An answer: its message and the payload that follows it."""

    message: Message
    payload: Payload = ()


class Caller(NamedTuple):
    """Who asks: authenticated by CURVE and by the certificate in its Hello. timeout: seconds that it still waits."""

    peer_id: PeerId
    contact: Contact
    address: str
    timeout: float


Answer = Reply | Message

Handler = Callable[[Caller, M, Payload], Answer | Awaitable[Answer]]
"""Serves one request type; where it need not wait it returns its answer itself, which saves a task. It may raise
RemoteError to answer with a Failure of that code; a NetError becomes BAD_REQUEST; anything else is logged and becomes
INTERNAL. It is cancelled when the caller's deadline passes."""


async def answered(answer: Answer | Awaitable[Answer]) -> Answer:
    """What a handler has returned, or will."""
    return await answer if isinstance(answer, Awaitable) else answer


Ended = Callable[[Reply | NetError], None]
"""Told how a call ended."""


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


class StartingRpc(Rpc, Protocol):
    """An Rpc that can also ask without a coroutine, and so without a task: for those who count microseconds."""

    def start(self, contact: Contact, request: Message, payload: Payload = (), *, timeout: float, ended: Ended) -> None:
        """As `call`, but returns at once; `ended` is told the answer, or what `call` would have raised.

        It is called exactly once, on the event loop's thread, perhaps before this returns, and must not raise.
        """
        ...
