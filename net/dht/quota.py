"""Fair shares: how many records each owner has here, and who has most."""


class OwnerCounts:
    """Counts by owner; who has most is known at once, however many owners there are."""

    def __init__(self) -> None:
        self._count: dict[bytes, int] = {}
        self._with_count: dict[int, dict[bytes, None]] = {}
        self._most = 0

    def __getitem__(self, owner: bytes) -> int:
        return self._count.get(owner, 0)

    def add(self, owner: bytes, change: int) -> None:
        """Change an owner's count by +1 or -1."""
        old = self[owner]
        new = old + change
        if old:
            peers = self._with_count[old]
            del peers[owner]
            if not peers:
                del self._with_count[old]
        if new:
            self._count[owner] = new
            self._with_count.setdefault(new, {})[owner] = None
        else:
            self._count.pop(owner, None)
        # Counts move by one, so the new maximum is the old one or its neighbour.
        if new > self._most:
            self._most = new
        elif self._most not in self._with_count:
            self._most -= 1

    def largest(self) -> tuple[bytes, int]:
        """An owner with the most records, and how many these are; of equals, the one that came there first."""
        if not self._most:
            return b"", 0
        return next(iter(self._with_count[self._most])), self._most
