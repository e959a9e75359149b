"""Cycles with widgets in them are collected by the thread that owns the widgets, and by no other."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.garbage import GarbageCollector, collect_due


@pytest.fixture
def collector(qapp: object) -> Iterator[GarbageCollector]:
    was_on = gc.isenabled()
    result = GarbageCollector()
    yield result
    result.stop()
    if not was_on:
        gc.disable()


def cycle() -> "weakref.ref[QObject]":
    thing = QObject()
    thing.me = thing  # type: ignore[attr-defined]
    return weakref.ref(thing)


def test_another_thread_that_allocates_collects_nothing(collector: GarbageCollector) -> None:
    lost = cycle()
    thread = threading.Thread(target=lambda: [[] for _ in range(20_000)])
    thread.start()
    thread.join()
    assert lost() is not None


def test_what_is_due_is_collected_by_the_timer(collector: GarbageCollector, qtbot: QtBot) -> None:
    gc.collect()
    assert collect_due() == -1
    lost = cycle()
    litter = [[] for _ in range(2 * gc.get_threshold()[0])]
    collector._timer.setInterval(0)
    qtbot.waitUntil(lambda: lost() is None, timeout=3000)
    assert litter


def test_stopping_leaves_it_to_the_interpreter(collector: GarbageCollector) -> None:
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()
