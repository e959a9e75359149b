"""Which experts this peer hosts: choosing vacant ones, settling with rivals, and keeping the DHT informed."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.errors import ExpertError
from core.experts.announcement import VERSION, Announcement, ExpertState, rank, row_key
from core.experts.directory import ExpertDirectory
from core.experts.service import ExpertHost
from core.experts.uid import row_of
from net.dht.base import Dht, Entry

_log = logging.getLogger(__name__)

Change = Callable[[str], Awaitable[None]]
"""Makes the host take, or give up, the expert of this name."""


@dataclass(frozen=True, slots=True)
class ClaimConfig:
    """Seconds. life: of an announcement; announce: between two of them; settle: shortest and longest wait between
    wanting an expert and taking it, in which rivals show themselves; modesty: how long an expert must have been vacant
    before a peer that hosts half of the project already takes it, too, so that those who come next find some; round:
    between two looks at what changed; retry: before an expert that could not be hosted is tried again; farewell: life
    of a withdrawal."""

    life_s: float = 60.0
    announce_s: float = 20.0
    settle_s: tuple[float, float] = (0.5, 1.5)
    modesty_s: float = 60.0
    round_s: float = 1.0
    retry_s: float = 60.0
    farewell_s: float = 10.0

    @classmethod
    def quick(cls) -> "ClaimConfig":
        """For swarms whose peers come and go within seconds: demos, benches, tests."""
        return cls(10.0, announce_s=3.0, settle_s=(0.2, 0.6), modesty_s=15.0, round_s=0.5, retry_s=5.0, farewell_s=5.0)


def choose_vacant(
    vacant: Mapping[str, Sequence[str]], sizes: Mapping[str, int], count: int, rng: random.Random
) -> list[str]:
    """Up to `count` vacant experts, one by one from the layer that lacks the largest share of its own.

    vacant: names by layer; sizes: places of each layer. Which ones of a layer is left to chance, so that peers that
    look at the same moment rarely want the same.
    """
    left = {prefix: rng.sample(uids, len(uids)) for prefix, uids in vacant.items() if uids}
    chosen: list[str] = []
    while left and len(chosen) < count:
        neediest = max(left, key=lambda prefix: (len(left[prefix]) / sizes[prefix], prefix))
        chosen.append(left[neediest].pop())
        if not left[neediest]:
            del left[neediest]
    return chosen


Fits = Callable[[str], int]


class ExpertClaims:
    """Keeps `allowed` experts hosted here, as long as there are vacant ones, and announced.

    An expert is first announced as wanted; after a short, random wait a fresh look tells who else wants it. All peers
    judge by the same rule (`AnnouncedExpert.rank`), so exactly one of them takes it. The same look also settles what
    two halves of a parted swarm have both taken. Belongs to the event loop.

    acquire, release: how the host takes an expert and gives it up (loading and saving its state is their business);
    acquire raises ExpertError when that is impossible here.
    """

    def __init__(
        self,
        dht: Dht,
        directory: ExpertDirectory,
        host: ExpertHost,
        *,
        allowed: int,
        acquire: Change,
        release: Change,
        rng: random.Random,
        config: ClaimConfig | None = None,
    ) -> None:
        self.config = config or ClaimConfig()
        self._dht = dht
        self._directory = directory
        self._host = host
        self._allowed = allowed
        self._fits: Fits = lambda _: 0
        self._acquire = acquire
        self._release = release
        self._rng = rng
        self._clock = directory.clock
        self._since: dict[str, float] = {}  # when we took, or wanted, each expert that we announce
        self._vacant_since: dict[str, float] = {}
        self._failed: dict[str, float] = {}  # until when an expert that could not be hosted is left to others
        self._announced_at = float("-inf")
        self._announced_paused = False
        self._wake = asyncio.Event()

    @property
    def allowed(self) -> int:
        """How many experts may be hosted here."""
        return self._allowed

    def allow(self, count: int, fits: Fits | None = None) -> None:
        """Host so many from now on: more are claimed, surplus ones are released, at the next round.

        fits: compares an expert's size with the one that is planned: negative for a smaller one, which may stay here
        but is not claimed, positive for a larger one, which has to go. All fit by default.
        """
        self._allowed = max(0, count)
        self._fits = fits or (lambda _: 0)
        self.wake()

    def lapse(self) -> None:
        """This computer slept: what it announced may have expired, and whoever took an expert over since has the
        better right. Announce anew, as one who begins now."""
        now = self._clock.time()
        self._since = dict.fromkeys(self._since, now)
        self._announced_at = float("-inf")
        self.wake()

    def wake(self) -> None:
        """Look at once at what changed (a pause, for example)."""
        self._wake.set()

    async def run(self) -> None:
        """Claim, settle and announce until cancelled. `withdraw` afterwards."""
        await self._directory.refresh()
        while True:
            await self.round()
            self._wake.clear()
            try:
                async with asyncio.timeout(self.config.round_s):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def round(self) -> None:
        """Do what is due now."""
        await self._yield_lost()
        await self._drop_surplus()
        await self._claim_vacant()
        due = self._clock.monotonic() - self._announced_at >= self.config.announce_s
        if due or self._host.paused != self._announced_paused:
            await self.announce()

    async def announce(self, uids: Iterable[str] | None = None) -> None:
        """Tell the DHT about these of our experts; about all of them by default."""
        if uids is None:
            self._announced_at = self._clock.monotonic()
            self._announced_paused = self._host.paused
        state: ExpertState = "paused" if self._host.paused else "serving"
        await self._store(self._host.uids if uids is None else uids, state)

    async def withdraw(self, uids: Iterable[str] | None = None) -> None:
        """Take announcements back, all of them by default: others may claim these experts at once."""
        gone = list(self._since if uids is None else uids)
        expires = self._clock.time() + self.config.farewell_s
        for uid in gone:
            self._since.pop(uid, None)
        if gone:
            await self._dht.store([Entry(*self._names(uid), b"", expires) for uid in gone])

    # --- one round ----------------------------------------------------------------------------------------------

    async def _yield_lost(self) -> None:
        """Give up experts that another peer holds by the better right."""
        lost = [uid for uid in self._host.uids if not self._ours(uid, "serving")]
        for uid in lost:
            _log.info("Another peer hosts %s by the better right; giving it up.", uid)
            await self._release(uid)
        await self.withdraw(lost)

    async def _drop_surplus(self) -> None:
        too_large = [uid for uid in self._host.uids if self._fits(uid) > 0]
        rest = sorted(set(self._host.uids) - set(too_large), key=lambda uid: (self._since.get(uid, 0.0), uid))
        surplus = too_large + rest[self._allowed :]
        for uid in surplus:
            await self._release(uid)
        await self.withdraw(surplus)

    async def _claim_vacant(self) -> None:
        room = self._allowed - len(self._host.uids)
        if room <= 0 or self._host.paused:
            return
        await self._directory.refresh(max_age=self.config.round_s)
        vacant = self._vacant()
        # What this peer hosted before a restart comes first: it may have kept its state, and others still call it.
        wanted = [uid for uids in vacant.values() for uid in uids if self._directory.find(uid)][:room]
        rest = {prefix: [uid for uid in uids if uid not in wanted] for prefix, uids in vacant.items()}
        wanted += choose_vacant(rest, self._sizes(), room - len(wanted), self._rng)
        wanted = self._modestly(wanted, vacant)
        if not wanted:
            return
        now = self._clock.time()
        self._since |= dict.fromkeys(wanted, now)
        await self._store(wanted, "claiming")
        await asyncio.sleep(self._rng.uniform(*self.config.settle_s))
        await self._directory.look_at(wanted)
        won = [uid for uid in wanted if self._ours(uid, "claiming")]
        taken = [uid for uid in won if await self._take(uid)]
        await self.announce(taken)
        await self.withdraw(set(wanted) - set(taken))
        await self._directory.look_at(wanted)

    def _modestly(self, wanted: list[str], vacant: Mapping[str, Sequence[str]]) -> list[str]:
        """Without what would be more than half of the project, unless nobody else has wanted that for long enough."""
        now = self._clock.monotonic()
        self._vacant_since = {uid: self._vacant_since.get(uid, now) for uids in vacant.values() for uid in uids}
        room = max(0, max(1, sum(self._sizes().values()) // 2) - len(self._host.uids))
        ripe = [uid for uid in wanted[room:] if now - self._vacant_since[uid] >= self.config.modesty_s]
        return wanted[:room] + ripe

    async def _take(self, uid: str) -> bool:
        try:
            await self._acquire(uid)
        except ExpertError as error:
            _log.warning("The expert %s cannot be hosted here: %s", uid, error)
            self._failed[uid] = self._clock.monotonic() + self.config.retry_s
            return False
        return True

    def _vacant(self) -> dict[str, list[str]]:
        now = self._clock.monotonic()
        self._failed = {uid: until for uid, until in self._failed.items() if until > now}
        held = set(self._host.uids)
        return {
            grid.prefix: [
                uid
                for uid in self._directory.vacant(grid.prefix)
                if uid not in held and uid not in self._failed and not self._fits(uid)
            ]
            for grid in self._directory.grids
        }

    def _sizes(self) -> dict[str, int]:
        return {grid.prefix: grid.size for grid in self._directory.grids}

    def _ours(self, uid: str, state: ExpertState) -> bool:
        """Whether no other peer is known to have a better right to this expert than we in this state."""
        rival = self._directory.find(uid)
        own = self._directory.peer_id
        # What we ourselves announced may not have come back to us yet, so our own rank is computed, not looked up.
        since = self._since.get(uid, self._clock.time())
        return rival is None or rival.peer_id == own or rank(state, since, own) < rival.rank

    # --- the DHT ------------------------------------------------------------------------------------------------

    async def _store(self, uids: Iterable[str], state: ExpertState) -> None:
        now = self._clock.time()
        entries = []
        for uid in uids:
            since = self._since.setdefault(uid, now)
            said = Announcement(VERSION, self._directory.own(), since, self._host.steps(uid), state)
            entries.append(Entry(*self._names(uid), said.to_bytes(), now + self.config.life_s))
        if entries:
            await self._dht.store(entries)

    def _names(self, uid: str) -> tuple[bytes, bytes]:
        """Key and subkey of an expert's entry."""
        row, last = row_of(uid)
        return row_key(self._directory.project_id, row), last.encode()
