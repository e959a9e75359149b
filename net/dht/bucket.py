"""What a routing table is made of: known peers, and buckets of them."""

from dataclasses import dataclass, field

from net.addresses import Contact, PeerId
from net.dht.contacts import Candidate


@dataclass(slots=True)
class Entry:
    """One known peer. last_seen: Unix seconds of its last sign of life; failures: calls in a row it left unanswered."""

    candidate: Candidate
    group: str
    last_seen: float
    failures: int = 0

    def renew(self, candidate: Candidate) -> bool:
        """Take over a later card of the same run under the same address; False for any other card."""
        if candidate is self.candidate:
            return True
        known, new = self.candidate.contact, candidate.contact
        if (known.control, known.curve_key) != (new.control, new.curve_key):
            return False
        if new.expires > known.expires:
            self.candidate = candidate
        return True

    @property
    def peer_id(self) -> PeerId:
        """Who it is."""
        return self.candidate.peer_id

    @property
    def contact(self) -> Contact:
        """Its card."""
        return self.candidate.contact


@dataclass(slots=True)
class Bucket:
    """Peers of one distance, and those who wait for a place, the one that was heard of last at the end."""

    entries: dict[PeerId, Entry] = field(default_factory=dict)
    waiting: dict[PeerId, Entry] = field(default_factory=dict)
