"""How often to ask a host to keep a forward call for its backward call.

A host keeps as much as its memory allows and gives up the oldest first. A caller with more batches under way than
that would find every ticket gone when it comes back: a round trip lost each time. So it asks for fewer as soon as
tickets are gone, and for more again while they are not.
"""

from collections.abc import Hashable
from dataclasses import dataclass

LEAST = 1 / 32
FEWER = 0.5
MORE = 1.02


@dataclass(slots=True)
class _Host:
    share: float = 1.0
    due: float = 1.0  # a request is kept whenever this reaches 1


class KeepShares:
    """The share of forward requests to each host that ask for tickets. A lost update between threads is harmless."""

    CAPACITY = 4096

    def __init__(self) -> None:
        self._hosts: dict[Hashable, _Host] = {}

    def next(self, host: Hashable) -> bool:
        """Whether the next request shall ask for tickets."""
        known = self._hosts.get(host)
        if known is None:
            return True
        known.due += known.share
        if known.due < 1:
            return False
        known.due -= 1
        return True

    def returned(self, host: Hashable, redeemed: int, gone: int) -> None:
        """What became of the tickets in one backward request."""
        if gone:
            known = self._hosts.get(host)
            if known is None:
                while len(self._hosts) >= self.CAPACITY:
                    del self._hosts[next(iter(self._hosts))]
                known = self._hosts[host] = _Host()
            known.share = max(LEAST, known.share * FEWER)
        elif redeemed and (known := self._hosts.get(host)):
            known.share *= MORE
            if known.share >= 1:
                del self._hosts[host]
