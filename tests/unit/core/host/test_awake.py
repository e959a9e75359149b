"""Kept awake while it is wanted, and no longer; a helper ends with its owner."""

import subprocess
import sys

from core.host.awake import KeepAwake, ProcessInhibitor, WindowsInhibitor, system_inhibitor


class FakeInhibitor:
    def __init__(self, error=None):
        self.done, self.error, self.lives = [], error, True

    def alive(self):
        return self.lives

    def hold(self):
        if self.error:
            raise self.error
        self.done.append("hold")

    def release(self):
        self.done.append("release")


def test_holds_once_and_lets_go_once():
    inhibitor = FakeInhibitor()
    awake = KeepAwake(inhibitor)
    for wanted in (False, True, True, False, False, True):
        awake.want(wanted)
    assert inhibitor.done == ["hold", "release", "hold"]
    assert awake.held


def test_says_once_that_it_is_impossible_and_tries_again_when_wanted_anew(caplog):
    inhibitor = FakeInhibitor(OSError("no such program"))
    awake = KeepAwake(inhibitor)
    awake.want(True)
    awake.want(True)
    assert awake.problem == "The computer cannot be kept awake (no such program)."
    assert len(caplog.records) == 1
    inhibitor.error = None
    awake.want(False)
    awake.want(True)
    assert (awake.held, awake.problem) == (True, "")


def test_a_helper_that_is_sent_away_is_no_help():
    inhibitor = FakeInhibitor()
    awake = KeepAwake(inhibitor)
    awake.want(True)
    inhibitor.lives = False
    awake.want(True)
    awake.want(True)
    assert (awake.held, inhibitor.done) == (False, ["hold", "release"])
    assert "does not let programs" in awake.problem


def test_a_helper_runs_as_long_as_it_is_wanted():
    inhibitor = ProcessInhibitor([sys.executable, "-c", "import sys; sys.stdin.read()"])
    inhibitor.hold()
    process = inhibitor._process
    assert process is not None
    assert process.poll() is None
    inhibitor.release()
    assert process.poll() is not None
    inhibitor.release()


def test_a_helper_ends_when_its_owner_is_killed(tmp_path):
    mark = tmp_path / "ended"
    helper = f"import sys, pathlib; sys.stdin.read(); pathlib.Path({str(mark)!r}).touch()"
    owner = (
        "import os, sys; from core.host.awake import ProcessInhibitor\n"
        f"ProcessInhibitor([sys.executable, '-c', {helper!r}]).hold()\nos._exit(1)"
    )
    subprocess.run([sys.executable, "-c", owner], check=False, timeout=30)
    for _ in range(200):
        if mark.exists():
            return
        subprocess.run([sys.executable, "-c", ""], check=True, timeout=30)
    raise AssertionError("the helper outlived its owner")


def test_windows_is_told_by_flags():
    flags = []

    def call(value):
        flags.append(value)
        return len(flags) < 3

    inhibitor = WindowsInhibitor(call)
    inhibitor.hold()
    inhibitor.release()
    assert flags == [0x80000001, 0x80000000]
    awake = KeepAwake(inhibitor)
    awake.want(True)
    assert awake.problem


def test_this_system_has_one():
    assert system_inhibitor()
