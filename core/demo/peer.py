"""One engine process of the demo: started, asked, killed, and never left behind."""

import os
import signal
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.control.client import ControlClient
from core.control.snapshot import EngineSnapshot
from core.errors import ControlError
from core.paths import START_FOLDER, Home, program_command
from core.preferences_file import Preferences

STATUS_TIMEOUT_S = 5.0
LAST_WORDS_BYTES = 2000


@dataclass(frozen=True, slots=True)
class PeerSettings:
    """What every engine of the demo is started with."""

    project: str
    max_experts: int = 1
    delay_ms: float = 0.0
    fail_rate: float = 0.0
    data: Path | None = None


class DemoPeer:
    """An engine in a process and a home of its own."""

    def __init__(self, number: int, folder: Path, settings: PeerSettings, bootstrap: str | None) -> None:
        self.number = number
        self.home = Home(folder / f"peer{number}").create()
        self.latest: EngineSnapshot | None = None
        self.killed = False
        self.max_experts = settings.max_experts
        self._save_preferences(settings)
        arguments = ["engine", "--home", str(self.home.root), "--listen", "tcp://127.0.0.1:0", "--loopback"]
        arguments += ["--project", settings.project, "--stop-with-stdin", "--fast-announcements"]
        arguments += ["--bootstrap", bootstrap] if bootstrap else []
        arguments += ["--data", str(settings.data)] if settings.data else []
        arguments += ["--delay-ms", str(settings.delay_ms)] if settings.delay_ms else []
        arguments += ["--fail-rate", str(settings.fail_rate)] if settings.fail_rate else []
        self._output_file = self.home.logs / "output.txt"
        # The engine stops by itself when this pipe closes, whatever happens to this process. A session of its own
        # keeps Ctrl+C away from it: the demo ends its engines in order.
        with self._output_file.open("wb") as output:
            self.process = subprocess.Popen(
                [*program_command(), *arguments],
                cwd=START_FOLDER,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "HIVELET_LOOPBACK": "1", "OMP_NUM_THREADS": "1"},
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        self._client = ControlClient(self.home)

    def _save_preferences(self, settings: PeerSettings) -> None:
        """Gentle defaults make no sense for a swarm that someone asked for and watches."""
        preferences = Preferences()
        for name, value in {
            "cpu_percent": 100,
            "cpu_percent_in_use": 100,
            "threads": 1,
            "run_on_battery": True,
            "run_on_metered": True,
            "pause_on_fullscreen": False,
            "min_free_memory_gb": 0.0,
            "min_free_disk_gb": 0.0,
            "max_experts": settings.max_experts,
            "use_gpu": False,
        }.items():
            preferences.set(name, value)
        preferences.save(self.home.preferences)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    @property
    def name(self) -> str:
        """How events call it."""
        return f"peer{self.number}"

    def ask(self, command: str, *, wait_s: float = STATUS_TIMEOUT_S, **arguments: Any) -> dict[str, Any]:
        """A command on its control socket. Raises ControlError."""
        return self._client.call(command, timeout=wait_s, **arguments)

    def refresh(self) -> EngineSnapshot | None:
        """Its present snapshot, or None while it starts, hangs or is gone."""
        try:
            self.latest = EngineSnapshot.from_dict(self.ask("status"))
        except ControlError:
            return None
        return self.latest

    def kill(self) -> None:
        """Pull the plug: SIGKILL, or what the system has in its place."""
        self.killed = True
        self.process.kill()
        self.process.wait(10.0)
        self._close_pipe()

    def last_words(self) -> str:
        """The end of what it printed: why it died."""
        try:
            lines = self._output_file.read_bytes()[-LAST_WORDS_BYTES:].decode(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else "it printed nothing"

    def ask_to_stop(self) -> None:
        """Let it save and leave; `wait_stopped` makes sure of it."""
        self._close_pipe()

    def wait_stopped(self, timeout: float) -> None:
        """Wait for a clean exit, then insist."""
        try:
            self.process.wait(max(0.0, timeout))
        except subprocess.TimeoutExpired:
            if sys.platform != "win32":
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait(10.0)

    def _close_pipe(self) -> None:
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()


def refresh_all(peers: list[DemoPeer], pool: ThreadPoolExecutor) -> list[EngineSnapshot]:
    """Snapshots of all that answer, asked side by side."""
    futures: list[Future[EngineSnapshot | None]] = [pool.submit(peer.refresh) for peer in peers if peer.alive]
    return [snapshot for future in futures if (snapshot := future.result()) is not None]
