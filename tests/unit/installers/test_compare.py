"""What two builds made is compared to the last byte, and a difference is named."""

import sys
from pathlib import Path

import pytest

from installers import compare
from installers.common.errors import BuildError


def made(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        (folder / "inner").mkdir(parents=True, exist_ok=True)
        (folder / "inner" / name).write_text(content)
    return folder


def test_the_same_is_identical(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = (made(tmp_path / name, a="1", b="2") for name in ("one", "other"))
    found = compare.compare(one, other)
    assert found.identical
    assert found.same == 2
    assert compare.main([str(one), str(other)]) == 0
    assert "2 files are the same, 0 differ, 0 are on one side only" in capsys.readouterr().out


def test_what_differs_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = made(tmp_path / "one", a="1", b="2", c="3"), made(tmp_path / "other", a="1", b="x", d="3")
    found = compare.compare(one, other)
    assert (found.same, found.differs, found.only) == (1, {"inner/b": []}, ["inner/c", "inner/d"])
    assert compare.main([str(one), str(other)]) == 1
    assert "differs: inner/b" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such modes, and links only for some")
def test_modes_and_links_count(tmp_path: Path) -> None:
    one, other = made(tmp_path / "one", a="1"), made(tmp_path / "other", a="1")
    (other / "inner" / "a").chmod(0o755)
    (one / "link").symlink_to("inner")
    (other / "link").symlink_to("elsewhere")
    assert set(compare.compare(one, other).differs) == {"inner/a", "link"}


def test_parts_of_a_program_are_told_apart() -> None:
    assert compare.differing({"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": ""}) == ["b", "c"]


def test_nothing_is_no_comparison(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="is empty"):
        compare.compare(tmp_path, tmp_path)
    with pytest.raises(BuildError, match="no folder"):
        compare.compare(tmp_path / "none", tmp_path)
    assert compare.main([str(tmp_path)]) == 2
