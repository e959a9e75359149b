"""An engine notices the end of its standard input, and never waits inside of Windows for it."""

import subprocess
import sys

import pytest

from core.engine.stdin import LOOK_S, look_until_end

PROGRAM = "from core.engine.stdin import wait_for_end_of_input; print('waits', flush=True); wait_for_end_of_input()"


def pipe(*there: int | type[OSError]):
    """A pipe in which so many bytes are found, look by look."""
    looks = iter(there)

    def waiting() -> int:
        now = next(looks)
        if isinstance(now, int):
            return now
        raise now

    return waiting


def test_what_comes_is_taken_until_the_end():
    taken, pauses = [], []
    look_until_end(pipe(0, 5, 2000, 0, BrokenPipeError), taken.append, pauses.append)
    assert taken == [5, 1024]
    assert pauses == [LOOK_S, LOOK_S]


def test_a_console_is_read_until_its_end():
    answers = iter([b"typed", b""])
    look_until_end(pipe(OSError), lambda _size: next(answers), pytest.fail)
    assert next(answers, None) is None


def test_a_program_ends_with_its_input():
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"waits"
        process.stdin.write(b"something")
        process.stdin.flush()
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(20) == 0
