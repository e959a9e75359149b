"""A text for whoever helps: the window's "Save diagnostics", from the command line."""

import time
from pathlib import Path
from typing import Annotated

import typer

from core.cli.options import HomeOption, JsonOption
from core.cli.output import answer
from core.errors import NotRunning, UsageError
from core.paths import Home

PAGE = 1000


def diagnostics(
    file: Annotated[Path | None, typer.Argument(help="Where to; without it, to the terminal.")] = None,
    addresses: Annotated[bool, typer.Option("--addresses", help="Leave the addresses of peers in.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """State, preferences and log as one text without keys, your folder's name and, unless asked, addresses."""
    text = _text(Home.find(home), addresses=addresses)
    if file is None:
        answer(as_json, {"text": text}, text)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} could not be written: {error.strerror}.") from error
    answer(as_json, {"file": str(file)}, f"Written to {file}. Read it before you pass it on.")


def _text(home: Home, *, addresses: bool) -> str:
    """From the engine that runs, or from what the last one left behind."""
    from core.control.client import ControlSession  # noqa: PLC0415 - only commands that talk pay for it
    from core.control.diagnostics import diagnostics as text_of  # noqa: PLC0415
    from core.control.snapshot import EngineSnapshot  # noqa: PLC0415
    from core.preferences_file import Preferences  # noqa: PLC0415

    snapshot, lines = None, []
    try:
        with ControlSession(home) as engine:
            snapshot = EngineSnapshot.from_dict(engine.call("status"))
            last = 0
            while rows := engine.call("log", after=last, limit=PAGE)["lines"]:
                last = rows[-1][0]
                lines += [f"{_clock(row[1])} {row[2]} {row[3]}: {row[4]}" for row in rows]
    except NotRunning:
        lines = _left_behind(home)
    values = Preferences.load(home.preferences)[0].to_dict()
    return text_of(snapshot, values, lines, addresses=addresses, now=time.time())


def _clock(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))


def _left_behind(home: Home) -> list[str]:
    try:
        files = sorted(home.logs.glob("*.log*"), key=lambda path: path.stat().st_mtime)
        return [line for path in files for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return []
