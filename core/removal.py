"""Removing everything that Hivelet keeps for a person: identity, ledger, experts, logs, and the start at login."""

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from core.autostart import system_autostart
from core.control.client import ControlClient
from core.control.lock import EngineLock
from core.errors import AlreadyRunning, ControlError, HomeError, NotRunning
from core.paths import Home, program_command

_LOOK_S = 0.1
_WINDOW_END_S = 5.0


def remove_data(home: Home, patience_s: float = 40.0) -> bool:
    """Close this home's window, stop its engine in order, and delete the folder. False when there was nothing.

    patience_s: how long the engine may take to stop. Raises HomeError, and deletes nothing, when the folder is not
    Hivelet's or its engine does not stop.
    """
    root = home.root
    check(root)
    _forget_start_at_login(home)
    if not root.is_dir():
        return False
    _close_windows(home)
    _stop_engine(home, patience_s)
    try:
        shutil.rmtree(root)
    except OSError as error:
        raise HomeError(f"{error.filename or root} cannot be deleted ({error.strerror}).") from error
    return True


def check(root: Path) -> None:
    """Raises HomeError unless the folder may be deleted whole: Hivelet's own, and nothing that holds more."""
    if not root.exists() and not root.is_symlink():
        return
    if root.is_symlink() or any(
        each.resolve().is_relative_to(root.resolve()) for each in (Path.home(), Path(sys.prefix))
    ):
        raise HomeError(f"{root} is not deleted: it is a link, or holds more than Hivelet's data.")
    marks = (Home(root).identity, Home(root).preferences, Home(root).experts, Home(root).logs)
    if not root.is_dir() or not (any(mark.exists() for mark in marks) or not any(root.iterdir())):
        raise HomeError(f"{root} is not deleted: it does not look like a folder of Hivelet's.")


def is_window_of(home: Home, command: Sequence[str]) -> bool:
    """Whether this command line is that of a window on this home."""
    script = [sys.executable, str(Path(sys.executable).with_name("hivelet"))]
    program = next((each for each in (program_command(), script) if list(command[: len(each)]) == each), None)
    if program is None:
        return False
    chosen: str | None = None
    rest = iter(command[len(program) :])
    for word in rest:
        name, equals, value = word.partition("=")
        if name == "--home":
            chosen = value if equals else next(rest, "")
        elif not word.startswith(("--", "hivelet:")):
            return False  # a command
    return Home.find(chosen) == home


def _close_windows(home: Home) -> None:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and is_window_of(home, process.cmdline()):
                process.terminate()
                found.append(process)
    for process in psutil.wait_procs(found, timeout=_WINDOW_END_S)[1]:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _stop_engine(home: Home, patience_s: float) -> None:
    with contextlib.suppress(NotRunning, ControlError):
        ControlClient(home).call("quit", timeout=min(15.0, patience_s))
    end = time.monotonic() + patience_s
    while True:
        try:
            with EngineLock(home):
                return
        except AlreadyRunning as error:
            if time.monotonic() > end:
                raise HomeError(f"The engine in {home.root} does not stop, so nothing was deleted.") from error
        time.sleep(_LOOK_S)


def _forget_start_at_login(home: Home) -> None:
    try:
        system_autostart(home).clear()
    except OSError as error:
        raise HomeError(f"Starting at login cannot be undone ({error}).") from error
