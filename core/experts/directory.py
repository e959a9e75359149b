"""The cached view of who hosts which expert: fed by the DHT, read by trainer threads without waiting."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from core.experts.announcement import AnnouncedExpert, read, resolve, row_key
from core.experts.grid_view import GridView, renewed
from core.experts.looking import RowPlan
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
    """refresh_s: between two looks at the DHT; rows_per_refresh: at most so many grid rows a look; requests_per_s:
    that looking may cost in the long run, so that ten thousand trainers do not drown those who keep the rows;
    renew_s: how long before it expires an announcement is looked for again; rows_at_once: read beside each other;
    probe_s: how often peers that failed are considered for a ping; probe_timeout_s: how long that may take."""

    refresh_s: float = 3.0
    rows_per_refresh: int = 64
    rows_at_once: int = 16
    requests_per_s: float = 32.0
    renew_s: float = 12.0
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
        self._rows = {row: grid for grid in grids for row in grid.rows()}
        self._plan = RowPlan(
            list(self._rows),
            at_most=self.config.rows_per_refresh,
            requests_per_s=self.config.requests_per_s,
            renew_s=self.config.renew_s,
            now=clock.monotonic(),
        )
        self._heard: dict[str, list[AnnouncedExpert]] = {}  # by row; rows not looked at yet are missing
        self._hosts: dict[str, AnnouncedExpert] = {}  # replaced whole, never changed: read without the lock
        self._refreshed = float("-inf")
        self._looking = asyncio.Lock()
        self._running = False
        self._lock = threading.Lock()  # guards everything below
        self._doubted: set[PeerId] = set()  # failed since the last look
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

        Pings the peers that are due as well, where `run` does not. One call looks at up to `rows_per_refresh` rows, and
        at no more than the allowance of requests pays for; the next ones at others.
        """
        async with self._looking:
            if self.clock.monotonic() - self._refreshed >= max_age:
                self._plan.doubt(self._rows_in_doubt())
                fresh, plain = self._plan.next(self.clock.monotonic(), self.clock.time())
                asked = self._dht.questions
                await self._look(fresh, fresh=True)
                await self._look(plain, fresh=False)
                self._plan.paid(self._dht.questions - asked, len(fresh), len(plain))
                self._refreshed = self.clock.monotonic()
        if not self._running:
            await self.probe()

    async def look_at(self, uids: Iterable[str]) -> None:
        """Look at the DHT for these experts now, past every cache."""
        wanted = {row_of(uid)[0] for uid in uids}
        rows = [row for row in self._rows if row in wanted]
        async with self._looking:
            asked = self._dht.questions
            await self._look(rows, fresh=True)
            self._plan.paid(self._dht.questions - asked, len(rows))

    async def _look(self, rows: Sequence[str], *, fresh: bool) -> None:
        for start in range(0, len(rows), self.config.rows_at_once):
            part = rows[start : start + self.config.rows_at_once]
            keys = {row: row_key(self.project_id, row) for row in part}
            found = await self._dht.get(list(keys.values()), fresh=fresh)
            now = self.clock.time()
            for row in part:
                heard = [read(record, self._rows[row], row, now) for record in found.get(keys[row], ())]
                self._hear(row, [each for each in heard if each is not None], fresh=fresh)
        if rows:
            self._settle()

    def _hear(self, row: str, heard: list[AnnouncedExpert], *, fresh: bool) -> None:
        """A row was read; what a plain read does not bring may have been hidden from us."""
        if not fresh:
            now = self.clock.time()
            known = {(each.uid, each.peer_id): each for each in self._heard.get(row, ()) if each.expires > now}
            told = {(each.uid, each.peer_id): each for each in heard}
            if known.keys() != told.keys():
                self._plan.doubt([row])
            heard = [
                each if name not in told or told[name].expires < each.expires else told[name]
                for name, each in (told | known).items()
            ]
        self._heard[row] = heard
        ends = min((each.expires for each in heard), default=float("inf"))
        self._plan.looked(row, ends, fresh=fresh)

    def _settle(self) -> None:
        now = self.clock.time()
        self._hosts = resolve(each for heard in self._heard.values() for each in heard if each.expires > now)
        with self._lock:
            self._peers.keep_only({host.peer_id for host in self._hosts.values()})
            self._experts.keep_only(set(self._hosts))
            self._rebuild()

    def _rows_in_doubt(self) -> set[str]:
        """The rows in which a peer that failed since the last look has experts."""
        with self._lock:
            doubted, self._doubted = self._doubted, set()
        if not doubted:
            return set()
        return {row_of(host.uid)[0] for host in self._hosts.values() if host.peer_id in doubted}

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
                self._doubted.add(peer_id)
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
