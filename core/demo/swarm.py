"""All engine processes of one demo in a folder of its own that is gone afterwards."""

import contextlib
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil

from core.control.snapshot import EngineSnapshot
from core.demo.peer import DemoPeer, PeerSettings, refresh_all
from core.errors import HiveletError

START_DEADLINE_S = 90.0
STOP_DEADLINE_S = 8.0
POLL_S = 0.1
PREFIX = "hivelet-demo-"


class Swarm:
    """N engines that know one bootstrap address only."""

    def __init__(self, folder: Path, settings: PeerSettings, shares: Sequence[int], rng: random.Random) -> None:
        """shares: for each of the first engines, how many experts it may hold."""
        self.folder = folder
        self.settings = settings
        self.peers: list[DemoPeer] = []  # every one that ever ran
        self._shares = shares
        self._rng = rng
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="demo-poll")

    @property
    def living(self) -> list[DemoPeer]:
        """Those whose process runs."""
        return [peer for peer in self.peers if peer.alive]

    def start(self) -> None:
        """Start the first engine, and the others as soon as its address is known. Raises HiveletError."""
        first = self.add(self._shares[0], None)
        address = self.wait_address(first)
        for share in self._shares[1:]:
            self.add(share, address)

    def add(self, max_experts: int, bootstrap: str | None) -> DemoPeer:
        """Start one more engine."""
        peer = DemoPeer(len(self.peers), self.folder, replace(self.settings, max_experts=max_experts), bootstrap)
        self.peers.append(peer)
        return peer

    def replace(self, victim: DemoPeer) -> DemoPeer:
        """Kill one and start a new one, which joins through any that is left."""
        victim.kill()
        left = [peer.latest.address for peer in self.living if peer.latest and peer.latest.address]
        if not left:
            raise HiveletError("No engine of the demo is left to join through.")
        return self.add(victim.max_experts, self._rng.choice(left))

    def wait_address(self, peer: DemoPeer) -> str:
        """Until others can join through it; it may still be loading. Raises HiveletError."""
        end = time.monotonic() + START_DEADLINE_S
        while time.monotonic() < end:
            self.check_start([peer])
            snapshot = peer.refresh()
            if snapshot and snapshot.address:
                return snapshot.address
            time.sleep(POLL_S)  # a poll between processes: there is no event to wait for
        raise HiveletError(f"{peer.name} did not start within {START_DEADLINE_S:.0f} s.")

    def check_start(self, peers: Sequence[DemoPeer]) -> bool:
        """Whether each has loaded everything, as of the last refresh. Raises HiveletError when one never will."""
        for peer in peers:
            if not peer.alive:
                raise HiveletError(f"{peer.name} stopped while starting: {peer.last_words()}")
            if peer.latest and peer.latest.state == "error":
                raise HiveletError(f"{peer.name} cannot work: {peer.latest.headline}")
        return all(peer.latest and peer.latest.state != "starting" for peer in peers)

    def refresh(self) -> list[EngineSnapshot]:
        """Snapshots of all that answer."""
        return refresh_all(self.living, self._pool)

    def victim(self, spared: DemoPeer | None) -> DemoPeer:
        """A random living peer."""
        return self._rng.choice([peer for peer in self.living if peer is not spared and peer.latest])

    def stop(self) -> None:
        """End every process, and wait for it."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for peer in self.living:
            peer.ask_to_stop()
        end = time.monotonic() + STOP_DEADLINE_S
        for peer in self.peers:
            peer.wait_stopped(end - time.monotonic())


def even_shares(total: int, peers: int) -> list[int]:
    """Experts that each peer may hold: together all of them, and nobody more than half (peers is 2 or more)."""
    return [max(1, total // peers + (number < total % peers)) for number in range(peers)]


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder for one demo, removed at the end; those of demos that were killed are removed first."""
    parent = Path(tempfile.gettempdir())
    for old in parent.glob(f"{PREFIX}*"):
        owner = old.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
