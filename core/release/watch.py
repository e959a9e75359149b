"""Keeps an eye on what the publisher announces in the swarm, and passes it on.

One loop: look up the publisher's records, take what is newer than what is known, and store a copy where the swarm
holds few. Everybody who knows the newest record may keep it alive, so it needs no publisher's computer; of a large
swarm only a few do, because whoever sees enough copies of others lets its own expire.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import HomeError, ReleaseError
from core.files import write_atomically
from core.release.record import Release, ReleaseCheck, release_key, release_subkey
from core.release.version import parse_release
from net.clock import Clock
from net.dht.base import Dht, Entry
from net.errors import NetError
from net.wire.limits import MAX_RECORD_LIFE_S, MAX_VALUE_BYTES
from net.wire.messages import Record

log = logging.getLogger("hivelet.release")

_MOST_TRIED = 64
_LIFE_S = MAX_RECORD_LIFE_S - 60.0


@dataclass(frozen=True, slots=True)
class WatchConfig:
    """Times in seconds. first: (least, most) before the first look; alone: between looks while no peer is known;
    look: between looks; keep: the same for one that keeps a copy alive; jitter: share by which either differs;
    copies: of others, which are enough."""

    first: tuple[float, float] = (10.0, 40.0)
    alone: float = 60.0
    look: float = 3 * 3600.0
    keep: float = 3600.0
    jitter: float = 0.25
    copies: int = 8

    @classmethod
    def quick(cls) -> "WatchConfig":
        """For a swarm in which peers come and go within seconds."""
        return cls(first=(0.2, 0.5), alone=0.5, look=5.0, keep=5.0)


class ReleaseWatch:
    """`newest` is what the publisher said last, as far as this peer has heard.

    publisher: its public key; own: this peer's public key; wanted: whether the volunteer wants to hear of releases;
    alone: whether no other peer is known; file: where the newest record is kept between runs.
    """

    def __init__(
        self,
        dht: Dht,
        publisher: bytes,
        own: bytes,
        clock: Clock,
        file: Path,
        *,
        check: ReleaseCheck,
        wanted: Callable[[], bool],
        alone: Callable[[], bool],
        rng: random.Random,
        config: WatchConfig | None = None,
    ) -> None:
        self.newest: Release | None = None
        self._value = b""
        self._dht = dht
        self._key = release_key(publisher)
        self._own = own
        self._clock = clock
        self._file = file
        self._check = check
        self._wanted = wanted
        self._alone = alone
        self._rng = rng
        self._config = config or WatchConfig()
        self._woken = asyncio.Event()
        self._load()

    async def run(self) -> None:
        """Look, wait, look again, for as long as this is not cancelled."""
        await self._wait(self._rng.uniform(*self._config.first))
        while True:
            wait = self._config.look
            if self._wanted():
                try:
                    wait = await self.look()
                except NetError as error:
                    log.warning("News of releases could not be looked up: %s", error)
            await self._wait(wait * self._rng.uniform(1 - self._config.jitter, 1 + self._config.jitter))

    def wake(self) -> None:
        """Look now: something is new, or the volunteer wants to hear of releases after all."""
        self._woken.set()

    def offer(self, value: bytes) -> Release:
        """A record from somewhere else, which is passed on at the next look.

        Raises ReleaseError when the publisher did not say it, or has said something newer.
        """
        release = self._check.read(value)
        if self.newest is not None and value != self._value:
            self._refuse_older(release, self.newest)
        self._take(release, value)
        return release

    async def look(self) -> float:
        """One round; returns after how many seconds the next one is due."""
        records = (await self._dht.get([self._key], fresh=True))[self._key]
        others = [record for record in records if record.owner != self._own]
        self._take_newest(others)
        if self.newest is None:
            return self._config.alone if self._alone() else self._config.look
        copies = sum(record.value == self._value for record in others)
        if copies >= self._config.copies:
            return self._config.look
        subkey = release_subkey(self.newest.sequence)
        await self._dht.store([Entry(self._key, subkey, self._value, self._clock.time() + _LIFE_S)])
        return self._config.alone if self._alone() else self._config.keep

    def _take_newest(self, records: list[Record]) -> None:
        """Records come sorted by subkey, which puts the newest first; nobody makes us read through thousands."""
        for value in list(dict.fromkeys(record.value for record in records[:_MOST_TRIED])):
            try:
                release = self._check.read(value)
                if self.newest is not None:
                    self._refuse_older(release, self.newest)
            except ReleaseError as error:
                log.debug("A release record is passed over: %s", error)
                continue
            self._take(release, value)

    def _refuse_older(self, release: Release, known: Release) -> None:
        """Old news, and a publisher's step back to an older version, change nothing."""
        if release.sequence <= known.sequence:
            raise ReleaseError("Newer news of releases is known already.")
        theirs, ours = parse_release(release.version), parse_release(known.version)
        if theirs is None or ours is None or theirs < ours:
            raise ReleaseError(f"Version {release.version} is older than {known.version}, which is known already.")

    def _take(self, release: Release, value: bytes) -> None:
        if value == self._value:
            return
        log.info("Hivelet %s of %s is announced.", release.version, release.date)
        self.newest, self._value = release, value
        try:
            write_atomically(self._file, value)
        except HomeError as error:
            log.warning("News of a release is not kept: %s", error)

    def _load(self) -> None:
        """What an earlier run heard. It may be another publisher's, or broken: then it is as if it were not there."""
        try:
            with self._file.open("rb") as file:
                value = file.read(MAX_VALUE_BYTES + 1)
            self.newest, self._value = self._check.read(value), value
        except FileNotFoundError:
            pass
        except (OSError, ReleaseError) as error:
            log.info("News of releases from an earlier run is left aside: %s", error)

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()
