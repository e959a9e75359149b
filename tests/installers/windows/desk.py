"""A Windows with a screen, and a volunteer in front of it."""

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.control.snapshot import EngineSnapshot
from tests.installers.windows.wine import Done, Wine
from tests.support.desktop import Desktop, virtual_desktop

PATIENCE_S = 600.0
INSTALL_S = 1200.0
LAUNCHERS = ("hivelet.exe", "hivelet.com")


@dataclass(frozen=True, slots=True)
class Desk:
    """wine: that Windows. desktop: the screen that it draws on. folder: where Hivelet is installed, as Windows names
    it."""

    wine: Wine
    desktop: Desktop
    folder: str

    @property
    def program(self) -> str:
        """The folder of the installed program."""
        return f"{self.folder}\\program"

    def install(self, setup: Path, *more: str) -> Done:
        """Run setup.exe silently to its end, whatever that is."""
        return self.wine.run(setup, "/S", *more, timeout_s=INSTALL_S)

    def hivelet(self, *arguments: str) -> str:
        """What the installed command prints. Its end must be a good one."""
        done = self.wine.run(f"{self.program}\\hivelet.com", *arguments, timeout_s=PATIENCE_S)
        assert done.code == 0, done.output
        return done.output

    def opens(self) -> "subprocess.Popen[bytes]":
        """Open the window, as the Start menu does; it starts the engine."""
        return self.wine.start(f"{self.program}\\hivelet.exe", "--loopback")

    def shows(self) -> bool:
        """Whether a window of Hivelet is on the screen."""
        return self.desktop.has_window(".*Hivelet.*")

    def engine(self) -> EngineSnapshot | None:
        """What the engine answers on its control socket; None while none does."""
        done = self.wine.run(f"{self.program}\\hivelet.com", "status", "--json", timeout_s=PATIENCE_S)
        return EngineSnapshot.from_dict(json.loads(done.output)) if done.code == 0 else None

    def wait(self, what: str, look: Callable[[], Any]) -> Any:
        """The first true value of that."""
        end = time.monotonic() + PATIENCE_S
        while not (found := look()):
            assert time.monotonic() < end, f"{what} did not come within {PATIENCE_S:.0f} s"
            time.sleep(0.1)
        return found

    def trains(self) -> EngineSnapshot:
        """The window opened for the first time: the volunteer agrees, and the engine trains."""
        self.wait("the window", self.shows)
        self.wait("the engine to wait for the volunteer", lambda: (now := self.engine()) and now.state == "paused")
        self._read_introduction()
        self.hivelet("preferences", "set", "busy_percent", "0")  # Wine itself is an other program
        return self.wait("a training step", lambda: (now := self.engine()) and serves(now) and now)

    def _read_introduction(self) -> None:
        """Each of its screens has a button that a key presses; the last lets the engine work. Wine may miss a key."""
        for _ in range(9):
            self.desktop.xdotool("windowactivate", "--sync", self.desktop.window(".*Hivelet.*"), "key", "space")
            now = self.engine()
            if now is not None and now.state != "paused":
                return
        raise AssertionError("the introduction does not end")

    def home(self, now: EngineSnapshot) -> Path:
        """Where the engine keeps the volunteer's data."""
        return self.wine.path(now.home)

    def uninstall(self, *more: str) -> None:
        """Silently, and waited for: `_?=` makes the uninstaller stay where it is instead of leaving a copy to do it."""
        copy = self.wine.drive / "uninstall-copy.exe"
        shutil.copyfile(self.wine.path(f"{self.folder}\\uninstall.exe"), copy)
        try:
            done = self.wine.run(copy, "/S", *more, f"_?={self.folder}", timeout_s=PATIENCE_S)
        finally:
            copy.unlink()
        assert done.code == 0, done.output


def serves(now: EngineSnapshot) -> bool:
    """Whether the trainer has done a step, and an expert one of its own."""
    stepped = now.project is not None and now.project.step > 0
    return stepped and now.total.samples > 0 and any(expert.step > 0 for expert in now.experts)


@contextlib.contextmanager
def windows_desk(folder: Path) -> Iterator[Desk]:
    """A new Windows, gone afterwards with all that runs there."""
    user = os.environ.get("USER") or "root"
    with virtual_desktop() as desktop:
        wine = Wine(folder, desktop.display)
        try:
            yield Desk(wine, desktop, f"C:\\users\\{user}\\AppData\\Local\\Programs\\Hivelet")
        finally:
            wine.end()
