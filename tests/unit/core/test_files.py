"""Atomic writing, and what is left when it fails."""

import errno
import os
import stat
import sys
import time
from pathlib import Path

import pytest

from core.errors import HomeError
from core.files import set_aside, sweep_leftovers, write_atomically


def test_content_is_replaced_and_private(tmp_path):
    path = tmp_path / "state.json"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_disk_keeps_the_old_content_and_leaves_nothing_behind(tmp_path, monkeypatch):
    path = tmp_path / "state.json"
    write_atomically(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(HomeError, match="The disk is full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_one_sentence(tmp_path):
    with pytest.raises(HomeError, match="could not be saved"):
        write_atomically(tmp_path / "none" / "x", b"")


def test_set_aside_keeps_the_newest(tmp_path: Path):
    path = tmp_path / "ledger.sqlite"
    for n in range(4):
        path.write_text(str(n))
        kept = set_aside(path, most=2)
        os.utime(kept, ns=(n, n))
    assert {file.read_text() for file in tmp_path.iterdir()} == {"2", "3"}
    assert not path.exists()


def test_only_old_leftovers_are_swept(tmp_path):
    old, new, other = tmp_path / ".a.1.tmp", tmp_path / ".b.1.tmp", tmp_path / "c.tmp"
    for path in (old, new, other):
        path.write_bytes(b"")
    os.utime(old, (time.time() - 7200,) * 2)
    sweep_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == [new, other]
