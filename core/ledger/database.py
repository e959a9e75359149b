"""A SQLite file of one engine: opened with patience, set aside when it is broken, never a reason to stop computing."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.files import set_aside
from net.words import say

log = logging.getLogger(__name__)

BUSY_S = 2.0


class Database:
    """One connection that any thread may use, one at a time.

    schema: run at each opening, so it must say IF NOT EXISTS; what: how sentences call the content; opened: called in
    a transaction after each opening, may raise sqlite3.Error. A broken file is
    set aside and a new one begun; `problem` then says so, and it says so while the file cannot be written.
    """

    def __init__(
        self, path: Path, schema: str, what: str, opened: Callable[[sqlite3.Connection], None] = lambda _: None
    ) -> None:
        self._path = path
        self._schema = schema
        self._what = what
        self._opened = opened
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._closed = False
        self._write_problem = ""
        self._open_problem = ""
        self._open()

    @property
    def problem(self) -> str:
        """One sentence about what is wrong with the file, or ""."""
        return self._write_problem or self._open_problem

    def write(self, work: Callable[[sqlite3.Connection], object]) -> bool:
        """Do `work` in one transaction. False: nothing of it is kept, and `problem` says why."""
        with self._lock:
            if self._closed:
                return False
            try:
                connection = self._connection or self._connect()
                with connection:
                    work(connection)
            except sqlite3.Error as error:
                self._report(error)
                return False
            if self._write_problem:
                log.info("%s can be saved again.", self._what)
                self._write_problem = ""
            return True

    def read(self, query: str, arguments: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query; none when the file cannot be read."""
        with self._lock:
            if self._closed:
                return []
            try:
                return (self._connection or self._connect()).execute(query, arguments).fetchall()
            except sqlite3.Error as error:
                log.warning("%s cannot be read: %s", self._what, error)
                return []

    def close(self) -> None:
        """Let go of the file. May be called twice."""
        with self._lock:
            self._closed = True
            if self._connection is not None:
                self._connection.close()

    def _open(self) -> None:
        try:
            self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):  # locked, read-only, disk full: the file itself is sound
                self._report(error)
                return
            self._begin_anew(error)

    def _begin_anew(self, cause: sqlite3.Error) -> None:
        try:
            kept = set_aside(self._path)
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            self._connect()
        except (OSError, sqlite3.Error) as error:
            self._report(error)
        else:
            self._open_problem = say(
                "{file} was broken ({reason}). It is kept as {kept}, and a new one is begun.",
                file=self._path.name,
                reason=str(cause),
                kept=kept.name,
            )
            log.warning("%s", self._open_problem)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_S, check_same_thread=False)
        try:
            # With a write-ahead log a commit survives the process without waiting for the disk.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(self._schema)
            with connection:
                self._opened(connection)
        except sqlite3.Error:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _report(self, error: Exception) -> None:
        if not self._write_problem:
            self._write_problem = say(
                "{what} cannot be saved now ({reason}); it is kept in memory meanwhile.",
                what=self._what,
                reason=str(error),
            )
            log.warning("%s", self._write_problem)
