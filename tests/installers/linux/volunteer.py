"""A user of this computer for one test, who starts programs as at a desktop of one's own."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.desktop import Desktop


@dataclass(frozen=True, slots=True)
class Volunteer:
    """name: of the user. home: where the user's files are. output: what the user's programs print."""

    name: str
    uid: int
    gid: int
    home: Path
    runtime: Path
    output: Path

    def command(self, words: Sequence[str | Path], display: str = "") -> list[str]:
        """A command line that runs these words as the user, with a login's environment and no other."""
        environment = {
            "HOME": self.home, "USER": self.name, "LOGNAME": self.name, "SHELL": "/bin/sh", "LANG": "C.UTF-8",
            "PATH": f"{self.home}/.local/bin:/usr/local/bin:/usr/bin:/bin", "XDG_RUNTIME_DIR": self.runtime,
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.runtime}/bus",
            "HIVELET_LOOPBACK": "1", "OMP_NUM_THREADS": "1",
        }  # fmt: skip
        if display:
            environment |= {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        who = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]
        pairs = [f"{name}={value}" for name, value in environment.items()]
        return ["setpriv", *who, "env", "--ignore-environment", f"--chdir={self.home}", *pairs, *map(str, words)]

    def run(self, *words: str | Path, timeout: float = 300.0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(words), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False
        )

    def opens(self, desktop: Desktop, *words: str | Path) -> "subprocess.Popen[bytes]":
        """Start a program on a desktop."""
        return desktop.run(self.command(words, desktop.display), self.output)

    def processes(self) -> list[psutil.Process]:
        """All that run as this user; who has ended and is our own child does not."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.uids().real == self.uid and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found


@contextlib.contextmanager
def volunteer() -> Iterator[Volunteer]:
    """Make the user; afterwards neither the user, nor anything of the user's, is left."""
    name = f"hivelet-{os.getpid()}"
    subprocess.run(["useradd", "--create-home", "--shell", "/bin/sh", name], check=True, capture_output=True)
    entry = pwd.getpwnam(name)
    runtime = Path("/run/user", str(entry.pw_uid))
    output = Path(tempfile.gettempdir(), f"{name}.log")
    made = Volunteer(name, entry.pw_uid, entry.pw_gid, Path(entry.pw_dir), runtime, output)
    try:
        runtime.mkdir(parents=True, mode=0o700)
        os.chown(runtime, made.uid, made.gid)
        # Every login has a session bus; without one, libdbus would start its own and leave files in the home.
        bus = made.run("dbus-daemon", "--session", f"--address=unix:path={runtime}/bus", "--fork")
        assert bus.returncode == 0, bus.stderr
        yield made
    finally:
        for process in made.processes():
            with contextlib.suppress(psutil.Error):
                process.kill()
                process.wait(5)
        shutil.rmtree(runtime, ignore_errors=True)
        output.unlink(missing_ok=True)
        subprocess.run(["userdel", "--remove", name], check=True, capture_output=True)
