"""The engine's state machine: events in, instructions out."""

from core.control.snapshot import Reason
from core.engine.state import (
    Decided,
    Drain,
    Drained,
    EngineState,
    Failed,
    FinishAsked,
    Hold,
    PeersChanged,
    QuitAsked,
    Ready,
    Release,
    SetShare,
    Stop,
)

PAUSED = Decided("paused", 1.0, (Reason("paused_by_user", "you paused it"),))
WORK = Decided(None, 1.0)


def running() -> EngineState:
    state = EngineState()
    assert state.handle(Ready()) == []
    return state


def test_policy_holds_and_releases_once() -> None:
    state = running()
    assert state.handle(PAUSED) == [Hold()]
    assert state.handle(PAUSED) == []
    assert state.shown == "paused"
    assert state.reasons[0].code == "paused_by_user"
    assert state.handle(WORK) == [Release()]
    assert state.handle(WORK) == []


def test_a_decision_before_ready_takes_effect_at_ready() -> None:
    state = EngineState()
    assert state.handle(PAUSED) == []
    assert state.shown == "starting"
    assert state.handle(Ready()) == [Hold()]


def test_share_changes_are_passed_on_and_only_changes() -> None:
    state = running()
    assert state.handle(Decided(None, 0.5)) == [SetShare(0.5)]
    assert state.handle(Decided(None, 0.5)) == []


def test_alone_it_connects_and_with_peers_it_works() -> None:
    state = running()
    assert state.shown == "connecting"
    state.handle(PeersChanged(3))
    assert state.shown == "working"
    assert "3 other peers" in state.headline("Text", 2)
    state.handle(PeersChanged(1))
    assert "1 other peer;" in state.headline("Text", 2)


def test_finish_drains_then_stops() -> None:
    state = running()
    assert state.handle(FinishAsked()) == [Drain()]
    assert state.shown == "finishing"
    assert state.handle(PAUSED) == []
    assert state.handle(Drained()) == [Stop()]
    assert state.shown == "stopping"
    assert state.handle(QuitAsked()) == []


def test_finish_while_paused_lets_the_work_under_way_end() -> None:
    state = running()
    state.handle(PAUSED)
    assert state.handle(FinishAsked()) == [Drain(), Release()]


def test_quit_stops_from_anywhere_once() -> None:
    for state in (EngineState(), running()):
        assert state.handle(QuitAsked()) == [Stop()]
        assert state.handle(QuitAsked()) == []
        assert state.handle(Failed("late")) == []
        assert state.shown == "stopping"


def test_a_failure_holds_work_and_stays_readable() -> None:
    state = running()
    assert state.handle(Failed("The disk is full.")) == [Hold()]
    assert state.shown == "error"
    assert state.headline("", 0) == "The disk is full."
    assert state.handle(WORK) == []
    assert state.handle(QuitAsked()) == [Stop()]


def test_drained_means_nothing_unless_finishing() -> None:
    state = running()
    assert state.handle(Drained()) == []
    assert state.phase == "running"
