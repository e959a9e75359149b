"""Where Hivelet keeps things. Every path in the program comes from here."""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import appdirs

from core.errors import HomeError
from core.files import sweep_leftovers

FROZEN = bool(getattr(sys, "frozen", False))
"""Whether this is an installer's program, which brings its own Python and has no `-m`."""

START_FOLDER = Path.home() if FROZEN else Path(__file__).resolve().parents[1]
"""Where this very program is started again: where a package `app` in the user's present folder is not taken for ours,
and where an engine that stays keeps no folder from being removed."""


def program_command() -> list[str]:
    """How this very program is started again: from source or frozen."""
    return [sys.executable] if FROZEN else [sys.executable, "-m", "app"]


@dataclass(frozen=True, slots=True)
class Home:
    """One engine's folder: identity, preferences, snapshots, ledger and logs all live below `root`."""

    root: Path

    @classmethod
    def find(cls, override: str | Path | None = None) -> "Home":
        """The folder given, else $HIVELET_HOME, else the system's place for a user's application data."""
        chosen = override or os.environ.get("HIVELET_HOME")
        return cls(Path(chosen).expanduser().absolute()) if chosen else cls.default()

    @classmethod
    def default(cls) -> "Home":
        """The system's place for a user's application data."""
        return cls(Path(appdirs.user_data_dir("hivelet", appauthor=False)).absolute())

    def create(self) -> "Home":
        """Make the folders, readable by the user alone. Raises HomeError when that is impossible."""
        try:
            for folder in (self.root, self.logs, self.experts, self.projects):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Whether a file can be made here is only known after making one; the name is ours alone, because a
            # window and an engine may both look at once.
            with tempfile.TemporaryFile(dir=self.root):
                pass
        except OSError as error:
            raise HomeError(
                f"Hivelet cannot write in {self.root} ({error.strerror}). "
                "Make it writable, or choose another folder with --home."
            ) from error
        for folder in (self.root, self.projects):
            sweep_leftovers(folder)
        return self

    @property
    def identity(self) -> Path:
        """The Ed25519 key, 0600."""
        return self.root / "identity.key"

    @property
    def preferences(self) -> Path:
        """What the volunteer chose (TOML)."""
        return self.root / "preferences.toml"

    @property
    def control_key(self) -> Path:
        """How to reach the engine that runs here: address and CURVE keys, 0600; gone when none runs."""
        return self.root / "control.key"

    @property
    def lock(self) -> Path:
        """Held by the engine that works in this home."""
        return self.root / "engine.lock"

    @property
    def lock_owner(self) -> Path:
        """Which process holds the lock (its id, as text)."""
        return self.root / "engine.pid"

    @property
    def contacts(self) -> Path:
        """Peers known from earlier runs."""
        return self.root / "contacts.msgpack"

    @property
    def ledger(self) -> Path:
        """What was contributed (SQLite)."""
        return self.root / "ledger.sqlite"

    @property
    def activity(self) -> Path:
        """What the engine did and sensed, minute by minute (SQLite)."""
        return self.root / "activity.sqlite"

    @property
    def trust(self) -> Path:
        """What left this computer, and to whom (SQLite)."""
        return self.root / "trust.sqlite"

    @property
    def speed(self) -> Path:
        """This computer's measured speed."""
        return self.root / "speed.json"

    @property
    def state(self) -> Path:
        """What must survive a restart: a timed pause, the joined projects (JSON)."""
        return self.root / "state.json"

    @property
    def release(self) -> Path:
        """The newest news of a release, as its publisher signed it."""
        return self.root / "release.record"

    @property
    def logs(self) -> Path:
        """Log files."""
        return self.root / "logs"

    @property
    def experts(self) -> Path:
        """Saved expert state."""
        return self.root / "experts"

    @property
    def projects(self) -> Path:
        """Manifests of joined projects."""
        return self.root / "projects"
