"""One engine a home."""

import os
import subprocess
import sys

import pytest

from core.control.lock import EngineLock
from core.errors import AlreadyRunning, HomeError
from core.paths import Home


def test_a_second_engine_is_told_who_works_here(home):
    with EngineLock(home):
        with pytest.raises(AlreadyRunning, match=rf"\(process {os.getpid()}\) already works in .*hivelet quit"):
            EngineLock(home).acquire()
        assert home.lock_owner.read_text() == str(os.getpid())
    assert not home.lock_owner.exists()
    with EngineLock(home):
        pass


def test_the_refused_engine_frees_nothing(home):
    with EngineLock(home):
        second = EngineLock(home)
        with pytest.raises(AlreadyRunning):
            second.acquire()
        second.release()
        with pytest.raises(AlreadyRunning):
            EngineLock(home).acquire()


def test_a_lock_of_a_dead_process_is_free(home):
    script = f"""
import os, pathlib
from core.control.lock import EngineLock
from core.paths import Home
EngineLock(Home(pathlib.Path({str(home.root)!r}))).acquire()
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 9
    assert home.lock_owner.exists()
    with EngineLock(home):
        assert home.lock_owner.read_text() == str(os.getpid())


def test_the_message_does_without_a_process_id(home):
    with EngineLock(home):
        home.lock_owner.write_text("?")
        with pytest.raises(AlreadyRunning, match="An engine already works in"):
            EngineLock(home).acquire()


def test_a_home_that_is_not_there(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeError):
        EngineLock(Home(tmp_path / "file" / "home")).acquire()
