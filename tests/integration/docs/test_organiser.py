"""The examples of docs/organiser.md are executed as they stand there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from core.cli import main

TEXT = (Path(__file__).parents[3] / "docs" / "organiser.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = re.search(r"^```\n(hivelet project new.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HIVELET_HOME", str(tmp_path / "home"))
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def run(program: str) -> None:
    exec(compile(program, "docs/organiser.md", "exec"), {"__name__": "__main__"})  # noqa: S102 - our own document


def test_thirty_lines_from_an_empty_folder_to_a_training_mixture(capsys: pytest.CaptureFixture[str]) -> None:
    assert len([line for line in PROGRAMS[0].splitlines() if line.strip()]) <= 30
    run(PROGRAMS[0])
    losses = [float(found) for found in re.findall(r"loss ([\d.]+)", capsys.readouterr().out)]
    assert len(losses) == 4
    assert losses[-1] < losses[0] * 0.8


def test_an_expert_class_of_one_s_own(capsys: pytest.CaptureFixture[str]) -> None:
    run(PROGRAMS[1])
    assert "gradient (3, 8)" in capsys.readouterr().out
    assert len(PROGRAMS) == 2


def test_a_project_is_written_checked_and_signed() -> None:
    assert COMMANDS is not None
    lines = [line.split("#")[0].split()[1:] for line in COMMANDS[1].splitlines()]
    offline = {line[1]: line for line in lines if line[1] in {"new", "check", "sign"}}
    # A fresh file names nobody as its publisher until it is signed.
    assert [main(offline[step]) for step in ("new", "sign", "check")] == [0, 0, 0]
