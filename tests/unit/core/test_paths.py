"""The home folder."""

import errno
import os
import stat
import sys
import tempfile

import pytest

from core.errors import HomeError
from core.paths import Home


def test_the_override_wins_over_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("HIVELET_HOME", str(tmp_path / "environment"))
    assert Home.find(tmp_path / "given").root == tmp_path / "given"
    assert Home.find().root == tmp_path / "environment"
    monkeypatch.delenv("HIVELET_HOME")
    assert Home.find().root.name == "hivelet"


def test_relative_and_user_folders_become_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Home.find("here").root == tmp_path / "here"
    assert Home.find("~/hivelet-test").root.is_absolute()


def test_create_makes_private_folders_and_leaves_no_probe(tmp_path):
    home = Home(tmp_path / "a" / "home").create()
    assert {path.name for path in home.root.iterdir()} == {"logs", "experts", "projects"}
    if sys.platform != "win32":
        assert stat.S_IMODE(home.root.stat().st_mode) == 0o700
    assert home.create() == home


def test_a_file_in_the_way_is_one_sentence(tmp_path):
    (tmp_path / "home").write_text("")
    with pytest.raises(HomeError, match=r"cannot write in .*--home"):
        Home(tmp_path / "home").create()


def test_a_read_only_home_is_one_sentence(tmp_path, monkeypatch):
    def refuse(**_options: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)  # root may write everywhere, so permissions prove nothing
    with pytest.raises(HomeError, match="Make it writable"):
        Home(tmp_path).create()


def test_everything_lies_below_the_root(tmp_path):
    home = Home(tmp_path)
    names = [name for name, kind in vars(Home).items() if isinstance(kind, property)]
    paths = [getattr(home, name) for name in names]
    assert len(set(paths)) == len(paths) > 8
    assert all(path.parent == tmp_path for path in paths)
