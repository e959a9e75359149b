"""`hivelet release`: a key, a signature, and what is shown of it."""

import json
from pathlib import Path

import pytest

from core.cli import main
from core.release.publisher import VARIABLE


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "publisher.key"
    assert main(["release", "new-key", str(path), "--json"]) == 0
    monkeypatch.setenv(VARIABLE, json.loads(capsys.readouterr().out)["public_key"])
    return path


def sign(key: Path, file: Path, *more: str) -> int:
    page = ("--page", "https://hivelet.example/news")
    return main(["release", "sign", str(file), "--key", str(key), "--version", "0.2.0", *page, *more])


def test_what_was_signed_is_shown(key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "news.record"
    assert sign(key, file, "--notes", "Less memory.", "--date", "2026-11-29", "--sequence", "3") == 0
    assert main(["release", "show", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {
        "version": "0.2.0", "date": "2026-11-29", "page": "https://hivelet.example/news",
        "notes": "Less memory.", "sequence": 3,
    }  # fmt: skip


def test_a_key_is_never_replaced(key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = key.read_bytes()
    assert main(["release", "new-key", str(key)]) == 2
    assert key.read_bytes() == before
    assert "exists already" in capsys.readouterr().err


def test_whoever_signs_with_another_key_is_told(
    key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, "ab" * 32)
    file = tmp_path / "news.record"
    assert sign(key, file) == 0
    assert "will not believe it" in capsys.readouterr().err
    assert main(["release", "show", str(file)]) == 2
    assert "not signed by Hivelet's publisher" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["sign", "{}/x", "--key", "{}/none", "--version", "1.2.3", "--page", "https://a.example/"], ["show", "{}/none"],
     ["publish", "{}/none"], ["show", "--home", "{}"]],
)  # fmt: skip
def test_what_is_missing_is_one_sentence(
    key: Path, tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["release", *(word.format(tmp_path) for word in arguments)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
