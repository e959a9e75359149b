"""Every preference, declared once: name, type, unit, default, range, help. Window, command line, file derive from it.

`core.preferences_file` keeps the values; here is what they may be, and how people write them.
"""

import difflib
import re
from dataclasses import dataclass
from typing import Literal

from core.errors import PreferenceError

Value = bool | int | float | str
Kind = Literal["bool", "int", "float", "choice"]

_ON = ("on", "yes", "true", "1")
_OFF = ("off", "no", "false", "0")
_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([%A-Za-z/]*)")
_IN_GB = {"": 1.0, "gb": 1.0, "g": 1.0, "mb": 1e-3, "m": 1e-3, "tb": 1e3, "t": 1e3}


@dataclass(frozen=True, slots=True)
class Preference:
    """One setting.

    unit: shown beside the value ("%", "GB", "MB/s", "min", ""); group: its card in the window; low and high: the range
    of a number, both included; choices: the words of a choice.
    """

    name: str
    kind: Kind
    default: Value
    title: str
    help: str
    group: str
    unit: str = ""
    low: float = 0
    high: float = 0
    choices: tuple[str, ...] = ()

    def check(self, value: object) -> Value:
        """The value in this setting's own type. Raises PreferenceError that says what is allowed."""
        match self.kind, value:
            case "bool", bool():
                return value
            case "choice", str() if value in self.choices:
                return value
            case (("int" | "float"), (int() | float())) if (
                not isinstance(value, bool) and self.low <= value <= self.high
            ):
                if self.kind == "float":
                    return float(value)
                if value == int(value):
                    return int(value)
        raise PreferenceError(f"{self.name} cannot be {_shown(value)}; it takes {self.allowed}.")

    def parse(self, text: str) -> Value:
        """A value as people write it: `50%`, `2 GB`, `500 MB`, `on`, `dark`. Raises PreferenceError."""
        word = text.strip().lower()
        match self.kind:
            case "bool" if word in _ON + _OFF:
                return word in _ON
            case "choice" if word in self.choices:
                return word
            case "int" | "float":
                number = self._number(word)
                if number is not None:
                    return self.check(number)
        raise PreferenceError(f"{self.name} cannot be {_shown(text)}; it takes {self.allowed}.")

    @property
    def allowed(self) -> str:
        """What this setting takes, in words."""
        match self.kind:
            case "bool":
                return "on or off"
            case "choice":
                return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"
            case "int":
                kind = "a whole number"
            case _:
                kind = "a number"
        return f"{kind} from {self.low:g} to {self.high:g}" + (f" {self.unit}" if self.unit else "")

    def _number(self, word: str) -> float | None:
        """The number in this setting's unit, or None when the unit is another one."""
        found = _NUMBER.fullmatch(word)
        if not found:
            return None
        number, unit = float(found[1]), found[2]
        if self.unit == "GB":
            return number * _IN_GB[unit] if unit in _IN_GB else None
        return number if unit in ("", self.unit.lower()) else None


PREFERENCES: tuple[Preference, ...] = (
    Preference(
        "cpu_percent", "int", 50, "Processor",
        "How much of all cores together the engine may use. It keeps to this by pausing between batches.",
        "Computer", "%", 0, 100,
    ),
    Preference(
        "threads", "int", 0, "Threads",
        "On how many cores one computation may run at once. 0 lets Hivelet choose.",
        "Computer", "", 0, 256,
    ),
    Preference(
        "memory_gb", "float", 2.0, "Memory",
        "Main memory that the hosted experts may take.",
        "Computer", "GB", 0.1, 1024,
    ),
    Preference(
        "use_gpu", "bool", True, "Graphics card",
        "Compute on a graphics card with CUDA when there is one.",
        "Computer",
    ),
    Preference(
        "gpu_memory_percent", "int", 50, "Graphics memory",
        "How much of each graphics card's memory the hosted experts may take.",
        "Computer", "%", 1, 100,
    ),
    Preference(
        "max_experts", "int", 0, "Experts",
        "How many experts to host at most. 0: as many as fit.",
        "Computer", "", 0, 65536,
    ),
    Preference(
        "train", "bool", True, "Train",
        "Run training batches too. Without it, this computer only hosts experts for others.",
        "Computer",
    ),
    Preference(
        "run_on_battery", "bool", False, "Run on battery",
        "Keep working while the computer is unplugged.",
        "Guards",
    ),
    Preference(
        "min_free_memory_gb", "float", 0.5, "Memory to leave free",
        "Work is held while less main memory than this is free for other programs.",
        "Guards", "GB", 0, 1024,
    ),
    Preference(
        "min_free_disk_gb", "float", 1.0, "Disk to leave free",
        "Work is held while less than this is free on the disk that Hivelet writes to.",
        "Guards", "GB", 0, 1024,
    ),
    Preference(
        "start_hidden", "bool", False, "Start in the tray",
        "Do not open the window at start; the tray icon opens it.",
        "Window",
    ),
    Preference(
        "theme", "choice", "system", "Appearance",
        "Light, dark, or as the system is.",
        "Window", choices=("system", "light", "dark"),
    ),
)  # fmt: skip

BY_NAME: dict[str, Preference] = {preference.name: preference for preference in PREFERENCES}


def find(name: str) -> Preference:
    """The declaration of that name. Raises PreferenceError with the nearest name when there is none."""
    if name in BY_NAME:
        return BY_NAME[name]
    near = difflib.get_close_matches(name, BY_NAME, n=1)
    hint = f"Did you mean {near[0]}?" if near else "`hivelet preferences` lists all."
    raise PreferenceError(f"There is no preference {_shown(name)}. {hint}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
