"""What experts need of a peer, made once for each DHT: directories of grids, callers, and its own host."""

import asyncio
import threading
from typing import Any

from core.api.dht import DHT
from core.experts.announcement import AnnouncedExpert
from core.experts.deadline import DeadlineConfig
from core.experts.directory import ExpertDirectory
from core.experts.line import WireEncoding
from core.experts.remote_expert import CallerConfig, ExpertCaller
from core.experts.service import ExpertHost
from core.experts.uid import Grid
from net.clock import SystemClock
from net.dht.base import dht_key

PROJECT = dht_key("core.api")
"""Experts of this API are those of one project, whatever their prefix."""
_PATIENCE_S = 60.0
_making = threading.Lock()


class KnownExperts(ExpertDirectory):
    """A directory without grids: it knows the experts that were looked up by name."""

    def __init__(self, dht: DHT) -> None:
        node = dht.node
        super().__init__(node.dht, node.rpc, lambda: node.contact, PROJECT, [], SystemClock())
        self._known: dict[str, AnnouncedExpert] = {}

    def remember(self, found: AnnouncedExpert) -> None:
        """It may be called from now on."""
        self._known[found.uid] = found

    def callable_host(self, uid: str) -> AnnouncedExpert | None:
        """As it was when it was looked up."""
        return self._known.get(uid)

    trainable_host = callable_host


class ExpertPeer:
    """One DHT's part in experts. `of` returns it."""

    def __init__(self, dht: DHT) -> None:
        self.dht = dht
        self.host: ExpertHost | None = None
        """This process's own experts: they are called without the network."""
        self.known = KnownExperts(dht)
        self._directories: dict[Grid, tuple[ExpertDirectory, asyncio.Task[None]]] = {}

    @classmethod
    def of(cls, dht: DHT) -> "ExpertPeer":
        """The one that belongs to this DHT."""
        with _making:
            if cls not in dht.shared:
                dht.shared[cls] = cls(dht)
            found: ExpertPeer = dht.shared[cls]
            return found

    def directory(self, grid: Grid) -> ExpertDirectory:
        """A directory of this grid that is kept fresh, after a first look."""
        return self.dht.thread.run(self._directory(grid))

    async def _directory(self, grid: Grid) -> ExpertDirectory:
        if grid not in self._directories:
            node = self.dht.node
            made = ExpertDirectory(node.dht, node.rpc, lambda: node.contact, PROJECT, [grid], SystemClock())
            self._directories[grid] = made, asyncio.create_task(made.run())
            await made.refresh()
        return self._directories[grid][0]

    def caller(self, directory: ExpertDirectory, encoding: str = "none", **config: Any) -> ExpertCaller:
        """Calls experts that this directory knows. Deadlines adapt below a minute."""
        deadlines = DeadlineConfig(high=_PATIENCE_S, first=_PATIENCE_S)
        settings = CallerConfig(WireEncoding.of(encoding), deadlines=deadlines, **config)
        return ExpertCaller(self.dht.node.rpc, directory, self.host, self.dht.thread.loop, PROJECT, settings)

    async def close(self) -> None:
        """Stop looking."""
        tasks = [task for _, task in self._directories.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
