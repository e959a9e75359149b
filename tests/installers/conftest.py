"""Figures that the tests of installers print at their end, and where their results lie."""

from collections.abc import Callable
from pathlib import Path

import pytest

from installers.common.context import ROOT

_FIGURES = pytest.StashKey[list[str]]()
Figure = Callable[[str, object, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--reuse-frozen", action="store_true", help="do not freeze the program again")
    parser.addoption("--quick", action="store_true", help="compress little: sizes are not those of a release")
    parser.addoption("--reuse-built", action="store_true", help="take the installers that the last run has built")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_FIGURES] = []


@pytest.fixture(scope="session")
def figure(pytestconfig: pytest.Config) -> Figure:
    """figure(what, value, allowed): a line of the report."""

    def note(what: str, value: object, allowed: str = "") -> None:
        pytestconfig.stash[_FIGURES].append(f"{what:58} {value!s:>14}   {allowed}".rstrip())

    return note


@pytest.fixture(scope="session")
def results() -> Path:
    """Where what was built and photographed is kept."""
    folder = ROOT / "build" / "tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash[_FIGURES]:
        terminalreporter.section("figures")
        for line in config.stash[_FIGURES]:
            terminalreporter.write_line(line)
