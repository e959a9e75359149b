"""How many connections others may hold to a listener of ours, and who goes when there are too many.

Strangers can open connections faster than libzmq gives up on them, and each one costs a descriptor and the memory
of a frame, long before it proves anything. So the number of those that have not brought a message yet is bounded
apart from all others, and whoever holds most of them, not whoever comes last, makes room.
"""

import asyncio
import ipaddress
import logging
from collections import Counter

from net.transport import borrowed

logger = logging.getLogger(__name__)


class Door:
    """Decides which connections to one listener may stay. No I/O.

    room: connections in all; unproven: of them, those that have brought no whole message yet, half at most. Neither
    kind takes room from the other.
    """

    def __init__(self, room: int, unproven: int) -> None:
        self._unproven_room = min((room + 1) // 2, unproven)
        self._proven_room = max(room - self._unproven_room, 1)
        self._unproven: dict[int, str] = {}  # descriptor to neighbourhood, those that came first, first
        self._proven: dict[int, str] = {}  # least recently heard first
        self._counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())

    def __len__(self) -> int:
        return len(self._unproven) + len(self._proven)

    def opened(self, descriptor: int, host: str) -> list[int]:
        """A connection from this IP address stands. Returns those that must go now, itself perhaps among them."""
        self.closed(descriptor)
        near = neighbourhood(host)
        self._unproven[descriptor] = near
        self._counts[0][near] += 1
        return self._evict(self._unproven, self._counts[0]) if len(self._unproven) > self._unproven_room else []

    def heard(self, descriptor: int) -> list[int]:
        """A whole message came over this connection. Returns those that must go now."""
        near = self._proven.pop(descriptor, None)
        if near is not None:
            self._proven[descriptor] = near
            return []
        near = self._unproven.pop(descriptor, None)
        if near is None:
            return []
        _less(self._counts[0], near)
        self._proven[descriptor] = near
        self._counts[1][near] += 1
        return self._evict(self._proven, self._counts[1]) if len(self._proven) > self._proven_room else []

    def closed(self, descriptor: int) -> None:
        """A connection is gone."""
        for connections, counts in zip((self._unproven, self._proven), self._counts, strict=True):
            near = connections.pop(descriptor, None)
            if near is not None:
                _less(counts, near)

    def _evict(self, connections: dict[int, str], counts: Counter[str]) -> list[int]:
        most = max(counts.values())
        going = next(one for one, near in connections.items() if counts[near] == most)
        self.closed(going)
        return [going]


class DoorKeeper:
    """Carries out what a `Door` decides. life_s: seconds after which every connection ends; None for no such end."""

    def __init__(self, door: Door, life_s: float | None = None) -> None:
        self._door = door
        self._life_s = life_s
        self._peers: dict[int, str] = {}  # descriptor to the other side's address, which tells it from later ones
        self._ends: dict[int, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._peers)

    def accepted(self, descriptor: int) -> None:
        """libzmq has accepted a connection."""
        self.ended(descriptor)
        peer = borrowed.peer_of(descriptor)
        self._peers[descriptor] = peer
        if self._life_s is not None:
            self._ends[descriptor] = asyncio.get_running_loop().call_later(self._life_s, self._shut, descriptor)
        self._let_go(self._door.opened(descriptor, peer.rpartition(":")[0]))

    def heard(self, descriptor: int) -> None:
        """A whole message came over this connection."""
        self._let_go(self._door.heard(descriptor))

    def ended(self, descriptor: int) -> None:
        """A connection is gone."""
        self._door.closed(descriptor)
        self._peers.pop(descriptor, None)
        end = self._ends.pop(descriptor, None)
        if end is not None:
            end.cancel()

    def close(self) -> None:
        """Forget everything."""
        for descriptor in list(self._peers):
            self.ended(descriptor)

    def _let_go(self, those: list[int]) -> None:
        for descriptor in those:
            logger.info("Too many connections: one from %s is closed.", self._peers.get(descriptor, "?"))
            self._shut(descriptor)

    def _shut(self, descriptor: int) -> None:
        borrowed.shut(descriptor, self._peers.get(descriptor, ""))


def neighbourhood(host: str) -> str:
    """The network that one owner is likely to hold as a whole: a /24 or a /56; in private ranges, each address."""
    try:
        ip = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if not ip.is_global:
        return str(ip)
    return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 56}", strict=False))


def _less(counts: Counter[str], near: str) -> None:
    counts[near] -= 1
    if not counts[near]:
        del counts[near]
