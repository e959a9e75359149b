"""`hivelet`: without a command the window; with one, the command line, for which Qt is never loaded."""

import os
import sys
from collections.abc import Sequence

NO_DISPLAY = (
    "Hivelet finds no display to open its window on. Run `hivelet engine` to work without one, `hivelet status` to "
    "see what it does, or `hivelet demo --headless` to try it."
)
_TRUE = ("1", "true", "yes", "on")


def main(argv: Sequence[str] | None = None) -> int:
    """The console script. Returns the exit code."""
    if getattr(sys, "frozen", False):
        import multiprocessing  # noqa: PLC0415 - only a frozen program needs it, before anything else

        multiprocessing.freeze_support()
    arguments = list(sys.argv[1:] if argv is None else argv)
    window = parse_window(arguments)
    if window is None:
        from core.cli import main as command_line  # noqa: PLC0415 - the window does without it

        return command_line(arguments)
    if not has_display():
        print(NO_DISPLAY, file=sys.stderr)  # noqa: T201 - there is no window to say it in
        return 1
    home, loopback, attach_only = window
    from app.application import WindowOptions, run_window  # noqa: PLC0415 - Qt loads here
    from core.paths import Home  # noqa: PLC0415

    return run_window(WindowOptions(Home.find(home), loopback, attach_only))


def parse_window(arguments: Sequence[str]) -> tuple[str | None, bool, bool] | None:
    """(home, loopback, attach_only) when these arguments open the window; None when they are a command."""
    home: str | None = None
    loopback = os.environ.get("HIVELET_LOOPBACK", "").lower() in _TRUE
    attach_only = False
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
        else:
            return None
    return home, loopback, attach_only


def has_display() -> bool:
    """Whether a window can be shown: on Linux and its kin, whether there is a server for it."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
