"""Kademlia's routing table: which peers this one knows, and whom it prefers. Values in, values out; no tasks.

Bucket i holds up to k peers whose ids share exactly i leading bits with our own. Only peers that have answered
us enter (the protocol dials everyone back first). An old peer that still answers is never pushed out by a new one:
the longer a node has been up, the longer it will stay, and an attacker cannot flush the table with fresh ids.
Newcomers to a full bucket wait, unasked, in its replacement cache: they are dialled when a place becomes free.
"""

from collections import Counter
from collections.abc import Iterator
from enum import Enum, auto

from net.addresses import Contact, PeerId
from net.dht.bucket import Bucket, Entry
from net.dht.contacts import Candidate, place_of
from net.dht.node_id import ID_BITS, bucket_index
from net.wire.limits import MAX_CONTACTS


class Offer(Enum):
    """What became of a peer that was offered to the table."""

    ADDED = auto()
    UPDATED = auto()
    WAITING = auto()  # its bucket is full of peers that answer
    REFUSED = auto()  # ourselves, a client, or one too many of its network


class RoutingTable:
    """All buckets of one peer.

    k: size of a bucket; max_waiting: of its replacement cache. group_per_bucket, group_per_table: how many peers of one
    network (see `place_of`) may stand in a bucket and in the whole table. max_failures: unanswered calls in a row
    after which a peer gives way to a waiting one.
    """

    def __init__(
        self,
        own_id: bytes,
        *,
        k: int = MAX_CONTACTS,
        group_per_bucket: int = 2,
        group_per_table: int = 10,
        max_failures: int = 2,
        max_waiting: int = 8,
    ) -> None:
        self.own_id = own_id
        self.own_number = int.from_bytes(own_id, "big")
        self.k = k
        self._group_per_bucket = group_per_bucket
        self._group_per_table = group_per_table
        self._max_failures = max_failures
        self._max_waiting = max_waiting
        self._buckets: dict[int, Bucket] = {}
        self._entries: dict[PeerId, Entry] = {}  # all that stand in buckets
        self._groups: Counter[str] = Counter()
        self._looked_up: dict[int, float] = {}

    # --- what it holds -------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        yield from self._entries.values()

    def __contains__(self, peer_id: PeerId) -> bool:
        return peer_id in self._entries

    def get(self, peer_id: PeerId) -> Entry | None:
        """The entry of a peer that stands in the table (not merely in a replacement cache)."""
        return self._entries.get(peer_id)

    def is_good(self, entry: Entry) -> bool:
        """Whether it has answered lately enough to be worth asking."""
        return entry.failures < self._max_failures

    def good_count(self) -> int:
        """How many peers in the table are worth asking."""
        return sum(self.is_good(entry) for entry in self)

    def any_good(self) -> bool:
        """Whether there is a peer in the table that is worth asking."""
        return any(entry.failures < self._max_failures for entry in self._entries.values())

    def contacts(self) -> list[Contact]:
        """Everything worth keeping over a restart, the peers that answered most recently first."""
        ranked = sorted(self, key=lambda entry: (entry.failures, -entry.last_seen, entry.peer_id))
        return [entry.contact for entry in ranked]

    def nearest(
        self, target: bytes, count: int, *, now: float, told: bool = False, but: PeerId | None = None
    ) -> list[Candidate]:
        """Up to `count` good peers nearest to `target`, nearest first.

        told: for passing on to others, so only peers without any recent failure, whose cards others will accept.
        but: a peer that is left out.
        """
        limit = 1 if told else self._max_failures
        found: list[Candidate] = []
        number = int.from_bytes(target, "big")
        for bucket in self._by_nearness(number):
            ranked = {
                number ^ entry.candidate.number: entry.candidate
                for entry in bucket.entries.values()
                if entry.failures < limit
            }
            for distance in sorted(ranked):
                candidate = ranked[distance]
                if candidate.peer_id == but or (told and candidate.contact.expires <= now):
                    continue
                found.append(candidate)
                if len(found) == count:
                    return found
        return found

    def _by_nearness(self, target: int) -> list[Bucket]:
        """Buckets in an order such that every peer of one is nearer to `target` than any peer of the next.

        Peers of bucket i differ from us in bit i, and those of later ones do not. So where the target differs from
        us in that bit, too, bucket i comes before all later ones, and otherwise after them.
        """
        differing = self.own_number ^ target
        before: list[int] = []
        after: list[int] = []
        for index in sorted(self._buckets):
            (before if differing >> (ID_BITS - 1 - index) & 1 else after).append(index)
        return [self._buckets[index] for index in (*before, *reversed(after))]

    # --- signs of life and of death ------------------------------------------------------------------------

    def offer(self, candidate: Candidate, now: float) -> Offer:
        """This peer has just answered us: give it a place, if there is one."""
        place = self._place(candidate)
        if place is None:
            return Offer.REFUSED
        index, group = place
        bucket = self._buckets.setdefault(index, Bucket())
        known = bucket.entries.get(candidate.peer_id)
        if known is not None:
            if known.group == group:
                known.candidate, known.last_seen, known.failures = candidate, now, 0
                return Offer.UPDATED
            self._remove(bucket, known)
        bucket.waiting.pop(candidate.peer_id, None)
        if not self._group_has_room(bucket, group):
            return Offer.REFUSED
        entry = Entry(candidate, group, now)
        if known is None and len(bucket.entries) >= self.k and not self._drop_bad(bucket):
            self._wait(bucket, entry)
            return Offer.WAITING
        self._add(bucket, entry)
        return Offer.ADDED if known is None else Offer.UPDATED

    def heard(self, candidate: Candidate, now: float) -> bool:
        """This peer has called us. True when that leaves nothing to find out: it was known, under the same address,
        and has no failures on its record."""
        bucket: Bucket | None = None
        entry = self._entries.get(candidate.peer_id)
        if entry is None:
            bucket = self._bucket_of(candidate.peer_id)
            entry = bucket.waiting.get(candidate.peer_id) if bucket else None
        if entry is None or not entry.renew(candidate):
            return False  # a stranger; or it may have moved, or may only say so
        entry.last_seen = now
        if bucket is not None:
            bucket.waiting[candidate.peer_id] = bucket.waiting.pop(candidate.peer_id)
        # A call proves that it lives, not that it can be reached: failures stay until it answers.
        return not entry.failures

    def renew(self, candidate: Candidate) -> None:
        """Somebody passed on this peer's card: a later one of the same run replaces ours, which would expire."""
        entry = self._entries.get(candidate.peer_id)
        if entry is not None:
            entry.renew(candidate)

    def wants(self, candidate: Candidate) -> bool:
        """Whether dialling this peer back could improve the table."""
        place = self._place(candidate)
        if place is None:
            return False
        index, group = place
        bucket = self._buckets.get(index)
        if bucket is None:
            return self._group_has_room(Bucket(), group)
        known = bucket.entries.get(candidate.peer_id)
        if known is not None:
            return known.failures > 0 or known.candidate.control != candidate.control
        return not self._is_full(bucket) and self._group_has_room(bucket, group)

    def note(self, candidate: Candidate, now: float) -> None:
        """This peer has called us, but its bucket is full of peers that answer: remember it for later."""
        place = self._place(candidate)
        bucket = self._buckets.get(place[0]) if place else None
        if place is None or bucket is None or candidate.peer_id in bucket.entries or not self._is_full(bucket):
            return
        if self._group_has_room(bucket, place[1]):
            self._wait(bucket, Entry(candidate, place[1], now))

    def failed(self, peer_id: PeerId) -> Candidate | None:
        """This peer left a call unanswered. Returns who should be dialled now, to take the place of a bad one.

        The bad one keeps its place until then: it may be our own line that is broken.
        """
        bucket = self._bucket_of(peer_id)
        if bucket is None:
            return None
        bucket.waiting.pop(peer_id, None)
        entry = bucket.entries.get(peer_id)
        if entry is not None:
            entry.failures += 1
        if not bucket.waiting or self._is_full(bucket):
            return None
        return bucket.waiting.popitem()[1].candidate  # of those who wait the one that was heard of last

    def remove(self, peer_id: PeerId) -> None:
        """Forget a peer altogether."""
        bucket = self._bucket_of(peer_id)
        if bucket:
            bucket.waiting.pop(peer_id, None)
            if peer_id in bucket.entries:
                self._remove(bucket, bucket.entries[peer_id])

    # --- upkeep --------------------------------------------------------------------------------------------

    def doubtful(self, now: float, silent_s: float) -> list[Candidate]:
        """Peers that should be asked whether they still live: failing, or silent for `silent_s`; longest first."""
        heard = now - silent_s
        entries = [entry for entry in self._entries.values() if entry.failures or entry.last_seen <= heard]
        return [entry.candidate for entry in sorted(entries, key=lambda entry: (entry.last_seen, entry.peer_id))]

    def forget_silent(self, now: float, forget_s: float) -> None:
        """Drop failing peers of which nothing was heard for `forget_s`."""
        failing = [entry for entry in self._entries.values() if entry.failures >= self._max_failures]
        for entry in failing:
            if entry.last_seen + forget_s <= now:
                self.remove(entry.peer_id)

    def looked_up(self, target: bytes, now: float) -> None:
        """A lookup went through the bucket of `target`, so it needs no refresh for a while."""
        if target != self.own_id:
            self._looked_up[bucket_index(self.own_id, target)] = now

    def buckets_to_refresh(self, now: float, period_s: float) -> list[int]:
        """Buckets no lookup went through for `period_s`, far ones first.

        None beyond the k peers nearest to us: lookups for our own id find all of those.
        """
        nearer, last = 0, -1
        for index in sorted(self._buckets, reverse=True):
            nearer += len(self._buckets[index].entries)
            if nearer >= self.k:
                last = index
                break
        oldest = now - period_s
        return [index for index in range(last + 1) if self._looked_up.get(index, float("-inf")) <= oldest]

    # --- inside --------------------------------------------------------------------------------------------

    def _bucket_of(self, peer_id: PeerId) -> Bucket | None:
        return None if peer_id == self.own_id else self._buckets.get(bucket_index(self.own_id, peer_id))

    def _place(self, candidate: Candidate) -> tuple[int, str] | None:
        """Bucket and network group of a peer that may enter at all."""
        difference = self.own_number ^ candidate.number
        if not difference or not candidate.control:
            return None
        return ID_BITS - difference.bit_length(), place_of(candidate.control).group

    def _group_has_room(self, bucket: Bucket, group: str) -> bool:
        if not group:
            return True
        in_table = self._groups.get(group, 0)
        if in_table < self._group_per_bucket:
            return True
        if in_table >= self._group_per_table:
            return False
        return sum(entry.group == group for entry in bucket.entries.values()) < self._group_per_bucket

    def _is_full(self, bucket: Bucket) -> bool:
        """Whether it holds k peers that answer."""
        return len(bucket.entries) >= self.k and all(self.is_good(entry) for entry in bucket.entries.values())

    def _wait(self, bucket: Bucket, entry: Entry) -> None:
        bucket.waiting.pop(entry.peer_id, None)
        bucket.waiting[entry.peer_id] = entry
        if len(bucket.waiting) > self._max_waiting:
            del bucket.waiting[next(iter(bucket.waiting))]

    def _drop_bad(self, bucket: Bucket) -> bool:
        """Free the place of the peer that failed most, if any is bad."""
        worst = max(bucket.entries.values(), key=lambda entry: entry.failures)
        if self.is_good(worst):
            return False
        self._remove(bucket, worst)
        return True

    def _add(self, bucket: Bucket, entry: Entry) -> None:
        bucket.entries[entry.peer_id] = entry
        self._groups[entry.group] += 1
        self._entries[entry.peer_id] = entry

    def _remove(self, bucket: Bucket, entry: Entry) -> None:
        del bucket.entries[entry.peer_id]
        self._groups[entry.group] -= 1
        if not self._groups[entry.group]:
            del self._groups[entry.group]
        del self._entries[entry.peer_id]
