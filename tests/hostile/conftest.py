"""Nodes to attack: one for each file of tests, and the figures of every attack at the end."""

from collections.abc import Iterator

import pytest

from tests.support.siege import FIGURES, Node


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FIGURES:
        terminalreporter.section("what attacks cost the node")
        for line in FIGURES:
            terminalreporter.write_line(line)


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A node without experts. It must end without a complaint."""
    made = Node()
    yield made
    alive, errors = made.alive, made.close()
    assert alive, errors
    assert made.process.returncode == 0, errors
    assert errors == ""


@pytest.fixture(scope="module")
def expert_node() -> Iterator[Node]:
    """A node that hosts a real expert."""
    made = Node("--experts")
    yield made
    alive, errors = made.alive, made.close()
    assert alive, errors
    assert made.process.returncode == 0, errors
    assert errors == ""
