"""Snapshots: whole or not at all, checked, named safely."""

import errno
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.durability import snapshots
from core.durability.snapshots import Saved, SnapshotStore
from core.errors import HomeError

PROJECT = bytes(range(32))


@pytest.fixture
def store(tmp_path):
    return SnapshotStore(tmp_path / "experts")


def files(store):
    return sorted(path for path in store._folder.rglob("*") if path.is_file())


def age(store, seconds):
    """Make everything that is there older."""
    for path in files(store):
        before = path.stat().st_mtime - seconds
        os.utime(path, (before, before))


def test_saved_and_loaded(store):
    store.save(PROJECT, "ffn0.1", 7, b"state")
    assert store.load(PROJECT, "ffn0.1") == (7, b"state")
    assert store.load(PROJECT, "ffn0.2") is None
    assert store.load(b"other", "ffn0.1") is None
    assert store.saved(b"other") == []


def test_an_empty_state_and_the_largest_step(store):
    store.save(PROJECT, "e", (1 << 63) - 1, b"")
    assert store.load(PROJECT, "e") == ((1 << 63) - 1, b"")


def test_the_newest_two_are_kept(store):
    for step in (8, 9, 10, 11):
        store.save(PROJECT, "e", step, str(step).encode())
        age(store, 10)
    assert store.load(PROJECT, "e") == (11, b"11")
    assert sorted(int(path.name.split(".")[-2]) for path in files(store)) == [10, 11]


def test_a_step_that_went_back_is_not_thrown_away_at_once(store):
    store.save(PROJECT, "e", 50, b"50")
    age(store, 20)
    store.save(PROJECT, "e", 60, b"60")
    age(store, 10)
    store.save(PROJECT, "e", 10, b"10")
    assert {int(path.name.split(".")[-2]) for path in files(store)} == {60, 10}


@pytest.mark.parametrize(
    "damage", [lambda d: d[:-1], lambda d: b"", lambda d: d[:20], lambda d: d[:-1] + b"\x00", lambda d: b"X" + d[1:]]
)
def test_a_damaged_snapshot_is_passed_over(store, damage, caplog):
    store.save(PROJECT, "e", 1, b"old state")
    store.save(PROJECT, "e", 2, b"new state")
    newest = max(files(store), key=lambda path: int(path.name.split(".")[-2]))
    newest.write_bytes(damage(newest.read_bytes()))
    assert store.load(PROJECT, "e") == (1, b"old state")
    assert "cannot be used" in caplog.text


def test_a_snapshot_under_a_foreign_name_is_not_believed(store):
    store.save(PROJECT, "a", 1, b"a")
    (path,) = files(store)
    store.save(PROJECT, "b", 1, b"b")
    (other,) = [each for each in files(store) if each != path]
    other.write_bytes(path.read_bytes())
    assert store.load(PROJECT, "b") is None


def test_the_list_of_experts(store):
    store.save(PROJECT, "ffn0.2", 5, b"x")
    store.save(PROJECT, "ffn0.10", 6, b"x")
    store.save(PROJECT, "ffn0.2", 9, b"x")
    (files(store)[0].parent / "notes.txt").write_text("not ours")
    (files(store)[0].parent / "x-1.5.snapshot").write_bytes(b"broken")
    assert store.saved(PROJECT) == [Saved("ffn0.10", 6), Saved("ffn0.2", 9)]


def test_removed(store):
    store.save(PROJECT, "a", 1, b"a")
    store.save(PROJECT, "b", 1, b"b")
    store.remove(PROJECT, "a")
    assert store.load(PROJECT, "a") is None
    assert store.load(PROJECT, "b") is not None
    store.remove(PROJECT, "a")


@pytest.mark.parametrize(
    "uid", ["../../etc/passwd", "C:\\x", "a/b", "..", "con", "a\x00b", "ffn0.*", "é" * 80, "x" * 300, " "]
)
def test_no_name_leaves_the_folder(store, tmp_path, uid):
    store.save(PROJECT, uid, 1, b"s")
    assert store.load(PROJECT, uid) == (1, b"s")
    (path,) = files(store)
    assert path.parent == tmp_path / "experts" / PROJECT.hex()
    assert len(path.name) < 120
    assert store.saved(PROJECT) == [Saved(uid, 1)]


def test_names_that_differ_only_in_case_or_in_signs_stay_apart(store):
    for uid in ("a.b", "A.B", "a-b", "a_b"):
        store.save(PROJECT, uid, 1, uid.encode())
    assert len({path.name.lower() for path in files(store)}) == 4
    assert store.load(PROJECT, "A.B") == (1, b"A.B")


@pytest.mark.parametrize(("uid", "step"), [("", 1), ("x" * 600, 1), ("e", -1), ("e", 1 << 63)])
def test_what_cannot_be_kept(store, uid, step):
    with pytest.raises(ValueError, match="no snapshot"):
        store.save(PROJECT, uid, step, b"")


def test_a_full_disk_keeps_what_was_saved(store, monkeypatch):
    store.save(PROJECT, "e", 1, b"old")

    def full(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(HomeError, match="The disk is full"):
        store.save(PROJECT, "e", 2, b"new")
    assert store.load(PROJECT, "e") == (1, b"old")
    assert len(files(store)) == 1


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "experts").write_text("")
    store = SnapshotStore(tmp_path / "experts")
    with pytest.raises(HomeError, match="cannot be made"):
        store.save(PROJECT, "e", 1, b"")
    assert store.load(PROJECT, "e") is None
    store.sweep()


def test_leftovers_of_killed_writers_are_swept(store):
    store.save(PROJECT, "e", 1, b"s")
    leftover = files(store)[0].parent / ".e-1.2.snapshot.abc.tmp"
    leftover.write_bytes(b"half")
    os.utime(leftover, (0, 0))
    assert store.saved(PROJECT) == [Saved("e", 1)]
    store.sweep()
    assert not leftover.exists()


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_in_a_file_are_refused_without_a_crash(tmp_path, data):
    path = tmp_path / "e.1.snapshot"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="it "):
        snapshots._read(path)
    with pytest.raises(ValueError, match="it "):
        snapshots._read_head(path)
