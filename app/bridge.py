"""The only road between the window and the engine: a thread that asks, and Qt signals that tell.

The control client blocks; here it may, because nobody waits for this thread. The UI thread only queues commands and
receives signals (Qt delivers them in the receiver's thread).
"""

import contextlib
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QThread, Signal

from app.said import learn
from core.control.snapshot import EngineSnapshot
from core.errors import HiveletError, NotRunning
from core.paths import Home

STATUS_TIMEOUT_S = 2.0
COMMAND_TIMEOUT_S = 10.0
LOG_PAGE = 500
QUEUE_LIMIT = 64
READING = frozenset(("activity", "trust", "detectors", "generate_read", "preferences_simulate", "project_show"))
"""Commands that change nothing that the snapshot tells."""


class Client(Protocol):
    """What the bridge needs of core.control.client.ControlSession."""

    def call(self, name: str, timeout: float = ..., **arguments: Any) -> dict[str, Any]:
        """Ask, and wait for the answer. Raises ControlError, NotRunning."""

    def close(self) -> None:
        """Let go of the connection."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds between questions. Preferences may be changed elsewhere, so they are asked for now and then."""

    status: float = 1.0
    hidden_status: float = 2.0
    preferences: float = 5.0


@dataclass(frozen=True, slots=True)
class Request:
    """One command with its arguments; tag: given back with the result."""

    name: str
    arguments: dict[str, Any]
    tag: str = ""


def control_client(home: Home) -> Client:
    """The real client; imported here because ZeroMQ need not be loaded before the first paint."""
    from core.control.client import ControlSession  # noqa: PLC0415

    return ControlSession(home, learn)


class Bridge(QThread):
    """Polls the engine and carries commands to it, until stopped.

    snapshot(EngineSnapshot) · silent(str why, bool gone) · history(list of points) · log(list of lines) ·
    preferences(dict) · done(str name, dict answer, str tag) · failed(str name, str sentence, str tag)
    """

    snapshot = Signal(object)
    silent = Signal(str, bool)
    history = Signal(list)
    log = Signal(list)
    preferences = Signal(dict)
    done = Signal(str, dict, str)
    failed = Signal(str, str, str)

    def __init__(
        self, connect: Callable[[], Client], rhythm: Rhythm = Rhythm(), clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self.setObjectName("bridge")
        self._connect = connect
        self._rhythm = rhythm
        self._clock = clock
        self._requests: queue.Queue[Request | None] = queue.Queue(QUEUE_LIMIT)
        self._visible = True
        self._stopping = False
        self._client: Client | None = None
        self._engine: tuple[int, float] = (0, 0.0)
        self._history_since = 0.0
        self._log_after = -1
        self._preferences_due = 0.0

    def ask(self, name: str, tag: str = "", **arguments: Any) -> None:
        """Queue a command; its end is told by `done` or `failed`. Never blocks."""
        try:
            self._requests.put_nowait(Request(name, arguments, tag))
        except queue.Full:
            self.failed.emit(name, "Too many commands are waiting for the engine. Try again in a moment.", tag)

    def set_visible(self, visible: bool) -> None:
        """Ask less often while nobody looks."""
        self._visible = visible

    def stop(self, wait_ms: int = 4000) -> None:
        """End the thread; waits at most `wait_ms`."""
        self._stopping = True
        with contextlib.suppress(queue.Full):  # then the loop sees _stopping after its present request
            self._requests.put_nowait(None)
        self.wait(wait_ms)

    def run(self) -> None:
        """The thread: commands first, questions when they are due."""
        try:
            self._serve()
        finally:
            if self._client is not None:
                self._client.close()  # in the thread that made it

    def _serve(self) -> None:
        due = self._clock()
        while not self._stopping:
            try:
                request = self._requests.get(timeout=max(0.0, due - self._clock()))
            except queue.Empty:
                due = self._clock() + (self._rhythm.status if self._visible else self._rhythm.hidden_status)
                self._poll()
                continue
            if request is not None and not self._stopping:
                self._perform(request)
                if request.name not in READING:
                    due = min(due, self._clock())  # show what the command changed

    def _perform(self, request: Request) -> None:
        try:
            answer = self._call(request.name, COMMAND_TIMEOUT_S, request.arguments)
        except (HiveletError, OSError, ValueError) as error:
            self.failed.emit(request.name, str(error) or "The engine did not do it.", request.tag)
            return
        if request.name == "preferences_set":
            self._preferences_due = 0.0
        self.done.emit(request.name, answer, request.tag)

    def _poll(self) -> None:
        try:
            snapshot = EngineSnapshot.from_dict(self._call("status", STATUS_TIMEOUT_S, {}))
            self._notice_restart(snapshot)
            self.snapshot.emit(snapshot)
            points = self._call("history", STATUS_TIMEOUT_S, {"since": self._history_since}).get("points", [])
            if points:
                self._history_since = float(points[-1][0])
                self.history.emit(points)
            lines = self._call("log", STATUS_TIMEOUT_S, {"after": self._log_after, "limit": LOG_PAGE}).get("lines", [])
            if lines:
                self._log_after = int(lines[-1][0])
                self.log.emit(lines)
            if self._clock() >= self._preferences_due:
                self._preferences_due = self._clock() + self._rhythm.preferences
                self.preferences.emit(self._call("preferences_get", STATUS_TIMEOUT_S, {}).get("values", {}))
        except (HiveletError, OSError) as error:
            self._preferences_due = 0.0
            self.silent.emit(str(error), isinstance(error, NotRunning))
        except (TypeError, ValueError, KeyError, IndexError):
            self.silent.emit(
                "The engine answers in a way that this window does not understand. Is it another version?", False
            )

    def _notice_restart(self, snapshot: EngineSnapshot) -> None:
        """A new engine counts its log lines from the start again."""
        engine = (snapshot.pid, snapshot.started)
        if engine != self._engine:
            self._engine = engine
            self._log_after = -1
            self._history_since = 0.0

    def _call(self, name: str, timeout: float, arguments: dict[str, Any]) -> dict[str, Any]:
        if self._client is None:
            self._client = self._connect()
        return self._client.call(name, timeout=timeout, **arguments)
