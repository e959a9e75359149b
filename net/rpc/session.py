"""What a server knows about one caller."""

from dataclasses import dataclass, field

from net.addresses import Contact, PeerId
from net.transport.base import Link
from net.wire.messages import Plane


@dataclass(slots=True)
class Session:
    """One caller, known by the CURVE key of its run."""

    peer_id: PeerId
    contact: Contact
    address: str
    seen: float  # monotonic seconds
    calls: int = 0
    links: dict[Plane, Link] = field(default_factory=dict)

    @property
    def sent_bytes(self) -> int:
        """Bytes sent over the links that the peer uses now."""
        return sum(link.sent_bytes for link in self.links.values())

    @property
    def received_bytes(self) -> int:
        """Bytes received over the links that the peer uses now."""
        return sum(link.received_bytes for link in self.links.values())
