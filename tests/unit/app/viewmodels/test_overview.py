from dataclasses import replace

import pytest

from app.formatting import clock
from app.supervision import EngineStatus
from app.viewmodels.overview import fix_of, overview
from core.control.snapshot import EngineSnapshot, Reason, State
from tests.support.snapshots import NOW, hostile, snapshot

RUNNING = EngineStatus(phase="running", sentence="")


def test_working_says_for_whom_and_how_much() -> None:
    state = overview(snapshot(), RUNNING, NOW)
    assert state.title == f"Helping since {clock(NOW - 4 * 3600)}"
    assert state.sentence == (
        "Training Reference text with 9 other peers. Your 14 experts served 48,210 samples today."
    )
    assert (state.ring.text, state.ring.share, state.ring.mood) == ("50 %", 0.5, "working")
    assert (state.main_action, state.can_finish, state.can_budget) == ("pause", True, True)
    assert [card.value for card in state.cards] == ["3.42", "48,210", "4.1", "14"]


@pytest.mark.parametrize(
    ("name", "title", "action"),
    [
        ("starting", "Starting up", "pause"),
        ("connecting", "Working alone for now", "pause"),
        ("guarded", "Holding work", "pause"),
        ("finishing", "Finishing, then stopping", "none"),
        ("error", "Something needs your attention", "none"),
        ("stopping", "Stopping", "none"),
    ],
)
def test_every_state_has_a_title_and_fitting_actions(name: State, title: str, action: str) -> None:
    state = overview(snapshot(name), RUNNING, NOW)
    assert (state.title, state.main_action) == (title, action)
    assert state.sentence


def test_a_timed_pause_says_until_when_and_how_to_end_it() -> None:
    state = overview(snapshot("paused"), RUNNING, NOW)
    assert state.title == f"Paused until {clock(NOW + 1800)}"
    assert state.main_action == "resume"
    assert (state.ring.share, state.ring.budget, state.ring.caption) == (0.0, 0.5, "paused")
    assert state.chips[0].action == "resume"
    assert state.chips[0].text.endswith(f"until {clock(NOW + 1800)}")


def test_all_reasons_are_shown_each_with_its_fix() -> None:
    chips = overview(snapshot("guarded"), RUNNING, NOW).chips
    assert [(chip.text, chip.action) for chip in chips] == [
        ("on battery", "preference:run_on_battery"),
        ("less than 0.5 GB of memory is free", "preference:min_free_memory_gb"),
    ]


@pytest.mark.parametrize(
    ("fix", "action"),
    [
        ("", ""),
        ("resume", "resume"),
        ("hivelet resume", "resume"),
        ("run_on_battery", "preference:run_on_battery"),
        ("preferences set run_on_battery=on", "preference:run_on_battery"),
        ("preferences", "preference:"),
        ("budget", "budget"),
        ("something else", ""),
    ],
)
def test_fixes_become_buttons(fix: str, action: str) -> None:
    assert fix_of(Reason("x", "y", fix=fix))[0] == action


@pytest.mark.parametrize(
    ("engine", "title", "action"),
    [
        (EngineStatus(), "One moment", "none"),
        (EngineStatus("starting", "Starting the engine…"), "Starting up", "none"),
        (EngineStatus("waiting", "x", "y", NOW + 8, 3), "The engine stopped", "retry"),
        (EngineStatus("stopped", "The engine is stopped."), "Stopped", "retry"),
        (EngineStatus("absent", "No engine answers."), "No engine here", "none"),
        (EngineStatus("running", ""), "One moment", "none"),
    ],
)
def test_without_an_engine_the_page_says_so(engine: EngineStatus, title: str, action: str) -> None:
    state = overview(None, engine, NOW)
    assert (state.title, state.main_action) == (title, action)
    assert state.sentence
    assert not state.can_finish
    assert {card.value for card in state.cards} == {"–"}


def test_the_day_s_numbers_outlive_a_crash() -> None:
    state = overview(snapshot(), EngineStatus("waiting", "x", "y", NOW + 8, 1), NOW)
    assert state.cards[1].value == "48,210"
    assert state.ring.mood == "off"


def test_text_from_the_swarm_is_made_safe() -> None:
    state = overview(hostile(snapshot()), RUNNING, NOW)
    assert "\u202e" not in state.sentence + state.chips[0].text
    assert len(state.sentence) < 300


def test_an_empty_engine_is_described_without_nonsense() -> None:
    bare = EngineSnapshot("0.1.0", 1, "p", "/h", NOW - 5, NOW, "starting")
    state = overview(bare, RUNNING, NOW)
    assert state.sentence
    assert state.cards[3].unit == ""
    assert overview(replace(bare, state="working"), RUNNING, NOW).title.startswith("Helping")
