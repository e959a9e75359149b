"""News of releases in a swarm: heard, kept, passed on, and never replaced by something older."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import ReleaseError
from core.release.record import release_key, release_subkey
from core.release.watch import ReleaseWatch, WatchConfig
from net.dht.base import Entry
from net.identity import Identity
from tests.support.release_swarm import PUBLISHER, RELEASE, ReleaseSwarm, record

KEY = release_key(PUBLISHER.public_key)
HOUR = 3600.0
Run = Callable[[Callable[[ReleaseSwarm], Any]], None]


def watch_of(swarm: ReleaseSwarm, number: int, folder: Path, **options: Any) -> ReleaseWatch:
    settings = {"wanted": lambda: True, "alone": lambda: len(swarm.nodes) == 1, **options}
    return ReleaseWatch(
        swarm.nodes[number],
        PUBLISHER.public_key,
        swarm.identities[number].public_key,
        swarm.clock,
        folder / f"{number}.record",
        check=swarm.checks[number],
        rng=random.Random(number),
        **settings,
    )


async def copies(swarm: ReleaseSwarm) -> int:
    """How many owners keep the newest record alive now."""
    records = (await swarm.nodes[0].get([KEY], fresh=True))[KEY]
    return sum(each.value == records[0].value for each in records)


def test_news_reaches_everybody_and_outlives_whoever_brought_it(in_swarm: Run, tmp_path: Path) -> None:
    async def scenario(swarm: ReleaseSwarm) -> None:
        often = WatchConfig(look=1200.0, keep=1200.0)
        watches = [watch_of(swarm, await swarm.add(), tmp_path, config=often) for _ in range(5)]
        tasks = [asyncio.create_task(watch.run()) for watch in watches]
        watches[3].offer(record())
        watches[3].wake()
        await asyncio.sleep(60)
        tasks[3].cancel()  # the publisher's computer goes
        await asyncio.sleep(2.2 * HOUR)  # longer than any record lives
        assert [watch.newest for watch in watches] == [RELEASE] * 5
        assert await copies(swarm) == 4
        newcomer = watch_of(swarm, await swarm.add(), tmp_path)
        await newcomer.look()
        assert newcomer.newest == RELEASE
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    in_swarm(scenario)


def test_whoever_sees_enough_copies_adds_none(in_swarm: Run, tmp_path: Path) -> None:
    async def scenario(swarm: ReleaseSwarm) -> None:
        watches = [watch_of(swarm, await swarm.add(), tmp_path) for _ in range(12)]
        watches[0].offer(record())
        waits = [await watch.look() for watch in watches]
        config = WatchConfig()
        assert await copies(swarm) == config.copies
        assert waits == [config.keep] * config.copies + [config.look] * (12 - config.copies)

    in_swarm(scenario)


def test_a_lone_peer_looks_again_soon(in_swarm: Run, tmp_path: Path) -> None:
    async def scenario(swarm: ReleaseSwarm) -> None:
        watch = watch_of(swarm, await swarm.add(), tmp_path)
        assert await watch.look() == WatchConfig().alone

    in_swarm(scenario)


def test_old_news_never_replaces_newer(in_swarm: Run, tmp_path: Path) -> None:
    async def scenario(swarm: ReleaseSwarm) -> None:
        watch = watch_of(swarm, await swarm.add(), tmp_path)
        watch.offer(record())
        for older in (record(sequence=6), record(sequence=7, notes="the same number again")):
            with pytest.raises(ReleaseError, match="Newer news"):
                watch.offer(older)
        with pytest.raises(ReleaseError, match=r"older than 0\.2\.0"):
            watch.offer(record(sequence=8, version="0.1.9"))
        assert watch.newest == RELEASE
        assert watch.offer(record(sequence=8)).sequence == 8  # the same version in better words

    in_swarm(scenario)


def test_a_downgrade_that_somebody_replays_in_the_swarm_changes_nothing(in_swarm: Run, tmp_path: Path) -> None:
    async def scenario(swarm: ReleaseSwarm) -> None:
        for _ in range(6):
            await swarm.add(believes=False)  # the worst case: nobody else refuses anything
        watch = watch_of(swarm, await swarm.add(), tmp_path)
        watch.offer(record())
        forged = [
            (release_subkey(6), record(sequence=6, version="0.1.5")),
            (release_subkey(9), record(sequence=9, version="0.0.1")),
            (release_subkey(99), record(Identity(b"somebody".ljust(32)), sequence=99, version="9.9.9")),
            (release_subkey(98), b"rubbish"),
            (b"", record(sequence=50, version="5.0.0")),  # true, but not where it belongs
        ]
        end = swarm.clock.time() + HOUR
        for number, (subkey, value) in enumerate(forged):
            await swarm.nodes[number].store([Entry(KEY, subkey, value, end)])
        await watch.look()
        assert watch.newest == RELEASE

    in_swarm(scenario)


def test_a_crowd_of_records_does_not_hide_the_newest(in_swarm: Run, tmp_path: Path) -> None:
    async def scenario(swarm: ReleaseSwarm) -> None:
        for _ in range(10):
            await swarm.add()
        end = swarm.clock.time() + HOUR
        old = [
            Entry(KEY, release_subkey(number), record(sequence=number, version="0.1.5"), end)
            for number in range(1, 200)
        ]
        await swarm.nodes[1].store(old)
        await swarm.nodes[2].store([Entry(KEY, release_subkey(500), record(sequence=500), end)])
        watch = watch_of(swarm, await swarm.add(), tmp_path)
        await watch.look()
        assert watch.newest is not None
        assert watch.newest.sequence == 500

    in_swarm(scenario)


def test_news_is_known_again_after_a_restart(in_swarm: Run, tmp_path: Path) -> None:
    async def scenario(swarm: ReleaseSwarm) -> None:
        number = await swarm.add()
        watch_of(swarm, number, tmp_path).offer(record())
        again = watch_of(swarm, number, tmp_path)
        assert again.newest == RELEASE
        with pytest.raises(ReleaseError, match="Newer news"):
            again.offer(record(sequence=3))

    in_swarm(scenario)


@pytest.mark.parametrize("content", [b"", b"rubbish", record(Identity(b"somebody".ljust(32))), b"x" * 10_000])
def test_a_file_that_somebody_changed_is_left_aside(in_swarm: Run, tmp_path: Path, content: bytes) -> None:
    async def scenario(swarm: ReleaseSwarm) -> None:
        number = await swarm.add()
        (tmp_path / f"{number}.record").write_bytes(content)
        watch = watch_of(swarm, number, tmp_path)
        assert watch.newest is None
        watch.offer(record())
        assert watch_of(swarm, number, tmp_path).newest == RELEASE

    in_swarm(scenario)


def test_a_disk_that_cannot_be_written_does_not_keep_news_away(in_swarm: Run, tmp_path: Path) -> None:
    async def scenario(swarm: ReleaseSwarm) -> None:
        watch = watch_of(swarm, await swarm.add(), tmp_path / "missing")
        assert watch.offer(record()) == watch.newest

    in_swarm(scenario)


def test_who_does_not_want_to_hear_asks_nobody(in_swarm: Run, tmp_path: Path) -> None:
    async def scenario(swarm: ReleaseSwarm) -> None:
        for _ in range(3):
            await swarm.add()
        await swarm.nodes[0].store([Entry(KEY, release_subkey(7), record(), swarm.clock.time() + 2 * HOUR)])
        wanted = [False]
        watch = watch_of(swarm, 2, tmp_path, wanted=lambda: wanted[0])
        task = asyncio.create_task(watch.run())
        await asyncio.sleep(HOUR)
        assert watch.newest is None
        wanted[0] = True
        watch.wake()
        await asyncio.sleep(30)
        assert watch.newest == RELEASE
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    in_swarm(scenario)
