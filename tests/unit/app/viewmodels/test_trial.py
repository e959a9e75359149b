"""A text as it is written: pieces, colours, and who made them."""

from dataclasses import replace

import pytest

from app.supervision import EngineStatus
from app.viewmodels import trial
from tests.support.snapshots import NOW, snapshot, written_answer

RUNNING = EngineStatus(phase="running", sentence="")


def test_pieces_name_their_experts_and_the_peers_that_served_them() -> None:
    pieces = trial.pieces_of([["a", [["ffn0.1", ""], ["ffn1.2", "3deb" * 16]]], ["b", []]])
    assert trial.read_out(pieces[0]) == "ffn0.1 here · ffn1.2 on peer 3deb3deb"
    assert trial.read_out(pieces[1]) == ""
    assert pieces[0].hue == trial.hue_of("ffn0.1")
    assert pieces[1].hue == -1


def test_an_expert_keeps_its_colour_and_many_are_used() -> None:
    hues = {trial.hue_of(f"ffn0.{i}.{j}") for i in range(8) for j in range(8)}
    assert hues == set(range(trial.HUES))


def test_the_busiest_experts_are_listed_and_the_whole_is_summed_up() -> None:
    pieces = trial.pieces_of(written_answer()["pieces"])
    served = trial.served(pieces)
    assert len(served) == trial.MOST_EXPERTS
    assert served[0].share == 1.0
    assert trial.summary(pieces) == "95 letters through 41 experts on 2 computers"
    assert trial.summary(()) == ""


def test_letters_that_turn_or_hide_text_are_shown_as_such_and_lines_stay_lines() -> None:
    piece = trial.pieces_of([["a\u202eb\nc\x00", [["<b>\u202e", "\u202e" * 99]]]])[0]
    assert piece.text == "a\ufffdb\nc\ufffd"
    assert "\u202e" not in trial.read_out(piece)


@pytest.mark.parametrize("rows", [[["a"]], [["a", [["x"]]]], [5], "ab"])
def test_answers_of_another_version_are_refused(rows: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        trial.pieces_of(rows)  # type: ignore[arg-type]


def test_a_model_that_writes_nothing_says_so() -> None:
    now = snapshot()
    assert now.project is not None
    assert trial.empty(now, RUNNING, NOW) is None
    digits = replace(now, project=replace(now.project, task="digits"))
    found = trial.empty(digits, RUNNING, NOW)
    assert found is not None
    assert found.title == "This model does not write"
    assert trial.empty(replace(now, project=None), RUNNING, NOW) is not None
