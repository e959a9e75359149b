"""How a window ended can be read afterwards, whatever ended it."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.last_words import LIMIT, NAME

START = (
    "import os, sys, threading; from core.paths import Home; from app.last_words import keep; keep(Home.find({!r}));"
)
ENDS = {
    "1 / 0": "ZeroDivisionError",
    "t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join(); sys.exit(1)": "ZeroDivisionError",
    "import faulthandler; faulthandler._sigabrt() if hasattr(faulthandler, '_sigabrt') else os.abort()": "Fatal Python",
}


def end(home: Path, how: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", START.format(str(home)) + how]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


@pytest.mark.parametrize(("how", "word"), ENDS.items(), ids=["exception", "thread", "abort"])
def test_the_end_is_written_down(tmp_path: Path, how: str, word: str) -> None:
    done = end(tmp_path / "home", how)
    assert done.returncode != 0
    assert word in (tmp_path / "home" / "logs" / NAME).read_text(encoding="utf-8")
    if word != "Fatal Python":
        assert word in done.stderr, "it is said as before, too"


def test_a_good_end_says_nothing(tmp_path: Path) -> None:
    assert end(tmp_path, "sys.exit(0)").returncode == 0
    assert (tmp_path / "logs" / NAME).read_bytes() == b""


def test_a_long_file_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / NAME).write_bytes(b"x" * (LIMIT + 1))
    end(tmp_path, "1 / 0")
    assert (tmp_path / "logs" / NAME).stat().st_size < LIMIT
    assert (tmp_path / "logs" / "window.1.log").stat().st_size == LIMIT + 1


def test_where_nothing_can_be_written_the_window_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert end(tmp_path / "file", "print('went on')").stdout.strip() == "went on"
