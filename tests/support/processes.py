"""Real `hivelet` processes for tests: started, asked, and gone afterwards, whatever the test did."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from core.control.client import ControlClient
from core.control.snapshot import EngineSnapshot
from core.errors import ControlError
from core.paths import Home

POLL_S = 0.05
# An engine that computes whatever the computer that tests it happens to do.
UNCONDITIONAL: dict[str, Any] = {
    "threads": 1, "cpu_percent": 100, "cpu_percent_in_use": 100, "run_on_battery": True, "run_on_metered": True,
    "pause_on_fullscreen": False, "temperature_target": 0, "temperature_max": 0,
}  # fmt: skip
QUIET = {"OMP_NUM_THREADS": "1", "HIVELET_LOOPBACK": "1"}


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without a display and a home of its own."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "HIVELET_HOME")}
    return {**kept, **QUIET, **changes}


def hivelet(*arguments: str, timeout: float = 60.0, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=environment(**changes),
        stdin=subprocess.DEVNULL,
        check=False,
    )


def ask(*arguments: str, home: Path) -> Any:
    """Run one command with --json and return what it prints."""
    done = hivelet(*arguments, "--home", str(home), "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def wait_for(what: str, check: Callable[[], Any], timeout: float) -> Any:
    """Poll another process until it has something to say; there is no event to wait for."""
    end = time.monotonic() + timeout
    while True:
        with contextlib.suppress(ControlError):
            if found := check():
                return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {timeout} s")
        time.sleep(POLL_S)


class Engine:
    """`hivelet engine` in a home of its own."""

    def __init__(self, home: Path, *options: str, preferences: dict[str, Any] | None = None) -> None:
        self.home = Home(home).create()
        settings = {**UNCONDITIONAL, **(preferences or {})}
        lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
        self.home.preferences.write_text("\n".join(lines))
        where = ("--home", str(home), "--loopback")
        self._output = (self.home.logs / "output.txt").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "engine", *where, "--stop-with-stdin", "--fast-announcements", *options],
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            env=environment(),
            start_new_session=True,
        )
        self.client = ControlClient(self.home)

    def snapshot(self) -> EngineSnapshot:
        """What it tells about itself now. Raises ControlError while it does not."""
        return EngineSnapshot.from_dict(self.client.call("status"))

    def wait(self, what: str, check: Callable[[EngineSnapshot], Any], timeout: float = 30.0) -> EngineSnapshot:
        """The first snapshot that passes the check."""

        def passes() -> EngineSnapshot | None:
            if self.process.poll() is not None:
                raise AssertionError(f"the engine stopped: {self.output()}")
            snapshot = self.snapshot()
            return snapshot if check(snapshot) else None

        found: EngineSnapshot = wait_for(what, passes, timeout)
        return found

    def ready(self) -> EngineSnapshot:
        """The first snapshot after everything was loaded."""
        return self.wait("the engine's start", lambda now: now.state not in ("starting", "stopping"))

    def output(self) -> str:
        """All that it printed."""
        return (self.home.logs / "output.txt").read_text(errors="replace")

    def kill(self) -> None:
        """Pull the plug."""
        self.process.kill()
        self.process.wait(10.0)

    def close(self) -> None:
        """Stop it in order, then insist."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(10.0)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10.0)
        self._output.close()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextlib.contextmanager
def demo(*options: str) -> Iterator[subprocess.Popen[str]]:
    """`hivelet demo --headless --json` with its output as a pipe."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "demo", "--headless", "--json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env=environment(),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10.0)
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


def events(process: subprocess.Popen[str], timeout: float) -> list[dict[str, Any]]:
    """All events of a demo that runs to its end."""
    out, errors = process.communicate(timeout=timeout)
    assert process.returncode == 0, errors
    return [json.loads(line) for line in out.splitlines()]
