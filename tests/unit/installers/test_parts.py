"""What installers bring beside the program: images of a built-in project, and licences."""

from importlib.metadata import distribution
from pathlib import Path

import pytest

from installers.common import digits
from installers.common.downloads import sha256_of
from installers.common.errors import BuildError
from installers.common.licences import copy_of_distributions, copy_of_packages, copy_of_qt
from installers.common.trees import files_below


def test_the_images_are_the_ones_that_were_pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digits.add_digits(tmp_path)
    assert sha256_of(tmp_path / digits.FILE) == digits.SHA256
    assert digits.digits_component()["hashes"] == [{"alg": "SHA-256", "content": digits.SHA256}]
    monkeypatch.setattr(digits, "SHA256", "0" * 64)
    with pytest.raises(BuildError, match="not the file that is pinned"):
        digits.add_digits(tmp_path)


def test_images_that_are_missing_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(BuildError, match="not installed"):
        digits.add_digits(tmp_path)


def test_each_part_has_a_folder_with_its_licence(tmp_path: Path) -> None:
    digits.copy_licence(tmp_path)
    copy_of_distributions([distribution("numpy"), distribution("pytest")], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"scikit-learn", "numpy", "pytest"}
    assert all(path.stat().st_size for path in files_below(tmp_path))


def test_qt_is_not_passed_on_without_its_licence(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="Qt must not be passed on"):
        copy_of_qt(tmp_path / "to", tmp_path)
    for name in ("LGPL-3", "GPL-3"):
        (tmp_path / name).write_text(name)
    copy_of_qt(tmp_path / "to", tmp_path)
    assert sorted(path.name for path in (tmp_path / "to").iterdir()) == [
        "Qt and PySide6 - GPL-3.txt",
        "Qt and PySide6 - LGPL-3.txt",
    ]


def test_packages_that_are_not_here_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "nsis").mkdir()
    (tmp_path / "nsis" / "copyright").write_text("zlib")
    copy_of_packages(("nsis", "another"), tmp_path / "to", tmp_path)
    assert [path.read_text() for path in (tmp_path / "to").iterdir()] == ["zlib"]
