"""One preference: what it is called, what it takes, and how people write it. `core.preferences` declares them all."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from core.errors import PreferenceError
from core.week import DayHours, WeekLevels

Value = bool | int | float | str
Kind = Literal["bool", "int", "float", "choice", "names", "week", "hours", "devices"]
"""names: program names with commas between; week: levels for every hour (`core.week.WeekLevels`); hours: a span of
every day (`core.week.DayHours`); devices: percent by device, `cuda:0=50, cuda:1=100`. All four are text."""

_ON = ("on", "yes", "true", "1")
_OFF = ("off", "no", "false", "0")
_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([%°A-Za-z/]*)")
_DEVICE = re.compile(r"([a-z]+:\d{1,2})\s*=\s*(\d{1,3})\s*%?")
_IN_GB = {"": 1.0, "gb": 1.0, "g": 1.0, "mb": 1e-3, "m": 1e-3, "tb": 1e3, "t": 1e3}
_MOST_NAMES = 100
_LONGEST_NAME = 100
_LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Preference:
    """One setting.

    unit: shown beside the value ("%", "GB", "MB/s", "min", ""); group: its card in the window; low and high: the range
    of a number, both included; zero: what 0, or an empty text, means ("automatic", "no limit"), "" when nothing
    special; choices: the words of a choice.
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
    zero: str = ""

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
            case (("names" | "week" | "hours" | "devices"), str()) if len(value) <= _LONGEST_TEXT:
                try:
                    return _CANONICAL[self.kind](value)
                except ValueError as error:
                    raise PreferenceError(f"{self.name}: {error}; it takes {self.allowed}.") from None
        raise PreferenceError(f"{self.name} cannot be {shown(value)}; it takes {self.allowed}.")

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
            case "names" | "week" | "hours" | "devices":
                return self.check("" if word in ("none", "never") else text)
        raise PreferenceError(f"{self.name} cannot be {shown(text)}; it takes {self.allowed}.")

    @property
    def allowed(self) -> str:
        """What this setting takes, in words."""
        match self.kind:
            case "bool":
                return "on or off"
            case "choice":
                return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"
            case "names":
                return "names of programs with commas between, or none"
            case "week":
                return "rules such as `mon-fri 9-17 20%, sat 0-24 50%`, or none"
            case "hours":
                return "a span such as 22:00-07:00, or none"
            case "devices":
                return "percentages from 1 such as `cuda:0=50, cuda:1=100`, or none"
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


def program_names(text: str) -> tuple[str, ...]:
    """The names in a value of the kind "names", in lower case."""
    return tuple(name.strip().lower() for name in text.split(",") if name.strip())


def device_shares(text: str) -> dict[str, float]:
    """Shares above 0 and up to 1 by device, from a value of the kind "devices". Raises ValueError."""
    shares: dict[str, float] = {}
    for part in filter(None, (part.strip().lower() for part in text.split(","))):
        found = _DEVICE.fullmatch(part)
        if not found or not 1 <= int(found[2]) <= 100:
            raise ValueError(f"{shown(part)} is no percentage of a device")
        shares[found[1]] = int(found[2]) / 100
    return shares


def shown(value: object) -> str:
    """A value as errors name it: short, whatever it is."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _names(text: str) -> str:
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if len(names) > _MOST_NAMES or any(len(name) > _LONGEST_NAME or not name.isprintable() for name in names):
        raise ValueError("that is too long, or holds characters that no program's name has")
    return ", ".join(names)


def _devices(text: str) -> str:
    return ", ".join(f"{name}={share * 100:.0f}" for name, share in device_shares(text).items())


_CANONICAL: dict[str, Callable[[str], str]] = {
    "names": _names,
    "week": lambda text: WeekLevels.parse(text).text,
    "hours": lambda text: DayHours.parse(text).text,
    "devices": _devices,
}
