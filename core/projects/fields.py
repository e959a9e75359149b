"""Reading a TOML table strictly: every field has a type and bounds, and nothing else may be there.

Every error is a ManifestError of one sentence that names file and field, as in
`my.toml: trainer.batch must be a whole number from 1 to 4096, not 0.`
"""

import difflib
import math
import re
import tomllib
from collections.abc import Sequence
from typing import Any

from core.errors import ManifestError

MAX_FILE_BYTES = 64 * 1024
_SHOWN_CHARS = 40


class _Required:
    """Marks a field that has no default."""


REQUIRED = _Required()


def read_table(data: bytes, source: str) -> "Table":
    """The whole file as a table. source: how messages name it. Raises ManifestError."""
    if len(data) > MAX_FILE_BYTES:
        raise ManifestError(f"{source}: a project file has at most {MAX_FILE_BYTES} bytes; this one is larger.")
    try:
        return Table(tomllib.loads(data.decode("utf-8")), source)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        reason = str(error) or "it is nested too deeply"
        raise ManifestError(f"{source}: this is no TOML file ({reason}).") from error


class Table:
    """One table. Each method takes one field out of it; `finish` complains about what nobody took."""

    def __init__(self, data: dict[str, Any], source: str, where: str = "") -> None:
        self.data = data
        self._source = source
        self._where = where
        self._taken: set[str] = set()

    def text(
        self, name: str, most: int, *, pattern: str = "", lines: bool = False, default: str | _Required = REQUIRED
    ) -> str:
        """Printable text of at most `most` characters; lines: line breaks are allowed; pattern: must match it all."""
        value = self._take(name, default)
        if not isinstance(value, str) or len(value) > most:
            raise self.error(name, f"must be text of at most {most} characters")
        if not value.replace("\n", " " if lines else "\n").isprintable():
            raise self.error(name, "must be plain text without control characters")
        if pattern and not re.fullmatch(pattern, value, re.ASCII):
            raise self.error(name, f"must match {pattern}, unlike {value[:_SHOWN_CHARS]!r}")
        return value

    def choice(self, name: str, choices: Sequence[str], *, default: str | _Required = REQUIRED) -> str:
        """One of these words."""
        value = self._take(name, default)
        if value not in choices or not isinstance(value, str):
            raise self.error(name, f"must be one of {', '.join(choices)}", value)
        return value

    def integer(self, name: str, low: int, high: int, *, default: int | _Required = REQUIRED) -> int:
        """A whole number from low to high, both included."""
        value = self._take(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.error(name, f"must be a whole number from {low} to {high}", value)
        return value

    def number(self, name: str, low: float, high: float, *, default: float | _Required = REQUIRED) -> float:
        """A finite number from low to high, both included."""
        value = self._take(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.error(name, f"must be a number from {low:g} to {high:g}", value)
        return float(value)

    def integers(self, name: str, low: int, high: int, *, fewest: int, most: int) -> tuple[int, ...]:
        """A list of whole numbers."""
        values = self._take(name, REQUIRED)
        if not isinstance(values, list) or not fewest <= len(values) <= most:
            raise self.error(name, f"must be a list of {fewest} to {most} numbers")
        for value in values:
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise self.error(name, f"must hold whole numbers from {low} to {high}", value)
        return tuple(values)

    def hexadecimal(self, name: str, count: int) -> bytes:
        """`count` bytes as lower-case hexadecimal digits; no bytes when the field is missing."""
        value = self._take(name, "")
        if value == "":
            return b""
        if not isinstance(value, str) or not re.fullmatch(f"[0-9a-f]{{{2 * count}}}", value):
            raise self.error(name, f"must be {2 * count} hexadecimal digits")
        return bytes.fromhex(value)

    def table(self, name: str) -> "Table":
        """A table inside; an empty one when it is missing."""
        value = self._take(name, {})
        if not isinstance(value, dict):
            raise self.error(name, "must be a table")
        return Table(value, self._source, f"{self._where}{name}.")

    def tables(self, name: str, *, most: int, fewest: int = 0) -> list["Table"]:
        """An array of tables."""
        values = self._take(name, [])
        if not isinstance(values, list) or not fewest <= len(values) <= most:
            raise self.error(name, f"must be {fewest} to {most} tables")
        if not all(isinstance(value, dict) for value in values):
            raise self.error(name, "must hold tables only")
        return [Table(value, self._source, f"{self._where}{name}[{i}].") for i, value in enumerate(values)]

    def finish(self) -> None:
        """Raise ManifestError when the table holds a field that was not asked for."""
        for name in self.data:
            if name not in self._taken:
                near = difflib.get_close_matches(name, self._taken, 1)
                hint = f" Did you mean {self._where}{near[0]}?" if near else ""
                shown = f"{self._where}{name}"[:_SHOWN_CHARS]
                raise ManifestError(f"{self._source}: there is no field {shown!r}.{hint}")

    def error(self, name: str, rule: str, value: object = None) -> ManifestError:
        """The error that this field breaks this rule."""
        shown = "" if value is None else f", not {repr(value)[:_SHOWN_CHARS]}"
        return ManifestError(f"{self._source}: {self._where}{name} {rule}{shown}.")

    def _take(self, name: str, default: Any) -> Any:
        self._taken.add(name)
        value = self.data.get(name, default)
        if value is REQUIRED:
            raise ManifestError(f"{self._source}: {self._where}{name} is missing.")
        if isinstance(value, float) and not math.isfinite(value):
            raise self.error(name, "must be finite")
        return value
