"""What every test relies on: tests that need a real screen are deselected, visibly, where there is none."""

import os
import shutil
import sys

import pytest

DESKTOP_PROGRAMS = ("Xvfb", "openbox", "trayer", "xdotool")

os.environ["HIVELET_LOOPBACK"] = "1"  # whatever a test starts stays on this computer


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-desktop", action="store_true", help="fail, instead of deselecting, where no X display can be made"
    )


def missing_desktop() -> list[str]:
    """The programs that the desktop tests need and that are not here."""
    if sys.platform != "linux":
        return ["an X server (these tests run on Linux)"]
    return [name for name in DESKTOP_PROGRAMS if shutil.which(name) is None]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    desktop = [item for item in items if item.get_closest_marker("desktop")]
    missing = missing_desktop()
    if not desktop or not missing:
        return
    if config.getoption("--require-desktop"):
        raise pytest.UsageError(f"--require-desktop, but these are missing: {', '.join(missing)}")
    config.hook.pytest_deselected(items=desktop)
    items[:] = [item for item in items if item not in desktop]
    config.stash[_DESELECTED] = (len(desktop), missing)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    count, missing = config.stash.get(_DESELECTED, (0, []))
    if count:
        terminalreporter.write_line(
            f"{count} desktop tests deselected: they need {', '.join(missing)}. CONTRIBUTING says how to install them.",
            yellow=True,
        )


_DESELECTED = pytest.StashKey[tuple[int, list[str]]]()
