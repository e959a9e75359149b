"""Projects to read and to break."""

import re
from pathlib import Path

import pytest

from core.paths import Home
from core.projects.manifest import builtin
from net.identity import Identity


@pytest.fixture
def identity() -> Identity:
    return Identity(bytes(range(32)))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


class Edited:
    """The built-in text project with lines of its TOML replaced."""

    def __init__(self) -> None:
        self.text = builtin("text").toml.decode()

    def __call__(self, **lines: str) -> bytes:
        """Each keyword replaces the first line `name = …` by `name = <value>`; an empty value removes it."""
        text = self.text
        for name, value in lines.items():
            line = re.search(rf"(?m)^{name} = .*$", text)
            assert line, name
            text = text[: line.start()] + (f"{name} = {value}" if value else "") + text[line.end() :]
        return text.encode()


@pytest.fixture
def edited() -> Edited:
    return Edited()
