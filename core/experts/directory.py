"""The cached view of who hosts which expert: fed by the DHT, read by trainer threads without waiting."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from core.experts.announcement import AnnouncedExpert, read, resolve, row_key
from core.experts.grid_view import GridView, renewed
from core.experts.standing import BackOff, Standing
from core.experts.uid import Grid, row_of
from net.addresses import Contact, PeerId
from net.clock import Clock
from net.dht.base import Dht
from net.errors import NetError, RemoteError
from net.identity import peer_id_of
from net.rpc.base import Rpc
from net.wire.messages import Ping


@dataclass(frozen=True, slots=True)
class DirectoryConfig:
    """refresh_s: between two looks at the DHT; rows_per_refresh: at most so many grid rows a look, in turn;
    fresh_rows: up to so many rows the DHT's own short-lived cache is not trusted, as looking is cheap;
    probe_s: how often peers that failed are considered for a ping; probe_timeout_s: how long that may take."""

    refresh_s: float = 3.0
    rows_per_refresh: int = 64
    fresh_rows: int = 16
    probe_s: float = 0.25
    probe_timeout_s: float = 2.0
    back_off: BackOff = field(default_factory=BackOff)
    tolerated_errors: int = 2  # in a row, of a peer that does answer


class ExpertDirectory:
    """Knows the live experts of one project's grids.

    `refresh` and `run` belong to the event loop; everything else may be called from any thread and never waits for
    the network. Whoever uses an expert reports how that went, so that a host that vanished is avoided at once, long
    before its announcements expire; it returns when it answers a ping. own: this peer's present contact.
    """

    def __init__(
        self,
        dht: Dht,
        rpc: Rpc,
        own: Callable[[], Contact],
        project_id: bytes,
        grids: Sequence[Grid],
        clock: Clock,
        config: DirectoryConfig | None = None,
    ) -> None:
        self.config = config or DirectoryConfig()
        self.project_id = project_id
        self.own = own
        self.peer_id: PeerId = peer_id_of(own().public_key)
        self.clock = clock
        self._dht = dht
        self._rpc = rpc
        self._grids = {grid.prefix: grid for grid in grids}
        self._rows = [(row, grid) for grid in grids for row in grid.rows()]
        self._next_row = 0
        self._heard: dict[str, list[AnnouncedExpert]] = {}  # by row; rows not looked at yet are missing
        self._hosts: dict[str, AnnouncedExpert] = {}  # replaced whole, never changed: read without the lock
        self._refreshed = float("-inf")
        self._looking = asyncio.Lock()
        self._running = False
        self._lock = threading.Lock()  # guards everything below
        self._peers: Standing[PeerId] = Standing(self.config.back_off)
        self._experts: Standing[str] = Standing(self.config.back_off)
        self._views: dict[str, GridView] = {grid.prefix: GridView(grid, ()) for grid in grids}
        self._valid_until = float("inf")

    # --- fed by the loop --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep the view fresh until cancelled."""
        self._running = True
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_refreshing())
                tasks.create_task(self._keep_probing())
        finally:
            self._running = False

    async def refresh(self, max_age: float = 0.0) -> None:
        """Look at the DHT now, unless that was done in the last `max_age` seconds.

        Pings the peers that are due as well, where `run` does not. One call looks at up to `rows_per_refresh` rows,
        the next one at the following rows.
        """
        async with self._looking:
            if self.clock.monotonic() - self._refreshed >= max_age:
                rows = self._turn()
                await self._look(rows, fresh=len(rows) <= self.config.fresh_rows)
                self._refreshed = self.clock.monotonic()
        if not self._running:
            await self.probe()

    async def look_at(self, uids: Iterable[str]) -> None:
        """Look at the DHT for these experts now, past every cache."""
        wanted = {row_of(uid)[0] for uid in uids}
        async with self._looking:
            await self._look([(row, grid) for row, grid in self._rows if row in wanted], fresh=True)

    async def _look(self, rows: Sequence[tuple[str, Grid]], *, fresh: bool) -> None:
        keys = {row: row_key(self.project_id, row) for row, _ in rows}
        found = await self._dht.get(list(keys.values()), fresh=fresh)
        now = self.clock.time()
        for row, grid in rows:
            heard = (read(record, grid, row, now) for record in found.get(keys[row], ()))
            self._heard[row] = [each for each in heard if each is not None]
        self._hosts = resolve(each for heard in self._heard.values() for each in heard if each.expires > now)
        with self._lock:
            self._peers.keep_only({host.peer_id for host in self._hosts.values()})
            self._experts.keep_only(set(self._hosts))
            self._rebuild()

    async def probe(self) -> None:
        """Ping the peers that failed and whose back-off is over: one that answers may be used again."""
        with self._lock:
            due = set(self._peers.due(self.clock.monotonic()))
        contacts = {host.peer_id: host.contact for host in self._hosts.values() if host.peer_id in due}
        async with asyncio.TaskGroup() as tasks:
            for peer_id, contact in contacts.items():
                tasks.create_task(self._ping(peer_id, contact))

    async def _ping(self, peer_id: PeerId, contact: Contact) -> None:
        try:
            await self._rpc.call(contact, Ping(), timeout=self.config.probe_timeout_s)
        except RemoteError:
            self.report_success(peer_id)  # a refusal is an answer
        except NetError:
            self.report_failure(peer_id)
        else:
            self.report_success(peer_id)

    async def _keep_refreshing(self) -> None:
        while True:
            await self.refresh()
            await asyncio.sleep(self.config.refresh_s)

    async def _keep_probing(self) -> None:
        while True:
            await asyncio.sleep(self.config.probe_s)
            await self.probe()

    def _turn(self) -> list[tuple[str, Grid]]:
        """The rows to look at now."""
        if len(self._rows) <= self.config.rows_per_refresh:
            return self._rows
        start = self._next_row
        self._next_row = (start + self.config.rows_per_refresh) % len(self._rows)
        return (self._rows[start:] + self._rows[:start])[: self.config.rows_per_refresh]

    # --- read by anyone ---------------------------------------------------------------------------------------

    def alive(self, prefix: str) -> GridView:
        """The experts of this grid that may be called now."""
        with self._lock:
            if self.clock.monotonic() >= self._valid_until:
                self._rebuild()
            return self._views[prefix]

    @property
    def grids(self) -> tuple[Grid, ...]:
        """The project's grids."""
        return tuple(self._grids.values())

    def host_of(self, uid: str) -> Contact | None:
        """Who hosts this expert, callable or not; None when nobody is known to."""
        host = self._hosts.get(uid)
        return host.contact if host else None

    def find(self, uid: str) -> AnnouncedExpert | None:
        """The rightful host's announcement of this expert, in whatever state; None when nobody announces it."""
        return self._hosts.get(uid)

    def callable_host(self, uid: str) -> AnnouncedExpert | None:
        """As `find`, but None too while the expert is paused or it or its host is left alone."""
        prefix = uid[: uid.find(".") + 1]
        if prefix not in self._grids:
            return None
        view = self.alive(prefix)
        position = view.position.get(uid)
        return None if position is None else view.experts[position]

    def trainable_host(self, uid: str) -> AnnouncedExpert | None:
        """As `callable_host`, but also one that only asked to be left alone for a moment."""
        host = self._hosts.get(uid)
        if host is None or host.state != "serving":
            return None
        now = self.clock.monotonic()
        with self._lock:
            failing = self._peers.failing(host.peer_id, now) or self._experts.failing(uid, now)
        return None if failing else host

    def vacant(self, prefix: str) -> list[str]:
        """Names of this grid's experts that no other peer announces, in the grid's order, as far as was looked.

        One that this peer itself announced is listed too: it may have done so before a restart.
        """
        hosts, own = self._hosts, self.peer_id
        return [
            uid
            for uid in self._grids[prefix].uids()
            if row_of(uid)[0] in self._heard and (uid not in hosts or hosts[uid].peer_id == own)
        ]

    def experts_of(self, peer_id: bytes) -> int:
        """How many experts one peer hosts."""
        return sum(host.peer_id == peer_id for host in self._hosts.values())

    @property
    def experts_alive(self) -> int:
        """Experts of all grids that may be called now."""
        return sum(len(self.alive(prefix)) for prefix in self._grids)

    @property
    def experts_total(self) -> int:
        """Places of all grids."""
        return sum(grid.size for grid in self._grids.values())

    # --- reports of whoever uses an expert --------------------------------------------------------------------

    def report_success(self, peer_id: PeerId) -> None:
        """This peer has answered."""
        with self._lock:
            if self._peers.succeeded(peer_id):
                self._rebuild()

    def report_failure(self, peer_id: PeerId) -> None:
        """This peer did not answer: leave it alone until it answers a ping, after 0.5 s, 1 s, 2 s … 30 s."""
        with self._lock:
            if self._peers.failed(peer_id, self.clock.monotonic(), proof=True):
                self._rebuild()

    def report_error(self, peer_id: PeerId) -> None:
        """This peer answered that it failed: leave it alone after the third time in a row."""
        with self._lock:
            if self._peers.failed(peer_id, self.clock.monotonic(), tolerated=self.config.tolerated_errors):
                self._rebuild()

    def put_aside(self, peer_id: PeerId, seconds: float) -> None:
        """This peer asked to be left alone for so long."""
        with self._lock:
            self._peers.put_aside(peer_id, self.clock.monotonic(), seconds)
            self._rebuild()

    def expert_answered(self, uid: str) -> None:
        """This expert gave a usable answer."""
        with self._lock:
            if self._experts.succeeded(uid):
                self._rebuild()

    def expert_failed(self, uid: str, *, tolerated: int = 0) -> None:
        """This expert was not usable, though its host answers: leave it alone for a while, growing with repetition.

        tolerated: failures in a row that are forgiven first.
        """
        with self._lock:
            if self._experts.failed(uid, self.clock.monotonic(), tolerated=tolerated):
                self._rebuild()

    def put_expert_aside(self, uid: str, seconds: float) -> None:
        """This expert's host asked for a pause of so long."""
        with self._lock:
            self._experts.put_aside(uid, self.clock.monotonic(), seconds)
            self._rebuild()

    def _rebuild(self) -> None:
        """Make new views of what may be called. The lock is held."""
        now = self.clock.monotonic()
        peers, experts = self._peers.aside(now), self._experts.aside(now)
        usable = [
            host
            for host in self._hosts.values()
            if host.state == "serving" and host.peer_id not in peers and host.uid not in experts
        ]
        for prefix, grid in self._grids.items():
            self._views[prefix] = renewed(grid, usable, self._views[prefix])
        self._valid_until = min(self._peers.changes_at(now), self._experts.changes_at(now))
