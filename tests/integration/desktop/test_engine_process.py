"""The window's process and the engine's, without a screen: what is imported, what a crash says, what is left behind."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import psutil
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app.backoff import Backoff
from app.bridge import Bridge, Rhythm, control_client
from app.engine_process import OUTPUT_LIMIT, OUTPUT_NAME, EngineProcess, engine_command
from app.supervision import EngineStatus, Supervision
from core.paths import Home
from tests.integration.desktop.conftest import Engine

pytestmark = pytest.mark.timeout(90)

PATIENCE_MS = 20_000
REPORT_MODULES = """
import json, sys
from pathlib import Path
from typing import Protocol
from PySide6.QtCore import QTimer
import app.application as application
from core.paths import Home

class Told(application.Application):
    def start(self):
        super().start()
        self.bridge.preferences.connect(lambda _values: QTimer.singleShot(0, self.visit))
    def visit(self):
        for page in ("Experts", "Network", "Projects", "Preferences", "Log"):
            self.window.show_page(page)
        self.leave()

application.Application = Told
options = application.WindowOptions(Home(Path(sys.argv[1])), attach_only=True)
code = application.run_window(options)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
sys.exit(code)
"""


class Watched:
    """An EngineProcess with its bridge, and what it told."""

    def __init__(self, home: Home, command: list[str], attach_only: bool) -> None:
        self.told: list[EngineStatus] = []
        self.bridge = Bridge(lambda: control_client(home), Rhythm(status=0.1))
        supervision = Supervision(attach_only=attach_only, backoff=Backoff(first=0.3))
        self.process = EngineProcess(home, command, supervision)
        self.process.changed.connect(self.told.append)
        self.bridge.snapshot.connect(self.process.on_snapshot)
        self.bridge.silent.connect(self.process.on_silent)
        self.bridge.start()

    @property
    def phase(self) -> str:
        return self.process.status.phase

    def close(self) -> None:
        self.process.stop_watching()
        self.bridge.stop()


class Watch(Protocol):
    """Starts to watch over an engine; ends with the test."""

    def __call__(self, command: list[str], *, attach_only: bool = False, home: Home | None = None) -> Watched: ...


@pytest.fixture
def watch(qapp: QCoreApplication, engine: Engine) -> Iterator[Watch]:
    made: list[Watched] = []

    def start(command: list[str], *, attach_only: bool = False, home: Home | None = None) -> Watched:
        made.append(Watched(home or engine.home, command, attach_only))
        return made[-1]

    yield start
    for watched in made:
        watched.close()


@pytest.fixture
def fake(engine: Engine) -> list[str]:
    return [sys.executable, "-m", "tests.support.fake_engine", "engine", "--home", str(engine.home.root)]


def test_a_killed_engine_is_explained_and_restarted(
    watch: Watch, fake: list[str], engine: Engine, qtbot: QtBot
) -> None:
    watched = watch(fake)
    qtbot.waitUntil(lambda: watched.phase == "running", timeout=PATIENCE_MS)
    first = engine.wait(lambda s: True, "the engine").pid
    psutil.Process(first).kill()
    qtbot.waitUntil(lambda: any(status.phase == "waiting" for status in watched.told), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: watched.phase == "running", timeout=PATIENCE_MS)
    assert watched.process.status.problem == "The engine was ended by signal 9 (SIGKILL)."
    assert engine.wait(lambda s: True, "the engine").pid != first


def test_an_engine_that_cannot_start_says_why_and_keeps_trying_ever_slower(
    watch: Watch, fake: list[str], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIVELET_FAKE_CRASH", "1")
    watched = watch(fake)
    qtbot.waitUntil(lambda: watched.process.status.crashes == 3, timeout=PATIENCE_MS)
    status = watched.process.status
    assert status.problem == "The engine ended with exit code 3: The fake engine was told to fail."
    assert status.can_retry
    waits = [s.retry_at for s in watched.told if s.phase == "waiting"]
    assert len(set(waits)) == 3
    monkeypatch.delenv("HIVELET_FAKE_CRASH")
    watched.process.retry()
    qtbot.waitUntil(lambda: watched.phase == "running", timeout=PATIENCE_MS)


def test_an_engine_that_is_asked_to_stop_stays_stopped(watch: Watch, fake: list[str], qtbot: QtBot) -> None:
    watched = watch(fake)
    qtbot.waitUntil(lambda: watched.phase == "running", timeout=PATIENCE_MS)
    watched.process.on_command_sent("quit")
    watched.bridge.ask("quit")
    qtbot.waitUntil(lambda: watched.phase == "stopped", timeout=PATIENCE_MS)
    watched.process.retry()
    qtbot.waitUntil(lambda: watched.phase == "running", timeout=PATIENCE_MS)


def test_an_engine_started_elsewhere_is_used_and_its_death_noticed(
    watch: Watch, fake: list[str], engine: Engine, qtbot: QtBot
) -> None:
    stranger = subprocess.Popen(fake, stdin=subprocess.DEVNULL)
    try:
        engine.wait(lambda s: True, "the engine")
        watched = watch(fake)
        qtbot.waitUntil(lambda: watched.phase == "running", timeout=PATIENCE_MS)
        assert watched.process._child is None
        stranger.kill()
        stranger.wait(5)
        qtbot.waitUntil(lambda: watched.process._child is not None, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: watched.phase == "running", timeout=PATIENCE_MS)
        assert watched.process.status.problem == "The engine's process is gone."
    finally:
        stranger.kill()
        stranger.wait(5)


def test_attached_windows_start_nothing(watch: Watch, fake: list[str], engine: Engine, qtbot: QtBot) -> None:
    watched = watch(fake, attach_only=True)
    qtbot.waitUntil(lambda: watched.phase == "absent", timeout=PATIENCE_MS)
    assert not (engine.home.logs / OUTPUT_NAME).exists()


def test_what_the_engine_says_is_kept_private_and_bounded(
    watch: Watch, fake: list[str], engine: Engine, qtbot: QtBot
) -> None:
    path = engine.home.logs / OUTPUT_NAME
    path.write_bytes(b"x" * (OUTPUT_LIMIT + 1))
    watched = watch(fake)
    qtbot.waitUntil(lambda: watched.phase == "running", timeout=PATIENCE_MS)
    assert path.stat().st_size < OUTPUT_LIMIT
    assert path.with_suffix(".1.log").stat().st_size == OUTPUT_LIMIT + 1
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o077 == 0


def test_a_home_that_cannot_be_used_is_said(watch: Watch, fake: list[str], tmp_path: Path, qtbot: QtBot) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    watched = watch(fake, home=Home(in_the_way / "home"))
    qtbot.waitUntil(lambda: "Hivelet cannot write in" in watched.process.status.problem, timeout=PATIENCE_MS)
    assert watched.process.status.can_retry


def test_a_program_that_is_missing_is_said(watch: Watch, qtbot: QtBot) -> None:
    watched = watch(["/no/such/program"])
    qtbot.waitUntil(lambda: watched.phase == "waiting", timeout=PATIENCE_MS)
    assert watched.process.status.problem == "/no/such/program cannot be run (No such file or directory)."


def test_the_command_is_this_very_installation(engine: Engine) -> None:
    command = engine_command(engine.home, loopback=True)
    assert command == [sys.executable, "-m", "app", "engine", "--home", str(engine.home.root), "--loopback"]


def test_the_window_loads_neither_torch_nor_the_network_nor_a_plotter(engine: Engine, fake: list[str]) -> None:
    running = subprocess.Popen(fake, stdin=subprocess.DEVNULL)
    try:
        engine.wait(lambda s: True, "the engine")
        done = subprocess.run(
            [sys.executable, "-c", REPORT_MODULES, str(engine.home.root)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
    finally:
        running.kill()
        running.wait(5)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert {"app", "core", "PySide6", "zmq"} <= loaded, "every page was built and the engine was asked"
    assert not loaded & {"torch", "net", "numpy", "pyqtgraph", "typer", "rich", "click"}


def test_without_a_display_there_is_one_sentence(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("other systems always have a display")
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "app", "--home", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=30,
        env=bare,
        check=False,
    )
    assert done.returncode == 1
    assert "hivelet demo --headless" in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert time.monotonic() - begun < 10
