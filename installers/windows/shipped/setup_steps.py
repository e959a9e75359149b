"""What the installer and the uninstaller ask of the program: `hivelet.com --setup try|stop|login|forget`.

Each is a step that ends with 0, or with another code and one sentence on stderr; OPENED tells that a window was open.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psutil

FAILED = 1
OPENED = 10
WINDOW_S = 10.0
ENGINE_S = 60.0
_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Running:
    """A process of the installation. command: its arguments, the program itself left out."""

    pid: int
    command: tuple[str, ...]

    @property
    def engine(self) -> bool:
        """Whether it is an engine; else it is a window, or a command that ends by itself."""
        return self.command[:1] == ("engine",)


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code."""
    steps: dict[str, Callable[[Sequence[str]], int]] = {
        "try": _try,
        "stop": _stop,
        "login": _login,
        "forget": _forget,
    }
    step = steps.get(arguments[0]) if arguments else None
    if step is None:
        print(f"--setup takes one of {', '.join(steps)}.", file=sys.stderr)
        return 2
    try:
        return step(arguments[1:])
    except Exception as error:  # noqa: BLE001 - the installer shows one sentence, whatever it was
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return FAILED


def _try(_arguments: Sequence[str]) -> int:
    """Load all that the window and the engine need: shows that the files are whole, and makes the first start fast."""
    import importlib  # noqa: PLC0415

    for name in ("app.application", "core.cli.commands", "core.engine.main", "core.training.trainer", "torch.optim"):
        importlib.import_module(name)
    import torch  # noqa: PLC0415

    weight = torch.ones(2, requires_grad=True)
    optimizer = torch.optim.Adam([weight])  # loads what torch loads late
    weight.sum().backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return 0


def _stop(arguments: Sequence[str]) -> int:
    """End all that runs from the folder given: windows and engines in order, then whoever is left."""
    folder = Path(arguments[0])
    was_open = False
    windows = [each for each in running_from(folder) if not each.engine]
    for each in windows:
        with contextlib.suppress(Exception):  # one that is stuck is ended below
            was_open = _leave(each.command) or was_open
    wait_until_gone(lambda: [each for each in running_from(folder) if not each.engine], WINDOW_S)
    for each in running_from(folder):
        if each.engine:
            with contextlib.suppress(Exception):
                _quit(each.command)
    wait_until_gone(lambda: running_from(folder), ENGINE_S)
    import psutil  # noqa: PLC0415

    for each in running_from(folder):
        with contextlib.suppress(psutil.Error):
            psutil.Process(each.pid).kill()
    if left := wait_until_gone(lambda: running_from(folder), WINDOW_S):
        print(f"Process {left[0].pid} does not end.", file=sys.stderr)
        return FAILED
    return OPENED if was_open else 0


def running_from(folder: Path, processes: Iterable[tuple[int, str, Sequence[str]]] | None = None) -> list[Running]:
    """What runs from below the folder, this process left out. processes: (id, program, command line), for tests."""
    below = os.path.normcase(str(folder)).rstrip("\\/") + os.sep
    return [
        Running(pid, tuple(command[1:]))
        for pid, program, command in (_processes() if processes is None else processes)
        if pid != os.getpid() and os.path.normcase(program).startswith(below)
    ]


def wait_until_gone(look: Callable[[], list[Running]], patience_s: float) -> list[Running]:
    """Look again and again until nothing runs. Returns what still does."""
    end = time.monotonic() + patience_s
    while (left := look()) and time.monotonic() < end:
        time.sleep(_LOOK_S)
    return left


def home_of(command: Sequence[str]) -> str | None:
    """What `--home` says in a command line."""
    rest = iter(command)
    for word in rest:
        name, equals, value = word.partition("=")
        if name == "--home":
            return value if equals else next(rest, None)
    return None


def _processes() -> Iterable[tuple[int, str, Sequence[str]]]:
    import psutil  # noqa: PLC0415

    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            command = process.cmdline()
            if command:
                yield process.pid, _program(process) or command[0], command


def _program(process: "psutil.Process") -> str:
    """The file that runs, "" where the system does not tell."""
    try:
        return process.exe()
    except OSError:  # what some Windows do not know, psutil passes on as it comes
        return ""


def _leave(command: Sequence[str]) -> bool:
    """Ask a window to close. False when this is no window's command line."""
    from app.__main__ import parse_window  # noqa: PLC0415
    from app.single_instance import ask_to_leave, server_name  # noqa: PLC0415
    from core.paths import Home  # noqa: PLC0415

    window = parse_window(command)
    return window is not None and ask_to_leave(server_name(Home.find(window.home), window.attach_only))


def _quit(command: Sequence[str]) -> None:
    from core.control.client import ControlClient  # noqa: PLC0415
    from core.paths import Home  # noqa: PLC0415

    ControlClient(Home.find(home_of(command))).call("quit", timeout=15.0)


def _login(arguments: Sequence[str]) -> int:
    """`on` and `off` are the preference `start_at_login`; `keep` puts right what the system was told."""
    from core.autostart import system_autostart, window_command  # noqa: PLC0415
    from core.paths import Home  # noqa: PLC0415
    from core.preferences_file import Preferences  # noqa: PLC0415

    home = Home.default()
    preferences, problems = Preferences.load(home.preferences)
    if arguments[0] != "keep" and not problems:  # a file that is broken is the engine's to tell of
        wanted = arguments[0] == "on"
        if wanted != preferences.flag("start_at_login"):
            home.create()
            preferences.set("start_at_login", wanted)
            preferences.save(home.preferences)
    autostart = system_autostart(home)
    if preferences.flag("start_at_login"):
        autostart.set(window_command(home))
    elif autostart.command():
        autostart.clear()
    return 0


def _forget(arguments: Sequence[str]) -> int:
    """Remove every start at login that runs from the folder given, of whatever home."""
    import winreg  # noqa: PLC0415 - exists on Windows alone

    forget_run_values(Path(arguments[0]), winreg)
    return 0


def forget_run_values(folder: Path, registry: Any) -> None:
    """Remove the values of the Run key whose command lies below the folder. registry: `winreg`, or a fake."""
    below = os.path.normcase(str(folder)).rstrip("\\/") + os.sep
    name = r"Software\Microsoft\Windows\CurrentVersion\Run"
    with (
        contextlib.suppress(FileNotFoundError),
        registry.OpenKey(registry.HKEY_CURRENT_USER, name, 0, registry.KEY_READ | registry.KEY_SET_VALUE) as key,
    ):
        values: list[tuple[str, Any, int]] = []
        with contextlib.suppress(OSError):  # there are no more
            while True:
                values.append(registry.EnumValue(key, len(values)))
        for value, command, _kind in values:
            if os.path.normcase(str(command)).lstrip('"').startswith(below):
                registry.DeleteValue(key, value)
