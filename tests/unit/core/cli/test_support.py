"""Diagnostics without a window."""

import json
from pathlib import Path

import pytest

from core.cli import main
from core.paths import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home").create()
    made.logs.joinpath("engine.log").write_text(
        "12:00:01 INFO x: Found tcp://10.0.0.7:4800, token = abc", encoding="utf-8"
    )
    return made


def test_without_an_engine_the_last_ones_log_is_redacted(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagnostics", "--home", str(home.root), "--json"]) == 0
    text = json.loads(capsys.readouterr().out)["text"]
    assert "Found <address> token = <left out>" in text.replace(",", "")
    assert "cpu_percent = " in text


def test_it_is_written_where_it_was_asked_for_or_one_sentence_says_why_not(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "d.txt"
    assert main(["diagnostics", str(file), "--addresses", "--home", str(home.root)]) == 0
    assert "tcp://10.0.0.7:4800" in file.read_text(encoding="utf-8")
    assert main(["diagnostics", str(tmp_path / "no" / "d.txt"), "--home", str(home.root)]) == 2
    assert "could not be written" in capsys.readouterr().err
