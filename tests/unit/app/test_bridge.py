"""The bridge against a made-up client: its loop is run in this thread, one step at a time."""

import gc
import threading
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.bridge import QUEUE_LIMIT, Bridge, Request, Rhythm
from core.control.snapshot import EngineSnapshot
from core.errors import ControlError, NotRunning
from tests.support.snapshots import snapshot


class FakeClient:
    """Answers from a table; an exception in it is raised."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Any] = {
            "status": snapshot().to_dict(),
            "history": {"points": [[5.0, 1.0, None, None, 0.5, "working"]]},
            "log": {"lines": [[7, 1.0, "INFO", "x", "text"]]},
            "preferences_get": {"values": {"theme": "dark"}},
            "pause": {},
        }

    def call(self, name: str, timeout: float = 5.0, **arguments: Any) -> dict[str, Any]:
        self.calls.append((name, arguments))
        answer = self.answers[name]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed = True

    def last(self, name: str) -> dict[str, Any]:
        return next(arguments for called, arguments in reversed(self.calls) if called == name)


@pytest.fixture(autouse=True)
def _no_garbage_of_other_tests() -> None:
    """Widgets in reference cycles must not be collected, and so destroyed, in the bridge's thread."""
    gc.collect()


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def bridge(qapp: object, client: FakeClient) -> Bridge:
    return Bridge(lambda: client, clock=lambda: 0.0)


def collect(bridge: Bridge) -> dict[str, list[Any]]:
    told: dict[str, list[Any]] = {}
    for name in ("snapshot", "silent", "history", "log", "preferences", "done", "failed"):
        heard = told.setdefault(name, [])
        getattr(bridge, name).connect(lambda *values, heard=heard: heard.append(values))
    return told


def test_one_poll_tells_everything_and_asks_only_for_what_is_new(bridge: Bridge, client: FakeClient) -> None:
    told = collect(bridge)
    bridge._poll()
    assert isinstance(told["snapshot"][0][0], EngineSnapshot)
    assert told["snapshot"][0][0] == snapshot()
    assert len(told["history"]) == len(told["log"]) == 1
    assert told["preferences"] == [({"theme": "dark"},)]
    bridge._poll()
    assert client.last("history") == {"since": 5.0}
    assert client.last("log") == {"after": 7, "limit": 500}


def test_a_restarted_engine_is_read_from_the_start(bridge: Bridge, client: FakeClient) -> None:
    bridge._poll()
    client.answers["status"] = {**snapshot().to_dict(), "pid": 999}
    bridge._poll()
    assert client.last("history") == {"since": 0.0}
    assert client.last("log")["after"] == -1


def test_no_engine_and_a_busy_engine_are_told_apart(bridge: Bridge, client: FakeClient) -> None:
    told = collect(bridge)
    client.answers["status"] = NotRunning("No engine runs.")
    bridge._poll()
    client.answers["status"] = ControlError("It did not answer.")
    bridge._poll()
    assert told["silent"] == [("No engine runs.", True), ("It did not answer.", False)]


@pytest.mark.parametrize("nonsense", [{}, {"version": 1}, {"state": []}])
def test_an_answer_that_is_no_snapshot_is_said_and_survived(
    bridge: Bridge, client: FakeClient, nonsense: dict[str, Any]
) -> None:
    told = collect(bridge)
    client.answers["status"] = nonsense
    bridge._poll()
    assert "another version" in told["silent"][0][0]


def test_commands_answer_by_signal(bridge: Bridge, client: FakeClient) -> None:
    told = collect(bridge)
    bridge._perform(Request("pause", {"seconds": 900.0}, "tag"))
    assert client.calls == [("pause", {"seconds": 900.0})]
    assert told["done"] == [("pause", {}, "tag")]
    client.answers["pause"] = ControlError("Not now.")
    bridge._perform(Request("pause", {"seconds": None}))
    assert told["failed"] == [("pause", "Not now.", "")]


def test_more_commands_than_can_wait_are_refused_not_blocked(bridge: Bridge) -> None:
    told = collect(bridge)
    for _ in range(QUEUE_LIMIT + 1):
        bridge.ask("resume")
    assert len(told["failed"]) == 1
    assert "Too many" in told["failed"][0][1]


def test_the_thread_polls_obeys_and_stops(qtbot: QtBot, client: FakeClient) -> None:
    bridge = Bridge(lambda: client, Rhythm(status=0.02, hidden_status=0.02))
    threads: list[int] = []
    client_call = client.call
    client.call = lambda *a, **k: (threads.append(threading.get_ident()), client_call(*a, **k))[1]  # type: ignore[method-assign]
    # Slots that outlive the thread: what it emitted before a slot was disconnected would still be delivered.
    snapshots: list[EngineSnapshot] = []
    done: list[str] = []
    bridge.snapshot.connect(snapshots.append)
    bridge.done.connect(lambda name, _answer, _tag: done.append(name))
    bridge.start()
    qtbot.waitUntil(lambda: bool(snapshots), timeout=5000)
    bridge.ask("pause", seconds=None)
    qtbot.waitUntil(lambda: bool(done), timeout=5000)
    assert done == ["pause"]
    bridge.stop()
    assert bridge.isFinished()
    assert threading.get_ident() not in threads
