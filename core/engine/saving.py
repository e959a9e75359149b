"""What outlives the process: experts and the trunk, kept on disk from time to time and taken up again."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from core.durability.snapshots import SnapshotStore
from core.errors import ExpertError, HomeError, TensorError
from core.experts.service import ExpertHost
from core.training.trunk import Trunk

log = logging.getLogger("hivelet.work")

SAVE_EVERY_S = 60.0
SAVE_BYTES_PER_S = 250_000  # written on average at most: a disk that wears out is the volunteer's
TRUNK = "trunk"  # its name among the snapshots; an expert's uid always ends in a coordinate


class Saving:
    """One project's snapshots. Every method but `run` and `forget` works, so call it in a thread."""

    def __init__(self, store: SnapshotStore, project_id: bytes, host: ExpertHost, trunk: Trunk) -> None:
        self._store = store
        self._project_id = project_id
        self._host = host
        self._trunk = trunk
        self._saved: dict[str, int] = {}  # the step at which each snapshot on disk was taken

    async def run(self) -> None:
        """Save again and again, more seldom where that would write too much."""
        wait = SAVE_EVERY_S
        while True:
            await asyncio.sleep(wait)
            wait = max(SAVE_EVERY_S, await asyncio.to_thread(self.save) / SAVE_BYTES_PER_S)

    def save(self) -> int:
        """Keep on disk what has changed since the last time; the bytes written."""
        written = 0
        for uid in self._host.uids:
            try:
                written += self._save_one(uid, self._host.steps(uid), partial(self._host.state, uid))
            except ExpertError as error:
                log.info("%s is no longer here to be saved: %s", uid, error)
        return written + self._save_one(TRUNK, self._trunk.age, self._trunk.state)

    def expert(self, uid: str) -> bytes | None:
        """An expert as this computer saved it last."""
        saved = self._store.load(self._project_id, uid)
        return saved[1] if saved else None

    def restore_trunk(self) -> None:
        """Go on with the trunk of the last run. A trainer that is further is asked for its own later."""
        saved = self._store.load(self._project_id, TRUNK)
        if saved is not None:
            try:
                self._trunk.restore(saved[1])
                self._saved[TRUNK] = saved[0]
                log.info("The trunk goes on from step %d.", saved[0])
            except TensorError as error:
                log.warning("%s The trunk begins anew.", error)

    def sweep(self) -> None:
        """Remove what a run that was killed has left half written."""
        self._store.sweep()

    async def forget(self, uid: str) -> None:
        """An expert is another peer's now."""
        self._saved.pop(uid, None)
        await asyncio.to_thread(self._store.remove, self._project_id, uid)

    def _save_one(self, name: str, step: int, state: Callable[[], bytes]) -> int:
        """Write one snapshot, unless the one on disk is of the same step: an idle engine spares the disk."""
        if self._saved.get(name) == step:
            return 0
        data = state()
        try:
            self._store.save(self._project_id, name, step, data)
            self._saved[name] = step
        except HomeError as error:
            log.warning("%s could not be saved: %s", name, error)
        return len(data)
