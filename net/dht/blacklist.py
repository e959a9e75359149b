"""Back-off from peers that do not answer, so that a dead peer costs a time-out now and then, not every lookup.

What is blacklisted is one run of a peer, named by both keys of its contact: a peer that was started again has
a new CURVE key and a clean slate, and nobody can have another peer blacklisted by claiming its CURVE key.
"""

from collections import OrderedDict

from net.addresses import Contact


class Blacklist:
    """After its n-th failure in a row a peer is left alone for first_s * 2^(n-1) seconds, at most max_s.

    capacity: runs remembered, those that failed longest ago forgotten first. Times are monotonic seconds.
    """

    def __init__(self, first_s: float = 1.0, max_s: float = 300.0, capacity: int = 4096) -> None:
        self._first_s = first_s
        self._max_s = max_s
        self._capacity = capacity
        self._failures: OrderedDict[bytes, tuple[int, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failures)

    def failed(self, contact: Contact, now: float) -> None:
        """One more call remained unanswered. Calls that were under way together count as one failure."""
        count, until = self._failures.pop(_run_of(contact), (0, float("-inf")))
        if now >= until:
            until = now + min(self._max_s, self._first_s * 2.0 ** min(count, 30))
            count += 1
        self._failures[_run_of(contact)] = (count, until)
        if len(self._failures) > self._capacity:
            self._failures.popitem(last=False)

    def clear(self) -> None:
        """It was our own fault: all is forgiven to all."""
        self._failures.clear()

    def succeeded(self, contact: Contact) -> None:
        """It answered: all is forgiven."""
        if self._failures:
            self._failures.pop(_run_of(contact), None)

    def blocks(self, contact: Contact, now: float) -> bool:
        """Whether this peer should be left alone for now."""
        known = self._failures.get(_run_of(contact)) if self._failures else None
        return known is not None and now < known[1]


def _run_of(contact: Contact) -> bytes:
    return contact.public_key + contact.curve_key
