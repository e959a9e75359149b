"""Starting Hivelet's window when the user logs in: the way each system has for it, written and removed again.

Linux desktops read `~/.config/autostart/*.desktop`, Windows the registry's Run key, macOS property lists in
`~/Library/LaunchAgents`. Nothing here needs, or asks for, more rights than the user has.
"""

import contextlib
import hashlib
import os
import plistlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from core.errors import HomeError
from core.files import write_atomically
from core.paths import Home, program_command
from core.preferences_file import Preferences

_RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"


class Autostart(Protocol):
    """This system's way."""

    def set(self, command: Sequence[str]) -> None:
        """Run this command at each login. Raises OSError or HomeError."""
        ...

    def clear(self) -> None:
        """No longer. Nothing to do is no error. Raises OSError."""
        ...

    def command(self) -> str:
        """What runs at login as one line, "" when nothing does."""
        ...


class DesktopFile:
    """Linux and its relatives: XDG autostart."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def set(self, command: Sequence[str]) -> None:
        """Write the entry."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = (
            "[Desktop Entry]\nType=Application\nName=Hivelet\n"
            "Comment=Lend this computer to train neural networks together\n"
            f"Exec={' '.join(map(_desktop_quoted, command))}\n"
            f"TryExec={_desktop_string(command[0])}\n"  # a program that was removed since is no error at login
            "Icon=hivelet\nTerminal=false\n"
            "X-GNOME-Autostart-enabled=true\n"
        )
        write_atomically(self._path, text.encode())

    def clear(self) -> None:
        """Remove the entry."""
        self._path.unlink(missing_ok=True)

    def command(self) -> str:
        """The entry's line."""
        with contextlib.suppress(OSError):
            for line in self._path.read_text(encoding="utf-8", errors="replace").splitlines():
                if line.startswith("Exec="):
                    return line.removeprefix("Exec=")
        return ""


class LaunchAgent:
    """macOS."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def set(self, command: Sequence[str]) -> None:
        """Write the agent; it runs from the next login on."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "Label": self._path.stem,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "ProcessType": "Interactive",
        }
        write_atomically(self._path, plistlib.dumps(content))

    def clear(self) -> None:
        """Remove the agent."""
        self._path.unlink(missing_ok=True)

    def command(self) -> str:
        """The agent's command."""
        try:
            content = plistlib.loads(self._path.read_bytes())
        except (OSError, ValueError, plistlib.InvalidFileException):
            return ""
        return " ".join(map(str, content.get("ProgramArguments", ())))


class RunKey:
    """Windows: a value in the user's own part of the registry. registry: the module `winreg`, or a fake."""

    def __init__(self, name: str, registry: "Registry") -> None:
        self._name = name
        self._registry = registry

    def set(self, command: Sequence[str]) -> None:
        """Write the value."""
        with self._registry.CreateKey(self._registry.HKEY_CURRENT_USER, _RUN_KEY) as key:
            line = subprocess.list2cmdline(command)
            self._registry.SetValueEx(key, self._name, 0, self._registry.REG_SZ, line)

    def clear(self) -> None:
        """Remove the value."""
        with (
            contextlib.suppress(FileNotFoundError),
            self._registry.CreateKey(self._registry.HKEY_CURRENT_USER, _RUN_KEY) as key,
        ):
            self._registry.DeleteValue(key, self._name)

    def command(self) -> str:
        """The value."""
        try:
            with self._registry.CreateKey(self._registry.HKEY_CURRENT_USER, _RUN_KEY) as key:
                return str(self._registry.QueryValueEx(key, self._name)[0])
        except FileNotFoundError:
            return ""


class Registry(Protocol):
    """The part of `winreg` that is used here."""

    HKEY_CURRENT_USER: int
    REG_SZ: int

    def CreateKey(self, key: int, name: str, /) -> contextlib.AbstractContextManager[object]:  # noqa: N802
        """Open, or make, a key."""
        ...

    def SetValueEx(self, key: object, name: str, reserved: int, kind: int, value: str, /) -> None:  # noqa: N802
        """Write a value."""
        ...

    def DeleteValue(self, key: object, name: str, /) -> None:  # noqa: N802
        """Remove a value."""
        ...

    def QueryValueEx(self, key: object, name: str, /) -> tuple[object, int]:  # noqa: N802
        """Read a value and its kind."""
        ...


def system_autostart(home: Home) -> Autostart:
    """This system's way, for one home: several may be started at login."""
    suffix = "" if home == Home.default() else "-" + hashlib.sha256(str(home.root).encode()).hexdigest()[:8]
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415 - exists on Windows alone

        return RunKey(f"Hivelet{suffix}", winreg)
    if sys.platform == "darwin":
        return LaunchAgent(Path.home() / "Library" / "LaunchAgents" / f"org.hivelet.window{suffix}.plist")
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return DesktopFile(Path(config) / "autostart" / f"hivelet{suffix}.desktop")


def window_command(home: Home) -> list[str]:
    """How this very program opens its window, from source or frozen."""
    program, *rest = program_command()
    silent = Path(program).with_name("pythonw.exe")  # Windows: without a console
    command = [str(silent) if rest and silent.exists() else program, *rest]
    return [*command, *([] if home == Home.default() else ["--home", str(home.root)])]


def follow(home: Home, before: Preferences, after: Preferences) -> None:
    """Do what `start_at_login` says, when it has changed. Raises HomeError with one clear sentence."""
    on = after.flag("start_at_login")
    if on == before.flag("start_at_login"):
        return
    try:
        autostart = system_autostart(home)
        if on:
            autostart.set(window_command(home))
        else:
            autostart.clear()
    except OSError as error:
        raise HomeError(f"Starting at login cannot be changed ({error}).") from error


def _desktop_string(text: str) -> str:
    """A string of the format; a line cannot hold a line's end otherwise."""
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _desktop_quoted(word: str) -> str:
    """One word of an Exec line: quoted, with what the format gives a meaning escaped."""
    escaped = "".join(f"\\{letter}" if letter in '"`$\\' else letter for letter in word).replace("%", "%%")
    # Backslashes are read twice, once as those of a string of the file.
    return '"' + escaped.replace("\\", "\\\\") + '"'
