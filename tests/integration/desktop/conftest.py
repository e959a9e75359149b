"""A desktop of its own for each test, and engines that do not outlive it."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from core.control.client import ControlClient
from core.control.snapshot import EngineSnapshot
from core.errors import ControlError
from core.paths import Home
from tests.support.desktop import Desktop, virtual_desktop, wait_for
from tests.support.qt_binding import complaint


@dataclass
class Engine:
    """The engine of a home, as seen from outside."""

    home: Home

    def snapshot(self) -> EngineSnapshot | None:
        """Its state now, None while none answers."""
        try:
            return EngineSnapshot.from_dict(ControlClient(self.home).call("status", timeout=2.0))
        except ControlError:
            return None

    def wait(self, condition: Callable[[EngineSnapshot], bool], what: str, patience: float = 15.0) -> EngineSnapshot:
        """Its first state that meets the condition."""

        def look() -> EngineSnapshot | None:
            snapshot = self.snapshot()
            return snapshot if snapshot is not None and condition(snapshot) else None

        found = wait_for(look, what, patience)
        assert found is not None
        return found


@pytest.fixture(scope="session", autouse=True)
def _sound_binding() -> None:
    """Rather a clear failure than a dead interpreter in the middle of the run."""
    if problem := complaint():
        pytest.fail(problem, pytrace=False)


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """Qt in the test's own process needs no screen."""
    return ["hivelet", "-platform", "offscreen"]


@pytest.fixture
def desktop(engine: Engine) -> Iterator[Desktop]:
    """With a tray host. Windows go before their engines, or they would start new ones."""
    with virtual_desktop() as made:
        yield made


@pytest.fixture
def bare_desktop(engine: Engine) -> Iterator[Desktop]:
    """Without a tray host."""
    with virtual_desktop(tray=False) as made:
        yield made


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Not started; whatever a window starts in this home is gone afterwards."""
    home = Home(tmp_path / "home").create()
    (home.root / "window.ini").write_text("[General]\nwelcomed=true\n")  # the first start has its own test
    yield Engine(home)
    for process in psutil.process_iter(["cmdline"]):
        with contextlib.suppress(psutil.Error):
            if str(home.root) in (process.info["cmdline"] or []):
                process.kill()
                process.wait(3)


@pytest.fixture
def window_command(engine: Engine) -> list[str]:
    """The real window over the fake engine."""
    return [sys.executable, "-m", "tests.support.fake_window", str(engine.home.root)]
