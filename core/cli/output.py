"""How the command line speaks: one JSON object with --json, aligned text without, errors on stderr."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any


def say(text: str) -> None:
    """One line for the person on stdout. Control characters from the network never reach the terminal."""
    print(plain(text), flush=True)


def say_error(text: str) -> None:
    """One sentence on stderr."""
    print(plain(text), file=sys.stderr, flush=True)


def say_json(value: object) -> None:
    """One JSON object a line on stdout."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False, default=str), flush=True)


def answer(as_json: bool, data: dict[str, Any], text: str | Callable[[], str]) -> None:
    """The result of a command, for scripts or for people."""
    if as_json:
        say_json(data)
    else:
        for line in (text if isinstance(text, str) else text()).splitlines() or [""]:
            say(line)


def plain(text: str) -> str:
    """The text without control, bidi and other invisible characters, which could rewrite the terminal."""
    return "".join(c if c.isprintable() or c in "\t\n" else "\ufffd" for c in text)


def table(titles: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[int] = ()) -> str:
    """Aligned columns; those in `numbers` are right-aligned."""
    cells = [list(titles), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(titles))]
    lines = []
    for row in cells:
        aligned = [c.rjust(w) if i in numbers else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(aligned).rstrip())
    return "\n".join(lines)


def size(count: float) -> str:
    """Bytes for people: 1.4 GB."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
