"""Counting, local days, and what survives crashes, full disks and broken files."""

import sqlite3
import subprocess
import sys
import threading
from datetime import datetime, timedelta

import pytest

from core.control.snapshot import ContributionView
from core.ledger.contribution import ContributionLedger

NOON = datetime(2026, 3, 4, 12, 0).astimezone()
GFLOP_HOUR = 3.6e12


class Clock:
    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def __call__(self) -> float:
        return self.moment.timestamp()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledgers(path, clock):
    """Opens ledgers on one path, and closes them at the end."""
    opened = []

    def open_one():
        opened.append(ContributionLedger(path, clock))
        return opened[-1]

    yield open_one
    for ledger in opened:
        ledger.close()


def test_sums(ledgers):
    ledger = ledgers()
    ledger.add(10, GFLOP_HOUR, 1800.0)
    ledger.add(5, GFLOP_HOUR, 1800.0, uid="ffn0.1")
    expected = ContributionView(15, 2.0, 1.0)
    assert ledger.today() == ledger.week() == ledger.total() == expected
    assert ledger.expert_samples_today("ffn0.1") == 5
    assert ledger.expert_samples_today("ffn0.2") == 0


def test_days_are_local_and_weeks_have_seven(ledgers, clock):
    ledger = ledgers()
    for samples, moment in (
        (1, NOON - timedelta(days=7)),
        (10, NOON - timedelta(days=6)),
        (100, NOON - timedelta(days=1)),
        (1000, NOON.replace(hour=0, minute=0)),
        (10000, NOON),
    ):
        clock.moment = moment
        ledger.add(samples, 0.0, 0.0, uid="e")
    assert ledger.today().samples == 11000
    assert ledger.week().samples == 11110
    assert ledger.total().samples == 11111
    assert ledger.expert_samples_today("e") == 11000


def test_midnight(ledgers, clock):
    ledger = ledgers()
    ledger.add(3, 0.0, 0.0, uid="e")
    clock.moment += timedelta(days=1)
    assert ledger.today() == ContributionView()
    assert ledger.expert_samples_today("e") == 0
    ledger.add(4, 0.0, 0.0, uid="e")
    assert ledger.today().samples == 4
    assert ledger.expert_samples_today("e") == 4
    assert ledger.week().samples == 7


def test_a_restart_keeps_everything(ledgers):
    first = ledgers()
    first.add(7, GFLOP_HOUR, 3600.0, uid="e")
    first.close()
    second = ledgers()
    assert second.today() == ContributionView(7, 1.0, 1.0)
    assert second.expert_samples_today("e") == 7
    second.add(1, 0.0, 0.0, uid="e")
    assert second.flush()
    second.close()
    assert ledgers().total().samples == 8


def test_the_clock_may_jump_both_ways(ledgers, clock):
    ledger = ledgers()
    ledger.add(1, 0.0, 0.0)
    for moment in (NOON.replace(year=1990), NOON.replace(year=2037)):
        clock.moment = moment
        ledger.add(1, 0.0, 0.0)
        assert ledger.today().samples == 1
        assert ledger.flush()
    clock.moment = NOON
    assert (ledger.today().samples, ledger.week().samples, ledger.total().samples) == (1, 1, 3)


def test_old_days_are_summed_up(ledgers, clock, path):
    ledger = ledgers()
    for uid in "abc":
        ledger.add(2, 1.0, 1.0, uid=uid)
    ledger.close()
    clock.moment += timedelta(days=100)
    ledgers().close()
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT uid, samples, flops, seconds FROM contribution").fetchall()
    connection.close()
    assert rows == [("", 6, 3.0, 3.0)]
    assert ledgers().total().samples == 6


def test_a_killed_process_loses_only_what_was_not_yet_written(ledgers, path):
    script = f"""
import os, pathlib
from core.ledger.contribution import ContributionLedger
ledger = ContributionLedger(pathlib.Path({str(path)!r}))
ledger.add(5, 0.0, 0.0)
ledger.flush()
ledger.add(1000, 0.0, 0.0)
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 9
    assert ledgers().total().samples == 5


def test_the_thread_writes_regularly(ledgers, path, monkeypatch):
    monkeypatch.setattr("core.ledger.contribution._FLUSH_S", 0.001)
    ledger = ledgers()
    written = threading.Event()
    original = ledger._database.write

    def write(work):
        done = original(work)
        written.set()
        return done

    monkeypatch.setattr(ledger._database, "write", write)
    ledger.start()
    ledger.add(5, 0.0, 0.0)
    assert written.wait(10.0)


def test_many_threads_lose_nothing(ledgers):
    ledger = ledgers()

    def work():
        for n in range(200):
            ledger.add(1, 1.0, 1.0, uid=str(n % 5))
            if n % 50 == 0:
                ledger.flush()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.close()
    assert ledger.total().samples == ledgers().total().samples == 800


@pytest.mark.parametrize("content", [b"this is no database at all, but long enough to be read as one" * 100])
def test_a_broken_file_is_kept_aside(ledgers, path, content):
    path.write_bytes(content)
    ledger = ledgers()
    assert "It is kept as ledger.broken-1.sqlite" in ledger.problem
    assert path.with_name("ledger.broken-1.sqlite").read_bytes() == content
    ledger.add(1, 0.0, 0.0)
    assert ledger.flush()


def test_a_full_disk_is_reported_once_and_nothing_is_lost(ledgers, caplog):
    ledger = ledgers()
    # SQLite's own limit fails exactly as a full disk does.
    assert ledger._database.write(lambda connection: connection.execute("PRAGMA max_page_count = 1"))
    for n in range(3):
        for uid in range(300):
            ledger.add(2, 0.0, 0.0, uid=f"{n} {uid}")
        assert not ledger.flush()
    assert "kept in memory" in ledger.problem
    assert caplog.text.count("kept in memory") == 1
    assert ledger.total().samples == 1800
    assert ledger._database.write(lambda connection: connection.execute("PRAGMA max_page_count = 1000000"))
    assert ledger.flush()
    assert ledger.problem == ""
    ledger.close()
    assert ledgers().total().samples == 1800


def test_a_file_that_opens_later(ledgers, path):
    earlier = ledgers()
    earlier.add(5, 0.0, 0.0)
    earlier.close()
    hidden = path.rename(path.with_name("hidden"))
    path.mkdir()
    ledger = ledgers()
    ledger.add(1, 0.0, 0.0)
    assert "cannot be saved now" in ledger.problem
    assert not ledger.flush()
    path.rmdir()
    hidden.rename(path)
    assert ledger.flush()
    assert ledger.total().samples == 6


def test_a_closed_ledger_still_answers(ledgers):
    ledger = ledgers()
    ledger.add(1, 0.0, 0.0)
    ledger.close()
    ledger.close()
    ledger.add(1, 0.0, 0.0)
    assert not ledger.flush()
    assert ledger.total().samples == 2
