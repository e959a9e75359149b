"""A desktop of its own for one test: Xvfb, a window manager and a tray host, gone afterwards whatever happens."""

import contextlib
import os
import re
import select
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

SCREEN = "1400x900x24"
PATIENCE_S = 20.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle on the screen."""

    x: int
    y: int
    width: int
    height: int

    def at(self, across: float, down: float) -> tuple[int, int]:
        """A point in it, as shares of width and height."""
        return self.x + round(self.width * across), self.y + round(self.height * down)


@dataclass
class Desktop:
    """display: what DISPLAY must be; every program started through `run` ends with the desktop."""

    display: str
    environment: dict[str, str]
    _stack: contextlib.ExitStack
    _trayer: subprocess.Popen[bytes] | None = field(default=None)

    def run(self, command: Sequence[str], output: Path | None = None, **environment: str) -> subprocess.Popen[bytes]:
        """Start a program on this desktop. output: a file for what it says."""
        target = output.open("ab") if output is not None else subprocess.DEVNULL
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=target,
                stderr=subprocess.STDOUT,
                env={**self.environment, **environment},
            )
        finally:
            if not isinstance(target, int):
                target.close()
        self._stack.callback(stop, process)
        return process

    def xdotool(self, *arguments: str) -> str:
        """One xdotool command; what it prints, empty when it found nothing."""
        done = subprocess.run(
            ["xdotool", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return done.stdout.strip()

    def window(self, title: str) -> str:
        """The X id of the visible window with this title, waiting for it."""
        return wait_for(lambda: self._find(title), f"a window {title!r}").split()[0]

    def _find(self, title: str) -> str:
        return self.xdotool("search", "--onlyvisible", "--name", f"^{title}$")

    def has_window(self, title: str) -> bool:
        """Whether a visible window has this title now."""
        return bool(self._find(title))

    def close(self, window: str, until: Callable[[], object]) -> None:
        """Close a window as the keyboard does, until that has had its effect: a busy desktop may miss a key."""

        def closed() -> bool:
            self.xdotool("windowactivate", window)
            if self.xdotool("getactivewindow") == window:
                self.xdotool("key", "alt+F4")
            with contextlib.suppress(AssertionError):
                return bool(wait_for(until, "the effect", 3.0))
            return False

        wait_for(closed, "the closing of the window", 4 * PATIENCE_S)

    def point_at(self, x: int, y: int) -> None:
        """Move the pointer there, with a little motion that cannot be overlooked."""
        self.xdotool("mousemove", str(x - 1), str(y), "mousemove", str(x), str(y))

    def start_tray(self) -> None:
        """A tray host, as a panel would be one."""
        self._trayer = self.run(
            ["trayer", "--edge", "top", "--align", "right", "--widthtype", "request", "--height", "32",
             "--SetDockType", "true"]
        )  # fmt: skip
        wait_for(lambda: self.xdotool("search", "--class", "trayer"), "the tray host")

    def tray_icons(self) -> list[Place]:
        """Our icons in the tray."""
        found: list[Place] = []
        for window in self.xdotool("search", "--class", "trayer").split():
            for line in self._ask("xwininfo", "-id", window, "-tree").splitlines():
                match = re.search(r'0x[0-9a-f]+ .*"hivelet".* (\d+)x(\d+)\+\S+\s+\+(\d+)\+(\d+)', line, re.IGNORECASE)
                if match is None:
                    continue
                width, height, x, y = (int(part) for part in match.groups())
                if width > 8 and height > 8:
                    found.append(Place(x, y, width, height))
        return found

    def menus(self) -> dict[str, Place]:
        """The open menus by X id: our windows beside the window manager's own frames, large enough to read."""
        tree = self._ask("xwininfo", "-root", "-children")
        found = re.findall(r'(0x[0-9a-f]+) .*"hivelet".* (\d+)x(\d+)\+\S+\s+\+(\d+)\+(\d+)', tree, re.IGNORECASE)
        places = {window: Place(int(x), int(y), int(width), int(height)) for window, width, height, x, y in found}
        return {
            window: place
            for window, place in places.items()
            if place.width > 60 and place.height > 60 and "IsViewable" in self._ask("xwininfo", "-id", window, "-stats")
        }

    def _ask(self, *command: str) -> str:
        """What a program prints about this desktop."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        return done.stdout

    def picture(self, path: Path) -> Path:
        """What the whole screen shows, as a PNG."""
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment, timeout=PATIENCE_S, check=True)
        return path


@contextlib.contextmanager
def virtual_desktop(tray: bool = True) -> Iterator[Desktop]:
    """A fresh desktop on a display that nobody uses."""
    with contextlib.ExitStack() as stack:
        display = stack.enter_context(_xvfb())
        environment = {
            k: v
            for k, v in os.environ.items()
            if k not in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "DBUS_SESSION_BUS_ADDRESS")
        }
        environment |= {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "HIVELET_LOOPBACK": "1", "LC_ALL": "C.UTF-8"}
        desktop = Desktop(display, environment, stack)
        desktop.run(["openbox", "--sm-disable"])
        wait_for(lambda: desktop.xdotool("get_num_desktops"), "the window manager")
        if tray:
            desktop.start_tray()
        yield desktop


@contextlib.contextmanager
def _xvfb() -> Iterator[str]:
    """An X server that chose a free display itself."""
    reading, writing = os.pipe()
    try:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(writing,),
        )  # fmt: skip
    finally:
        os.close(writing)
    try:
        ready, _, _ = select.select([reading], [], [], PATIENCE_S)
        number = os.read(reading, 16).decode().strip() if ready else ""
        if not number:
            raise RuntimeError("Xvfb did not start.")
        yield f":{number}"
    finally:
        os.close(reading)
        stop(server)


def wait_for(condition: Callable[[], T], what: str, patience: float = PATIENCE_S) -> T:
    """The first true value of a condition, looked at often. Raises AssertionError when it stays false."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come within {patience:g} s")
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and take its exit status, kindly first."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(3)
