"""Starts the engine as a process of its own, finds one that already runs, and notices when it dies.

The decisions are in `supervision`; here are the process, the clock and the log file. The engine is detached: it
outlives the window. Its output goes to a file, because a pipe that nobody reads would block it one day.
"""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import psutil
from PySide6.QtCore import QObject, QTimer, Signal

from app.formatting import plain
from app.supervision import EngineStatus, Supervision
from core.control.snapshot import EngineSnapshot
from core.errors import HomeError
from core.paths import START_FOLDER, Home, program_command

LOOK_EVERY_MS = 250
OUTPUT_NAME = "engine-output.log"
OUTPUT_LIMIT = 1_000_000
TAIL_BYTES = 8192


def engine_command(home: Home, loopback: bool) -> list[str]:
    """How this installation starts an engine."""
    return [*program_command(), "engine", "--home", str(home.root), *(["--loopback"] if loopback else [])]


class EngineProcess(QObject):
    """Keeps one engine at work for one home. `changed` carries the new EngineStatus."""

    changed = Signal(object)

    def __init__(self, home: Home, command: Sequence[str], supervision: Supervision) -> None:
        super().__init__()
        self._home = home
        self._command = list(command)
        self._supervision = supervision
        self._child: subprocess.Popen[bytes] | None = None
        self._stranger: psutil.Process | None = None
        self._output_start = 0
        self._version = "unknown"
        self._told = supervision.status
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @property
    def status(self) -> EngineStatus:
        """What is known now."""
        return self._supervision.status

    def on_snapshot(self, snapshot: EngineSnapshot) -> None:
        """The engine answered."""
        self._version = f"{snapshot.version} ({snapshot.about.get('build', 'unknown build')})"
        if self._child is None and (self._stranger is None or self._stranger.pid != snapshot.pid):
            self._stranger = _process(snapshot.pid)
        self._supervision.answered(time.time(), leaving=snapshot.state in ("stopping", "finishing"))
        self._tell()

    def on_silent(self, _why: str, gone: bool) -> None:
        """No engine answered. gone: there is none, as far as the control socket knows; else it is busy."""
        if not gone and self._stranger is None:
            self._supervision.stalled()
        elif self._child is not None:
            # Our own child: its exit is noticed by _look; while it lives, it is starting or busy.
            self._supervision.stalled()
        elif self._stranger is not None:
            if _lives(self._stranger):
                self._supervision.stalled()
            else:
                self._stranger = None
                self._supervision.exited(None, self._last_line(), time.time())
        elif self._supervision.silent(time.time()):
            self._start()
        self._tell()

    def on_command_sent(self, name: str) -> None:
        """Finish and quit end the engine on purpose."""
        if name in ("finish", "quit"):
            self._supervision.stop_asked()

    def retry(self) -> None:
        """Start it now."""
        if self._supervision.retry_asked(time.time()):
            self._start()
        self._tell()

    def dismiss(self) -> None:
        """The volunteer has read the problem."""
        self._supervision.dismiss()
        self._tell()

    def report(self) -> str:
        """What is known about the last end: the circumstances and the engine's last words, without the user's name."""
        status = self.status
        lines = [
            f"Hivelet {self._version} on {platform.platform()}, Python {platform.python_version()}",
            f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S %z}",
            " ".join(part for part in (status.sentence, status.problem) if part),
            f"unexpected ends in a row: {status.crashes}",
            "",
            *self._tail(),
        ]
        return "\n".join(plain(line, 2000) for line in lines).replace(str(Path.home()), "~")

    def stop_watching(self) -> None:
        """The window leaves; the engine stays."""
        self._timer.stop()
        if self._child is not None and self._child.poll() is None:
            self._child.returncode = 0  # it outlives us on purpose; Popen would complain about that at exit

    def _look(self) -> None:
        now = time.time()
        code = self._child.poll() if self._child is not None else None
        if code is not None:
            self._child = None
            self._supervision.exited(code, self._last_line(), now)
        if self._supervision.tick(now):
            self._start()
        self._tell()

    def _start(self) -> None:
        try:
            output = self._open_output()
        except (HomeError, OSError) as error:
            self._supervision.failed_to_start(str(error), time.time())
            return
        with output:
            try:
                self._child = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=START_FOLDER,
                    **_detached(),
                )
            except OSError as error:
                reason = f"{self._command[0]} cannot be run ({error.strerror})."
                self._supervision.failed_to_start(reason, time.time())

    def _open_output(self) -> IO[bytes]:
        self._home.create()
        path = self._home.logs / OUTPUT_NAME
        if path.exists() and path.stat().st_size > OUTPUT_LIMIT:
            path.replace(path.with_suffix(".1.log"))
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        output = os.fdopen(os.open(path, flags, 0o600), "ab", buffering=0)
        self._output_start = path.stat().st_size
        return output

    def _last_line(self) -> str:
        """The last thing that the engine said in this run, or nothing."""
        return next((line.strip() for line in reversed(self._tail()) if line.strip()), "")

    def _tail(self) -> list[str]:
        """The last lines that the engine said in this run."""
        path = self._home.logs / OUTPUT_NAME
        try:
            with path.open("rb") as output:
                output.seek(max(self._output_start, path.stat().st_size - TAIL_BYTES))
                return output.read(TAIL_BYTES).decode("utf-8", "replace").splitlines()
        except OSError:
            return []

    def _tell(self) -> None:
        if self._supervision.status != self._told:
            self._told = self._supervision.status
            self.changed.emit(self._told)


def _detached() -> dict[str, Any]:
    """Arguments of Popen with which the engine outlives the window and opens no console."""
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags}
    return {"start_new_session": True}


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except (psutil.Error, ValueError):
        return None


def _lives(process: psutil.Process) -> bool:
    """Whether that very process still runs: another one with its number does not count."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
