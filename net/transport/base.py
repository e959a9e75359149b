"""The face of every transport: links between peers that carry short lists of frames, in order.

A transport proves who is at the other end by its CURVE key and no more; which peer that key belongs to is said by
the Hello that travels inside (`net.rpc`). It bounds what waits for one link and tells when a link has room, so
that one slow peer delays nobody else. Every implementation passes the suite in `tests/unit/net/transport`.
All methods are called, and call back, on the event loop's thread; none of them blocks.
"""

from collections.abc import Sequence
from typing import Protocol

from net.addresses import Contact
from net.errors import TransportError
from net.wire.messages import Plane

Buffer = bytes | bytearray | memoryview
Frames = Sequence[Buffer]
"""One message: at most MESSAGE_FRAMES frames of at most CHUNK_BYTES each."""


class Link(Protocol):
    """One connection to one peer on one plane. Requests go from the side that dialled to the other."""

    plane: Plane
    key: bytes  # the other side's CURVE public key, 32 raw bytes, proven by the transport
    address: str  # tcp://… of the other side
    outbound: bool  # whether this side dialled
    sent_bytes: int
    received_bytes: int

    @property
    def ready(self) -> bool:
        """Whether a message that is sent now goes on its way at once. `Receiver.writable` follows where not."""
        ...

    def send(self, frames: Frames) -> None:
        """Send one message after those sent before. The buffers must stay unchanged until it has left.

        Raises QueueFull when PEER_SEND_QUEUE messages wait already, ClosedError or PeerUnreachable when the link
        is gone.
        """
        ...

    def close(self) -> None:
        """Let go of the connection; what has not left is discarded, and `Receiver.lost` is not called."""
        ...


class Receiver(Protocol):
    """Who a transport reports to. None of these may raise."""

    def received(self, link: Link, frames: Frames) -> None:
        """A whole message came. A link that was not dialled is first seen here."""
        ...

    def writable(self, link: Link) -> None:
        """A link that was not ready is ready again."""
        ...

    def lost(self, link: Link, error: TransportError) -> None:
        """The connection broke or was never made; the link is of no more use."""
        ...


class Transport(Protocol):
    """Makes links. `key` and the two addresses go into this peer's contact."""

    key: bytes  # this run's CURVE public key, 32 raw bytes
    control: str  # where others reach each plane, "" where they cannot
    bulk: str

    def attach(self, receiver: Receiver) -> None:
        """Report to this receiver from now on; called once, before anything else."""
        ...

    def dial(self, contact: Contact, plane: Plane) -> Link:
        """A new link to this peer. It returns at once; messages wait until the connection stands.

        The transport proves that the contact's CURVE key is at the other end before it sends anything.
        Raises AddressError for an address that may not be dialled, PeerUnreachable where none can be made.
        """
        ...

    def agree(self, key: bytes) -> bytes:
        """X25519 of this run's CURVE secret and another's public key (32 bytes each way): what both can compute.

        Raises IdentityError for a key that is none.
        """
        ...

    async def close(self) -> None:
        """Close every link and listener."""
        ...
