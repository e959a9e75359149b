"""What this computer gave: samples, arithmetic and hours, per local day and per expert, in one SQLite file.

Adding costs a dictionary update. A thread writes what has gathered every few seconds; a process that is killed loses
those seconds and no more. Sums are kept in memory as well, so that reading them never waits for the disk.
"""

import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from core.control.snapshot import ContributionView
from core.ledger.database import BUSY_S, Database
from net.words import say

_FLUSH_S = 5.0
_DETAIL_DAYS = 62
"""Older days are kept as sums over all experts."""
_FLOP_PER_GFLOP_HOUR = 1e9 * 3600
_SCHEMA = """
CREATE TABLE IF NOT EXISTS contribution (
    day TEXT NOT NULL,      -- local date, YYYY-MM-DD
    uid TEXT NOT NULL,      -- the expert; '' for work that belongs to none, and for sums of old days
    samples INTEGER NOT NULL,
    flops REAL NOT NULL,
    seconds REAL NOT NULL,  -- of computing
    PRIMARY KEY (day, uid)
) WITHOUT ROWID
"""
_ADD = """
INSERT INTO contribution VALUES (?, ?, ?, ?, ?) ON CONFLICT (day, uid) DO UPDATE
SET samples = samples + excluded.samples, flops = flops + excluded.flops, seconds = seconds + excluded.seconds
"""
_SUM_UP = """
INSERT INTO contribution SELECT day, '', SUM(samples), SUM(flops), SUM(seconds) FROM contribution
WHERE day < ? AND uid != '' GROUP BY day ON CONFLICT (day, uid) DO UPDATE
SET samples = samples + excluded.samples, flops = flops + excluded.flops, seconds = seconds + excluded.seconds
"""


class _Sum:
    """A running sum of contributions."""

    __slots__ = ("flops", "samples", "seconds")

    def __init__(self, samples: int = 0, flops: float = 0.0, seconds: float = 0.0) -> None:
        self.samples, self.flops, self.seconds = samples, flops, seconds

    def add(self, other: "_Sum") -> None:
        self.samples += other.samples
        self.flops += other.flops
        self.seconds += other.seconds

    def view(self) -> ContributionView:
        return ContributionView(self.samples, self.flops / _FLOP_PER_GFLOP_HOUR, self.seconds / 3600)


class ContributionLedger:
    """Counts contributions. Every method may be called from any thread.

    clock: Unix time; days are local ones. A broken file is set aside and a new one begun; `problem` then says so, and
    it says so when the file cannot be written, while counting goes on in memory.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._counting = threading.Lock()
        self._pending: defaultdict[tuple[str, str], _Sum] = defaultdict(_Sum)
        self._days: defaultdict[str, _Sum] = defaultdict(_Sum)
        self._experts: defaultdict[str, int] = defaultdict(int)  # samples by uid, of `_experts_day`
        self._experts_day = ""
        self._total = _Sum()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._database = Database(path, _SCHEMA, say("The contribution"), self._recall)

    def start(self) -> None:
        """Begin to write every few seconds, in a thread that `close` ends."""
        self._thread = threading.Thread(target=self._flush_regularly, name="ledger", daemon=True)
        self._thread.start()

    @property
    def problem(self) -> str:
        """One sentence about what is wrong with the file, or ""."""
        return self._database.problem

    def add(self, samples: int, flops: float, seconds: float, uid: str = "") -> None:
        """Count work just done: flops in floating-point operations, seconds of computing, uid of the expert if any."""
        day = self._day()
        amount = _Sum(samples, flops, seconds)
        with self._counting:
            self._pending[day, uid].add(amount)
            self._remember(day, uid, amount)

    def today(self) -> ContributionView:
        """Since midnight, local time."""
        day = self._day()
        with self._counting:
            return self._days[day].view() if day in self._days else ContributionView()

    def week(self) -> ContributionView:
        """Today and the six days before."""
        last = datetime.fromtimestamp(self._clock()).astimezone().date()
        wanted = {(last - timedelta(days=n)).isoformat() for n in range(7)}
        result = _Sum()
        with self._counting:
            for day in wanted & self._days.keys():
                result.add(self._days[day])
        return result.view()

    def total(self) -> ContributionView:
        """Since Hivelet was installed."""
        with self._counting:
            return self._total.view()

    def expert_samples_today(self, uid: str) -> int:
        """Samples that one expert served since midnight."""
        day = self._day()
        with self._counting:
            return self._experts.get(uid, 0) if day == self._experts_day else 0

    def flush(self) -> bool:
        """Write what has gathered. False: it could not be written and is kept for the next time."""
        with self._counting:
            batch, self._pending = self._pending, defaultdict(_Sum)
        rows = [(day, uid, each.samples, each.flops, each.seconds) for (day, uid), each in batch.items()]
        if not rows or self._database.write(lambda connection: connection.executemany(_ADD, rows)):
            return True
        with self._counting:
            for key, amount in batch.items():
                self._pending[key].add(amount)
        return False

    def close(self) -> None:
        """Write the rest and let go of the file. May be called twice."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(BUSY_S + _FLUSH_S)
        self.flush()
        self._database.close()

    def _flush_regularly(self) -> None:
        while not self._stop.wait(_FLUSH_S):
            self.flush()

    def _recall(self, connection: sqlite3.Connection) -> None:
        """Sum up what is old, and take what is stored into the sums in memory."""
        oldest = (self._date() - timedelta(days=_DETAIL_DAYS)).isoformat()
        connection.execute(_SUM_UP, (oldest,))
        connection.execute("DELETE FROM contribution WHERE day < ? AND uid != ''", (oldest,))
        rows = connection.execute("SELECT day, uid, samples, flops, seconds FROM contribution").fetchall()
        with self._counting:
            for day, uid, samples, flops, seconds in rows:
                self._remember(day, uid, _Sum(samples, flops, seconds))

    def _remember(self, day: str, uid: str, amount: _Sum) -> None:
        self._days[day].add(amount)
        self._total.add(amount)
        if day != self._experts_day and day == self._day():
            self._experts.clear()
            self._experts_day = day
        if uid and day == self._experts_day:
            self._experts[uid] += amount.samples

    def _date(self) -> date:
        return datetime.fromtimestamp(self._clock()).astimezone().date()

    def _day(self) -> str:
        return self._date().isoformat()
