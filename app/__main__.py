"""`hivelet`: without a command the window; with one, the command line, for which Qt is never loaded."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from app import display, frozen

LINK_SCHEME = "hivelet:"
_TRUE = ("1", "true", "yes", "on")


def main(argv: Sequence[str] | None = None) -> int:
    """The console script. Returns the exit code."""
    frozen.prepare()
    arguments = list(sys.argv[1:] if argv is None else argv)
    window = parse_window(arguments)
    if window is None:
        from core.cli import main as command_line  # noqa: PLC0415 - the window does without it

        return command_line(arguments)
    problem = display.problem()
    if problem:
        print(problem, file=sys.stderr)  # noqa: T201 - there is no window to say it in
        return 1
    try:
        from app.application import WindowOptions, run_window  # noqa: PLC0415 - Qt loads here
        from core.paths import Home  # noqa: PLC0415
    except ImportError as error:
        print(f"Qt cannot be loaded ({error}). {display.INSTEAD}", file=sys.stderr)  # noqa: T201
        return 1

    return run_window(WindowOptions(Home.find(window.home), window.loopback, window.attach_only, link=window.link))


@dataclass(frozen=True, slots=True)
class WindowArguments:
    """What the command line says about the window. link: a `hivelet:` link that was clicked somewhere."""

    home: str | None = None
    loopback: bool = False
    attach_only: bool = False
    link: str = ""


def parse_window(arguments: Sequence[str]) -> WindowArguments | None:
    """The window's arguments; None when these are a command's."""
    home: str | None = None
    loopback = os.environ.get("HIVELET_LOOPBACK", "").lower() in _TRUE
    attach_only = False
    link = ""
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if name == "--home":
            home = value if equals else next(rest, "")
            if not home:
                return None
        elif argument == "--loopback":
            loopback = True
        elif argument == "--attach-only":
            attach_only = True
        elif argument.lower().startswith(LINK_SCHEME) and not link:
            link = argument
        else:
            return None
    return WindowArguments(home, loopback, attach_only, link)


if __name__ == "__main__":
    sys.exit(main())
