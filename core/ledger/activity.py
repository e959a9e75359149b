"""What this engine did and what was sensed meanwhile: minutes of the last eight days, and hours for ever.

One row a minute gathers in memory and is written when the minute is over; a process that is killed loses that minute.
Time is counted by the steady clock, so that neither a sleep nor a clock that is set counts as work.
"""

import json
import math
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Literal

from core.host.signals import Signals
from core.ledger.database import Database
from net.words import say

Span = Literal["day", "week", "month", "all"]
SPANS: tuple[Span, ...] = ("day", "week", "month", "all")
MINUTE, HOUR, DAY = 60, 3600, 86400
KEEP_MINUTES_S = 8 * DAY
MOST_ROWS = 4000
_BUCKETS: dict[str, tuple[str, int, int]] = {
    "day": ("minutes", DAY, 5 * MINUTE),
    "week": ("hours", 7 * DAY, HOUR),
    "month": ("hours", 31 * DAY, 6 * HOUR),
    "all": ("hours", 0, DAY),
}
_MOST_PENDING = 600
_LONGEST_STEP_S = 5.0

COLUMNS = (
    "t", "seconds", "worked", "budget", "cpu", "samples", "flops", "joules", "sent", "received", "loss", "metric",
    "reasons",
)  # fmt: skip
"""Of every row that is answered. t: its beginning, Unix time; seconds: how long the engine ran; worked: how long it was
not held; budget and cpu: mean allowed and used share; samples and flops: served by the hosted experts; joules;
sent and received: bytes; loss and metric: the last ones, or None; reasons: seconds that each code held work."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS minutes (
    t INTEGER PRIMARY KEY, seconds REAL, worked REAL, budget REAL, cpu REAL, samples INTEGER, flops REAL, joules REAL,
    sent INTEGER, received INTEGER, loss REAL, metric REAL, reasons TEXT, signals TEXT
);
CREATE TABLE IF NOT EXISTS hours (
    t INTEGER PRIMARY KEY, seconds REAL, worked REAL, budget REAL, cpu REAL, samples INTEGER, flops REAL, joules REAL,
    sent INTEGER, received INTEGER, loss REAL, metric REAL, reasons TEXT
);
"""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the engine. wall and steady: as in `core.host.signals.Moment`; share: what is allowed, 0 while held;
    cpu: what is used; samples, flops, joules, sent, received: since the last look; held: codes of what holds work."""

    wall: float
    steady: float
    share: float
    cpu: float
    samples: int = 0
    flops: float = 0.0
    joules: float = 0.0
    sent: int = 0
    received: int = 0
    loss: float | None = None
    metric: float | None = None
    held: tuple[str, ...] = ()
    signals: Signals = field(default_factory=Signals)


@dataclass(frozen=True, slots=True)
class PastMinute:
    """What a replay needs of one minute."""

    t: float
    seconds: float
    worked: float
    share: float
    flops: float
    joules: float
    reasons: dict[str, float]
    signals: Signals


@dataclass(slots=True)
class _Row:
    """A minute, or an hour, in the making. budget and cpu are sums over seconds until they are answered."""

    t: int
    seconds: float = 0.0
    worked: float = 0.0
    budget: float = 0.0
    cpu: float = 0.0
    samples: int = 0
    flops: float = 0.0
    joules: float = 0.0
    sent: int = 0
    received: int = 0
    loss: float | None = None
    metric: float | None = None
    reasons: dict[str, float] = field(default_factory=dict)
    signals: str = "{}"

    def add(self, other: "_Row") -> None:
        for name in ("seconds", "worked", "budget", "cpu", "samples", "flops", "joules", "sent", "received"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.loss = self.loss if other.loss is None else other.loss
        self.metric = self.metric if other.metric is None else other.metric
        for code, seconds in other.reasons.items():
            self.reasons[code] = self.reasons.get(code, 0.0) + seconds

    def stored(self) -> tuple[object, ...]:
        return (*(getattr(self, name) for name in COLUMNS[:-1]), json.dumps(self.reasons))

    def answered(self) -> list[Any]:
        seconds = self.seconds or 1.0
        row = [getattr(self, name) for name in COLUMNS]
        row[3:5] = [self.budget / seconds, self.cpu / seconds]
        return row


class Activity:
    """Remembers. `look` belongs to one thread; the rest may be called from any.

    clock: Unix time.
    """

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._database = Database(path, _SCHEMA, say("The activity"))
        self._lock = threading.Lock()  # of the minutes that are over
        self._row: _Row | None = None
        self._done: list[_Row] = []
        self._steady: float | None = None
        self._month = _month(clock())
        self._traffic = self._traffic_since(self._month)
        self._joules: defaultdict[date, float] = defaultdict(float)  # by local day
        for t, joules in self._query("SELECT t, joules FROM hours WHERE t >= ?", 0.0):
            self._joules[_day(t)] += joules

    @property
    def problem(self) -> str:
        """One sentence about what is wrong with the file, or ""."""
        return self._database.problem

    @property
    def waiting(self) -> bool:
        """Whether minutes are over that `flush` has not written."""
        return bool(self._done)

    @property
    def traffic_month(self) -> int:
        """Bytes sent and received since the first of this month."""
        return self._traffic

    def kwh(self, days: int = 0) -> float:
        """Electricity of today and the days before, as many as `days` in all; 0: since Hivelet was installed."""
        if not days:
            return sum(self._joules.values()) / 3.6e6
        today = _day(self._clock())
        return sum(self._joules.get(today - timedelta(days=n), 0.0) for n in range(days)) / 3.6e6

    def look(self, now: Look) -> None:
        """Count the time since the last look; about once a second."""
        step = 0.0 if self._steady is None else min(max(0.0, now.steady - self._steady), _LONGEST_STEP_S)
        self._steady = now.steady
        minute = int(now.wall // MINUTE * MINUTE)
        if self._row is not None and self._row.t != minute:
            with self._lock:
                # A disk that cannot be written for hours must not fill the memory.
                self._done = [*self._done, self._row][-_MOST_PENDING:]
            self._row = None
        row = self._row = self._row or _Row(minute)
        row.add(
            _Row(
                minute,
                seconds=step,
                worked=0.0 if now.held else step,
                budget=now.share * step,
                cpu=now.cpu * step,
                samples=now.samples,
                flops=now.flops,
                joules=now.joules,
                sent=now.sent,
                received=now.received,
                loss=now.loss,
                metric=now.metric,
                reasons=dict.fromkeys(now.held, step),
            )
        )
        row.signals = _packed(now.signals)
        self._joules[_day(now.wall)] += now.joules
        if _month(now.wall) != self._month:
            self._month, self._traffic = _month(now.wall), 0
        self._traffic += now.sent + now.received

    def flush(self) -> bool:
        """Write the minutes that are over. False: they are kept for the next time. Waits for the disk."""
        with self._lock:
            rows, self._done = self._done, []
        if not rows or self._database.write(lambda connection: self._store(connection, rows)):
            return True
        with self._lock:
            self._done = [*rows, *self._done][-_MOST_PENDING:]
        return False

    def close(self) -> None:
        """Write what there is, the minute under way too, and let go of the file."""
        if self._row is not None:
            with self._lock:
                self._done.append(self._row)
            self._row = None
        self.flush()
        self._database.close()

    # --- answers --------------------------------------------------------------------------------------------

    def rows(self, span: Span) -> list[list[Any]]:
        """Rows of `COLUMNS`, oldest first: five minutes, an hour, six hours or a day each. Waits for the disk."""
        table, length, bucket = _BUCKETS[span]
        since = self._clock() - length if length else 0.0
        buckets: dict[int, _Row] = {}
        for row in self._stored(table, since):
            start = _local_start(row.t, bucket)
            if start not in buckets:
                buckets[start] = _Row(start)
            buckets[start].add(row)
        return [buckets[start].answered() for start in sorted(buckets)][-MOST_ROWS:]

    def hours(self) -> Iterable[list[Any]]:
        """Every hour that there is, oldest first, for an export."""
        return (row.answered() for row in self._stored("hours", 0.0))

    def past(self, since: float) -> list[PastMinute]:
        """The minutes since Unix time `since`, for a replay; oldest first. Waits for the disk."""
        names = "t, seconds, worked, budget, flops, joules, reasons, signals"
        rows = self._query(f"SELECT {names} FROM minutes WHERE t >= ? ORDER BY t", since)  # noqa: S608 - own names
        return [
            PastMinute(t, seconds, worked, budget / (seconds or 1.0), flops, joules, _reasons(held), _unpacked(packed))
            for t, seconds, worked, budget, flops, joules, held, packed in rows
        ]

    def _stored(self, table: str, since: float) -> list[_Row]:
        names = ", ".join(COLUMNS)
        rows = self._query(f"SELECT {names} FROM {table} WHERE t >= ? ORDER BY t", since)  # noqa: S608 - own names
        return [_row(values) for values in rows]

    def _query(self, query: str, since: float) -> list[tuple[Any, ...]]:
        return self._database.read(query, (since,))

    # --- storing --------------------------------------------------------------------------------------------

    def _store(self, connection: Connection, rows: list[_Row]) -> None:
        for row in rows:
            _merge(connection, "minutes", row)
            hour = _Row(row.t // HOUR * HOUR)
            hour.add(row)
            _merge(connection, "hours", hour)
        connection.execute("DELETE FROM minutes WHERE t < ?", (self._clock() - KEEP_MINUTES_S,))

    def _traffic_since(self, month: tuple[int, int]) -> int:
        first = datetime(*month, 1).astimezone().timestamp()
        ((total,),) = self._query("SELECT SUM(sent + received) FROM hours WHERE t >= ?", first) or [(0,)]
        return int(total or 0)


def _merge(connection: Connection, table: str, row: _Row) -> None:
    """Add to what is there already: an engine may be started twice in a minute, and a clock may be set back."""
    names = ", ".join(COLUMNS)
    found = connection.execute(f"SELECT {names} FROM {table} WHERE t = ?", (row.t,)).fetchone()  # noqa: S608
    total = _Row(row.t)
    if found:
        total.add(_row(found))
    total.add(row)
    values = total.stored() + ((row.signals,) if table == "minutes" else ())
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", values)  # noqa: S608


def _row(values: tuple[Any, ...]) -> _Row:
    """From what is stored under `COLUMNS`."""
    return _Row(**{**dict(zip(COLUMNS, values, strict=True)), "reasons": _reasons(values[-1])})


def _local_start(t: int, bucket: int) -> int:
    """Where the bucket of `t` begins, in local time: days begin at midnight here."""
    if bucket <= HOUR:
        return t // bucket * bucket
    moment = datetime.fromtimestamp(t).astimezone()
    hour = moment.hour // (bucket // HOUR) * (bucket // HOUR)
    return int(datetime(moment.year, moment.month, moment.day, hour).astimezone().timestamp())


def _day(wall: float) -> date:
    return datetime.fromtimestamp(wall).astimezone().date()


def _month(wall: float) -> tuple[int, int]:
    day = datetime.fromtimestamp(wall).astimezone()
    return day.year, day.month


def _packed(signals: Signals) -> str:
    known = {name: value for name, value in asdict(signals).items() if value is not None}
    return json.dumps({name: -1 if value == math.inf else value for name, value in known.items()})


def _unpacked(text: str) -> Signals:
    """What `_packed` wrote; what cannot be read is unknown."""
    try:
        found = json.loads(text)
    except ValueError:
        return Signals()
    values = {each.name: found[each.name] for each in fields(Signals) if each.name in found}
    if values.get("idle_s") == -1:
        values["idle_s"] = math.inf
    if "exclusive" in values:
        values["exclusive"] = tuple(values["exclusive"])
    return Signals(**values)


def _reasons(text: str) -> dict[str, float]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
