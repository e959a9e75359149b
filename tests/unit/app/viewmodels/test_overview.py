from dataclasses import replace

import pytest

from app.formatting import clock
from app.supervision import EngineStatus
from app.viewmodels.history import Progress
from app.viewmodels.overview import overview
from app.viewmodels.reasons import actions_of
from core.control.snapshot import Action, EngineSnapshot, Reason, State
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
    assert [card.value for card in state.cards] == ["48,210", "3.42", "4.1", "0.21"]
    assert "estimated" in state.cards[3].note


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
    assert state.reasons[0].actions[0].command == "resume"
    assert state.reasons[0].text.endswith(f"until {clock(NOW + 1800)}")


def test_all_reasons_are_shown_each_with_what_resolves_it() -> None:
    lines = overview(snapshot("guarded"), RUNNING, NOW).reasons
    assert [line.text for line in lines] == [
        "The computer runs on battery (34 %)",
            "Only 0.3 GB of memory are free, and 0.5 GB must stay free for other programs",
    ]  # fmt: skip
    assert [action.label for action in lines[0].actions] == ["Work on battery too", "Change…"]
    assert [(a.command, a.arguments) for a in lines[1].actions] == [("open_preference", {"name": "min_free_memory_gb"})]


def test_what_stops_work_is_said_before_what_only_slows_it() -> None:
    slow, stop = Reason("in_use_level", "slower", holds=False), Reason("on_battery", "stopped")
    lines = overview(replace(snapshot("guarded"), reasons=(slow, stop)), RUNNING, NOW).reasons
    assert [line.text for line in lines] == ["Stopped", "Slower"]


@pytest.mark.parametrize(
    ("fix", "command", "name"),
    [
        ("", "", ""),
        ("resume", "resume", ""),
        ("hivelet resume", "resume", ""),
        ("preference:memory_gb", "open_preference", "memory_gb"),
        ("preferences set run_on_battery=on", "open_preference", "run_on_battery"),
        ("preferences", "open_preference", ""),
        ("budget", "open_budget", ""),
        ("something else", "", ""),
    ],
)
def test_fixes_become_buttons(fix: str, command: str, name: str) -> None:
    found = actions_of(Reason("x", "y", fix=fix))
    assert [action.command for action in found] == ([command] if command else [])
    assert [action.arguments.get("name", "") for action in found] == ([name] if command else [])


def test_a_button_that_no_reason_should_have_is_not_offered() -> None:
    actions = (Action("quit", {}, "Stop"), Action("resume", {}, "Go on\u202e"))
    assert actions_of(Reason("x", "y", actions=actions)) == (Action("resume", {}, "Go on\ufffd"),)


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress("bits_per_byte", 3.1, 2.87), "the model improved from 3.10 to 2.87 bits per byte."),
        (Progress("accuracy", 0.5, 0.91), "the model improved from 50.0 % to 91.0 % correct."),
        (Progress("bits_per_byte", 2.87, 2.87), "48,210 samples today."),
        (Progress("bits_per_byte", 2.87, 3.1), "48,210 samples today."),
        (Progress("accuracy", 0.91, 0.5), "48,210 samples today."),
        (None, "48,210 samples today."),
    ],
)
def test_the_model_s_progress_is_told_where_there_is_some(progress: Progress | None, words: str) -> None:
    assert overview(snapshot(), RUNNING, NOW, "today", progress).sentence.endswith(words)


def test_the_cards_show_the_chosen_span() -> None:
    week = overview(snapshot(), RUNNING, NOW, "week").cards
    assert [card.value for card in week] == ["301,845", "21.7", "26.4", "1.38"]
    total = overview(snapshot(), RUNNING, NOW, "total").cards
    assert total[0].value == "2.84 M"
    assert total[0].note == "since Hivelet was installed"


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
    assert state.cards[0].value == "48,210"
    assert state.ring.mood == "off"


def test_text_from_the_swarm_is_made_safe() -> None:
    state = overview(hostile(snapshot()), RUNNING, NOW)
    assert "\u202e" not in state.sentence + state.reasons[0].text
    assert len(state.sentence) < 300


def test_an_empty_engine_is_described_without_nonsense() -> None:
    bare = EngineSnapshot("0.1.0", 1, "p", "/h", NOW - 5, NOW, "starting")
    state = overview(bare, RUNNING, NOW)
    assert state.sentence
    assert state.cards[3].value == "0"
    assert overview(replace(bare, state="working"), RUNNING, NOW).title.startswith("Helping")
