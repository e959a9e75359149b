"""What left this computer: for which project, to whom, of which kind; bounded, whatever comes.

Counted are the payloads of messages that carry tensors or state. Signed records of the directory, greetings and other
small talk are in the traffic figures alone.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from core.ledger.database import Database
from net.words import say

MOST_PEERS = 300
"""In a month and project; what goes to further peers is counted together."""
OTHERS = "others"
KEEP_MONTHS = 13
MOST_ROWS = 4000
"""In an answer: it must fit into one message of the control socket."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sent (
    month TEXT, project TEXT, peer TEXT, kind TEXT, messages INTEGER, tensors INTEGER, bytes INTEGER, last REAL,
    PRIMARY KEY (month, project, peer, kind)
) WITHOUT ROWID
"""
_ADD = """
INSERT INTO sent VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (month, project, peer, kind) DO UPDATE
SET messages = messages + excluded.messages, tensors = tensors + excluded.tensors, bytes = bytes + excluded.bytes,
    last = MAX(last, excluded.last)
"""

Key = tuple[str, str, str, str]


@dataclass(slots=True)
class _Sum:
    messages: int = 0
    tensors: int = 0
    bytes: int = 0
    last: float = 0.0


class TrustBook:
    """Counts. `sent` costs a dictionary update and may be called from any thread; clock: Unix time."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._database = Database(path, _SCHEMA, say("What left this computer"))
        self._lock = threading.Lock()
        self._pending: dict[Key, _Sum] = {}
        self._peers: dict[tuple[str, str], set[str]] = {}
        for month, project, peer in self._database.read("SELECT DISTINCT month, project, peer FROM sent"):
            self._peers.setdefault((month, project), set()).add(peer)

    @property
    def problem(self) -> str:
        """One sentence about what is wrong with the file, or ""."""
        return self._database.problem

    def sent(self, project: str, peer: str, kind: str, tensors: int, size: int) -> None:
        """A message left. project and peer: hexadecimal ids; kind: of a closed list; tensors: how many; size: bytes."""
        now = self._clock()
        month = f"{datetime.fromtimestamp(now).astimezone():%Y-%m}"
        with self._lock:
            known = self._peers.setdefault((month, project), set())
            if peer not in known and len(known) >= MOST_PEERS:
                peer = OTHERS
            known.add(peer)
            total = self._pending.setdefault((month, project, peer, kind), _Sum())
            total.messages += 1
            total.tensors += tensors
            total.bytes += size
            total.last = now

    def flush(self) -> bool:
        """Write what has gathered. False: it is kept for the next time. Waits for the disk."""
        with self._lock:
            batch, self._pending = self._pending, {}
        if not batch or self._database.write(lambda connection: self._store(connection, batch)):
            return True
        with self._lock:
            for key, amount in batch.items():
                total = self._pending.setdefault(key, _Sum())
                total.messages += amount.messages
                total.tensors += amount.tensors
                total.bytes += amount.bytes
                total.last = max(total.last, amount.last)
        return False

    def rows(self) -> list[dict[str, Any]]:
        """Sums by month, project, peer and kind: newest months first, in them the largest. Waits for the disk."""
        self.flush()
        names = ("month", "project", "peer", "kind", "messages", "tensors", "bytes", "last")
        order = f"ORDER BY month DESC, bytes DESC LIMIT {MOST_ROWS}"
        rows = self._database.read(f"SELECT {', '.join(names)} FROM sent {order}")  # noqa: S608 - own names
        return [dict(zip(names, row, strict=True)) for row in rows]

    def close(self) -> None:
        """Write the rest and let go of the file."""
        self.flush()
        self._database.close()

    def _store(self, connection: Connection, batch: dict[Key, _Sum]) -> None:
        rows = [(*key, each.messages, each.tensors, each.bytes, each.last) for key, each in batch.items()]
        connection.executemany(_ADD, rows)
        months = [month for (month,) in connection.execute("SELECT DISTINCT month FROM sent ORDER BY month DESC")]
        connection.executemany("DELETE FROM sent WHERE month = ?", [(month,) for month in months[KEEP_MONTHS:]])
