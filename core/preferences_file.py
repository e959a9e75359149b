"""What the volunteer chose: typed values over the declarations in `core.preferences`, and their TOML file.

The file holds only what differs from the defaults, so that better defaults reach everybody who left them alone. A
file that cannot be read is set aside under another name and the defaults are used. Names that this version does not
know and values that it refuses are reported and written back unchanged: nothing is silently dropped.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from core.errors import PreferenceError
from core.files import set_aside, write_atomically
from core.preferences import BY_NAME, Preference, Value, find

_HEADER = "# Hivelet's preferences. `hivelet preferences` lists the names and what they mean.\n"
_MAX_FILE_BYTES = 1_000_000


class Preferences:
    """One value for every declared preference. Safe to read from any thread while one thread changes it."""

    def __init__(self, values: Mapping[str, Value] | None = None) -> None:
        """Defaults, with `values` over them. Raises PreferenceError."""
        self._values: dict[str, Value] = {name: preference.default for name, preference in BY_NAME.items()}
        self._kept: dict[str, Any] = {}  # entries of the file that this version cannot use
        self.update(values or {})

    def get(self, name: str) -> Value:
        """The present value. Raises PreferenceError for an unknown name."""
        return self._values[find(name).name]

    def flag(self, name: str) -> bool:
        """The value of an on/off preference."""
        return bool(self._typed(name, "bool"))

    def number(self, name: str) -> float:
        """The value of a numeric preference."""
        return float(self._typed(name, "int", "float"))

    def whole(self, name: str) -> int:
        """The value of a whole-number preference."""
        return int(self._typed(name, "int"))

    def word(self, name: str) -> str:
        """The value of a choice."""
        return str(self._typed(name, "choice"))

    def text(self, name: str) -> str:
        """The value of a list of programs, a schedule, or hours, as text."""
        return str(self._typed(name, "names", "week", "hours", "devices"))

    def set(self, name: str, value: object) -> None:
        """Change one. Raises PreferenceError for an unknown name, a wrong type or a value out of range."""
        self.update({name: value})

    def update(self, values: Mapping[str, object]) -> None:
        """Change several: all of them, or none. Raises PreferenceError."""
        checked = {name: find(name).check(value) for name, value in values.items()}
        self._values = {**self._values, **checked}
        self._kept = {name: value for name, value in self._kept.items() if name not in checked}

    def reset(self, name: str) -> None:
        """Back to the default. Raises PreferenceError for an unknown name."""
        self.set(name, find(name).default)

    def to_dict(self) -> dict[str, Value]:
        """All values by name, in the order of declaration."""
        return dict(self._values)

    def copy(self) -> "Preferences":
        """An independent copy."""
        twin = Preferences(self._values)
        twin._kept = dict(self._kept)
        return twin

    @staticmethod
    def parse(name: str, text: str) -> Value:
        """A value as people write it on the command line. Raises PreferenceError."""
        return find(name).parse(text)

    @classmethod
    def load(cls, path: Path) -> tuple["Preferences", list[str]]:
        """Read the file, and say in one sentence each what could not be used. Never raises for what it contains."""
        preferences = cls()
        try:
            if path.stat().st_size > _MAX_FILE_BYTES:
                return preferences, [_broken(path, "it is far too large")]
            entries = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return preferences, []
        except OSError as error:
            return preferences, [f"{path} cannot be read ({error.strerror}). Defaults are used until it can."]
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            return preferences, [_broken(path, str(error) or "it is nested too deeply")]
        return preferences, preferences._take(entries)

    @classmethod
    def from_text(cls, text: str) -> tuple["Preferences", list[str]]:
        """What `to_text` wrote, and one sentence about each entry that cannot be used. Raises PreferenceError."""
        if len(text) > _MAX_FILE_BYTES:
            raise PreferenceError("That is far too large to be a file of preferences.")
        try:
            entries = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise PreferenceError(f"That is no file of preferences ({error or 'it is nested too deeply'}).") from error
        preferences = cls()
        return preferences, preferences._take(entries)

    def to_text(self) -> str:
        """The content of the file: what differs from the defaults."""
        changed = {name: value for name, value in self._values.items() if value != BY_NAME[name].default}
        return _HEADER + tomli_w.dumps({**changed, **self._kept})

    def save(self, path: Path) -> None:
        """Write the file at once or not at all. Raises HomeError with one clear sentence."""
        write_atomically(path, self.to_text().encode())

    def _take(self, entries: dict[str, Any]) -> list[str]:
        problems = []
        for name, value in entries.items():
            try:
                self._values[name] = find(name).check(value)
            except PreferenceError as error:
                self._kept[name] = value
                problems.append(f"In the preferences file: {error}")
        return problems

    def _typed(self, name: str, *kinds: str) -> Value:
        preference: Preference = find(name)
        if preference.kind not in kinds:
            raise TypeError(f"{name} is of kind {preference.kind}, not {' or '.join(kinds)}")
        return self._values[name]


def _broken(path: Path, cause: str) -> str:
    try:
        kept = set_aside(path)
    except OSError as error:
        return f"{path} is broken ({cause}) and cannot be renamed ({error.strerror}). Defaults are used; repair it."
    return f"The preferences file was broken ({cause}). It is kept as {kept.name}, and the defaults are used."
