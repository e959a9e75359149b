"""What a window says in its end is kept: nobody reads the output of a program that was clicked."""

import faulthandler
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import IO

from core.errors import HomeError
from core.paths import Home
from core.version import VERSION

NAME = "window.log"
LIMIT = 500_000
_kept: IO[str] | None = None
"""Stays open until the process ends: a program that crashes can open no file any more."""


def keep(home: Home) -> Path | None:
    """From now on exceptions that nobody caught, and the stacks of a crash below Python, are written to the home's
    `logs/window.log`, too. Returns the file, None where none can be written."""
    global _kept  # noqa: PLW0603 - it belongs to the process, as the hooks do
    try:
        home.create()
        path = home.logs / NAME
        if path.exists() and path.stat().st_size > LIMIT:
            path.replace(path.with_suffix(".1.log"))
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except (HomeError, OSError):
        return None
    _kept = os.fdopen(number, "a", buffering=1, encoding="utf-8", errors="replace")
    faulthandler.enable(_kept)
    raised, raised_in_thread = sys.excepthook, threading.excepthook

    def on_exception(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
        _write("".join(traceback.format_exception(kind, value, trace)))
        raised(kind, value, trace)

    def on_thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not issubclass(arguments.exc_type, SystemExit):
            _write("".join(traceback.format_exception(arguments.exc_value)))
        raised_in_thread(arguments)

    sys.excepthook, threading.excepthook = on_exception, on_thread
    return path


def _write(text: str) -> None:
    """The text with its circumstances, without the user's name."""
    if _kept is None or _kept.closed:
        return
    try:
        head = f"{time.strftime('%Y-%m-%d %H:%M:%S %z')} Hivelet {VERSION} on {sys.platform}"
        _kept.write(f"{head}\n{text.replace(str(Path.home()), '~')}\n")
    except (OSError, RuntimeError):  # a full disk, or no home folder: the exception itself goes its way
        return
