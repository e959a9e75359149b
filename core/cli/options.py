"""Options that several commands share, and the words in which people write durations and shares."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import Annotated, Any

import typer

from core.errors import UsageError
from core.paths import Home

HomeOption = Annotated[
    str | None, typer.Option("--home", metavar="DIR", help="The engine's folder (default: yours, or $HIVELET_HOME).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
LoopbackOption = Annotated[
    bool,
    typer.Option("--loopback", envvar="HIVELET_LOOPBACK", help="Stay on this computer: bind and dial 127.0.0.1 only."),
]

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d)?", re.IGNORECASE)
_SECONDS = {"s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
MORNING = time(6, 0)
LONGEST_PAUSE_S = 366 * 86400.0


def seconds(text: str) -> float:
    """`90s`, `15m`, `1h`, `2d`, or `tomorrow` (06:00) as seconds from now. Raises UsageError."""
    if text.strip().lower() == "tomorrow":
        now = datetime.now().astimezone()
        morning = datetime.combine(now.date() + timedelta(days=1), MORNING)  # the system knows that day's offset
        return morning.astimezone().timestamp() - now.timestamp()
    found = _DURATION.fullmatch(text.strip())
    value = float(found[1]) * _SECONDS[(found[2] or "m").lower()] if found else 0.0
    if not 0 < value <= LONGEST_PAUSE_S:
        raise UsageError(f"{text!r} is no duration. Write for example 15m, 1h, 2d or tomorrow.")
    return value


def spread(arguments: Sequence[str], names: Collection[str]) -> list[str]:
    """`--grid 4 4` as `--grid 4 --grid 4`, for these options: click itself lets no option take as many as come."""
    result: list[str] = []
    name = ""
    for argument in arguments:
        if argument.startswith("-"):
            name = argument if argument in names else ""
        elif name and result[-1] != name:
            result.append(name)
        result.append(argument)
    return result


def share(text: str) -> float:
    """`50%` or `50` as 0.5. Raises UsageError."""
    try:
        value = float(text.strip().removesuffix("%").strip())
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise UsageError(f"{text!r} is no budget. Write a share of this computer from 0% to 100%.")
    return value / 100


def call(home: str | None, command: str, wait_s: float = 5.0, **arguments: Any) -> dict[str, Any]:
    """Ask the engine in that home. Raises NotRunning or ControlError."""
    from core.control.client import ControlClient  # noqa: PLC0415 - only commands that talk pay for it

    return ControlClient(Home.find(home)).call(command, timeout=wait_s, **arguments)
