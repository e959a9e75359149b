"""The log ring and the log files."""

import logging
import warnings

import pytest

from core.control import log_buffer
from core.control.log_buffer import LogBuffer, start_logging, stop_logging


@pytest.fixture
def logger():
    logger = logging.Logger("hivelet.test")
    logger.setLevel(logging.DEBUG)
    return logger


@pytest.fixture
def buffer(logger):
    buffer = LogBuffer(capacity=5)
    logger.addHandler(buffer)
    return buffer


def numbers(lines):
    return [line[0] for line in lines]


def test_lines_are_numbered_and_carry_their_origin(logger, buffer):
    logger.warning("a %s", "b")
    ((number, created, level, name, text),) = buffer.after(0, 10)
    assert (number, level, name, text) == (1, "WARNING", "hivelet.test", "a b")
    assert created > 1_600_000_000


def test_paging(logger, buffer):
    for n in range(4):
        logger.info(n)
    assert numbers(buffer.after(0, 2)) == [1, 2]
    assert numbers(buffer.after(2, 2)) == [3, 4]
    assert buffer.after(4, 2) == []
    assert buffer.after(0, 0) == buffer.after(0, -1) == []


def test_the_oldest_lines_give_way(logger, buffer):
    for n in range(12):
        logger.info(n)
    assert numbers(buffer.after(0, 100)) == [8, 9, 10, 11, 12]
    assert numbers(buffer.after(9, 100)) == [10, 11, 12]


def test_a_number_of_an_earlier_run_brings_all(logger, buffer):
    logger.info("first")
    assert numbers(buffer.after(500, 10)) == [1]


def test_a_traceback_belongs_to_its_line(logger, buffer):
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        logger.exception("failed")
    text = buffer.after(0, 1)[0][4]
    assert text.startswith("failed\nTraceback")
    assert text.endswith("ZeroDivisionError: division by zero")


def test_endless_lines_are_cut_in_the_middle(logger, buffer):
    logger.info("start" + "x" * 1_000_000 + "end")
    text = buffer.after(0, 1)[0][4]
    assert len(text) < log_buffer.MAX_TEXT + 10
    assert text.startswith("start")
    assert text.endswith("end")


def test_a_line_that_cannot_be_formatted_is_kept(logger, buffer):
    logger.info("%d", "not a number")
    assert "cannot be formatted" in buffer.after(0, 1)[0][4]


def test_one_answer_is_bounded(logger, monkeypatch):
    monkeypatch.setattr(log_buffer, "_MAX_ANSWER_CHARS", 25)
    buffer = LogBuffer()
    logger.addHandler(buffer)
    for _ in range(5):
        logger.info("x" * 10)
    assert numbers(buffer.after(0, 100)) == [1, 2]
    logger.info("x" * 100)
    assert numbers(buffer.after(5, 100)) == [6]


@pytest.fixture
def started(home):
    level = logging.getLogger().level
    buffer = start_logging(home)
    yield buffer
    stop_logging(buffer)
    logging.getLogger().setLevel(level)


def test_everything_goes_to_memory_and_to_the_file(home, started):
    logging.getLogger("core.somewhere").info("hello")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("careful", stacklevel=1)
    texts = [line[4] for line in started.after(0, 10)]
    assert texts[0] == "hello"
    assert "careful" in texts[1]
    content = (home.logs / "engine.log").read_text()
    assert "INFO    MainThread core.somewhere: hello" in content


def test_stopping_lets_go(home, started):
    stop_logging(started)
    logging.getLogger("core.somewhere").error("later")
    assert started.after(0, 10) == []
    (home.logs / "engine.log").unlink()


def test_a_log_that_cannot_be_written_is_kept_in_memory(home):
    home.logs.rmdir()
    home.logs.write_text("")
    buffer = start_logging(home)
    try:
        assert "kept in memory alone" in buffer.after(0, 1)[0][4]
    finally:
        stop_logging(buffer)


def test_a_full_disk_stops_nothing(home, started, monkeypatch, capsys):
    (file,) = [h for h in logging.getLogger().handlers if isinstance(h, log_buffer.QuietRotatingFile)]

    def full(_text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file.stream, "write", full)
    logging.getLogger("x").error("still here")
    assert started.after(0, 1)[0][4] == "still here"
    assert file.lost == 1
    assert capsys.readouterr().err == ""
