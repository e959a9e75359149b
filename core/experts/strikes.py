"""Whom this host does not serve for a while: strikes for calls that break the rules, bans that end. Pure."""

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StrikeConfig:
    """strikes: so many within about half_life_s seconds make a ban; the first ban lasts first_ban_s, each further one
    twice as long, up to longest_ban_s; after forgive_s without a strike everything is forgotten."""

    strikes: float = 8.0
    half_life_s: float = 60.0
    first_ban_s: float = 60.0
    longest_ban_s: float = 3600.0
    forgive_s: float = 6 * 3600.0
    capacity: int = 4096


@dataclass(slots=True)
class _Record:
    weight: float = 0.0
    at: float = 0.0
    bans: int = 0
    until: float = 0.0
    total: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ban:
    """peer: whom; until: monotonic seconds; strikes: in all; reason: of the last one."""

    peer: bytes
    until: float
    strikes: int
    reason: str


class Strikes:
    """Strikes fade with time. Knows at most `capacity` peers; those whose last strike is oldest are forgotten first,
    so that a crowd of new identities costs no memory. Times are monotonic seconds. Not thread-safe.
    """

    def __init__(self, config: StrikeConfig | None = None) -> None:
        self._config = config or StrikeConfig()
        self._records: OrderedDict[bytes, _Record] = OrderedDict()
        self.total = 0

    def strike(self, peer: bytes, now: float, reason: str, weight: float = 1.0) -> bool:
        """One call of this peer broke a rule; True when that makes a ban."""
        config = self._config
        self.total += 1
        record = self._records.get(peer)
        if record is None or now - record.at > config.forgive_s:
            record = self._records[peer] = _Record(at=now)
            while len(self._records) > config.capacity:
                self._records.popitem(last=False)
        self._records.move_to_end(peer)
        record.weight = record.weight * 0.5 ** ((now - record.at) / config.half_life_s) + weight
        record.at, record.reason = now, reason
        record.total += 1
        if now < record.until or record.weight < config.strikes:
            return False
        record.until = now + min(config.longest_ban_s, config.first_ban_s * 2.0 ** min(record.bans, 16))
        record.bans += 1
        record.weight = 0.0
        return True

    def banned_for(self, peer: bytes, now: float) -> float:
        """Seconds until this peer is served again; 0 when it is now."""
        record = self._records.get(peer)
        return max(0.0, record.until - now) if record else 0.0

    def bans(self, now: float) -> list[Ban]:
        """All that hold now, the one that ends first in front."""
        found = [Ban(peer, r.until, r.total, r.reason) for peer, r in self._records.items() if r.until > now]
        return sorted(found, key=lambda ban: ban.until)
