"""What must outlive a restart: a pause that was asked for, and the joined project."""

import json
import math
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from core.control.commands import UNTIL_RESTART
from core.files import set_aside, write_atomically

LONGEST_S = 366 * 86400.0
"""The longest pause with an end."""
_MAX_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Overrides:
    """The volunteer's word of the moment, which stands above the preferences.

    until: Unix time at which the pause ends by itself, 0 when it lasts until it is ended; span: its length when it was
    asked for; until_restart: whether a restart ends it.
    """

    paused: bool = False
    until: float = 0.0
    span: float = 0.0
    until_restart: bool = False

    @classmethod
    def pause(cls, seconds: float | None, now: float) -> "Overrides":
        """As the pause command says it: a length, None (until resumed) or UNTIL_RESTART.

        Raises ValueError for a length that is not positive or longer than a year.
        """
        if seconds is None:
            return cls(paused=True)
        if seconds == UNTIL_RESTART:
            return cls(paused=True, until_restart=True)
        if not 0 < seconds <= LONGEST_S:
            raise ValueError(f"a pause of {seconds:g} s is not possible; it lasts up to a year")
        return cls(paused=True, until=now + seconds, span=seconds)

    def at(self, now: float) -> "Overrides":
        """The same, or none when the pause is over. When the clock was set back, no pause grows longer by it."""
        if not self.paused or not self.until:
            return self
        if now >= self.until:
            return Overrides()
        return replace(self, until=min(self.until, now + self.span))


@dataclass(frozen=True, slots=True)
class SavedState:
    """The content of `Home.state`. project: a built-in project's name, a manifest's path, or ""."""

    overrides: Overrides = field(default_factory=Overrides)
    project: str = ""


class StateFile:
    """`Home.state`, JSON."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> tuple[SavedState, list[str]]:
        """What was saved, and one sentence about it when it cannot be used. A pause until restart is over now."""
        try:
            with self._path.open("rb") as file:
                state = _parse(json.loads(file.read(_MAX_BYTES)))
        except FileNotFoundError:
            return SavedState(), []
        except OSError as error:
            return SavedState(), [f"{self._path} cannot be read ({error.strerror}); a pause may be forgotten."]
        except (ValueError, TypeError, KeyError, RecursionError):
            return SavedState(), [_set_aside(self._path)]
        return (replace(state, overrides=Overrides()) if state.overrides.until_restart else state), []

    def save(self, state: SavedState) -> None:
        """Write it at once or not at all. Raises HomeError."""
        write_atomically(self._path, json.dumps(asdict(state)).encode())


def _parse(data: Any) -> SavedState:
    overrides = data["overrides"]
    paused, until_restart = overrides["paused"], overrides["until_restart"]
    until, span = float(overrides["until"]), float(overrides["span"])
    valid = isinstance(paused, bool) and isinstance(until_restart, bool) and isinstance(data["project"], str)
    if not valid or not (math.isfinite(until) and math.isfinite(span)) or until < 0 or not 0 <= span <= LONGEST_S:
        raise ValueError("not a state file")
    return SavedState(Overrides(paused, until, span, until_restart), data["project"])


def _set_aside(path: Path) -> str:
    try:
        return f"{path.name} was broken. It is kept as {set_aside(path).name}; a pause may be forgotten."
    except OSError as error:
        return f"{path} is broken and cannot be renamed ({error}); a pause may be forgotten."
