"""Pauses, and the file that keeps them over a restart."""

import json

import pytest

from core.control.commands import UNTIL_RESTART
from core.errors import HomeError
from core.host.overrides import Overrides, SavedState, StateFile


@pytest.fixture
def file(tmp_path):
    return StateFile(tmp_path / "state.json")


@pytest.mark.parametrize("seconds", [0.0, -5.0, 1e9, float("nan"), float("inf")])
def test_impossible_pauses(seconds):
    with pytest.raises(ValueError, match="pause"):
        Overrides.pause(seconds, 100.0)


def test_a_timed_pause_ends_by_itself():
    pause = Overrides.pause(60.0, 100.0)
    assert pause.at(159.0) == pause
    assert pause.at(160.0) == Overrides()


def test_an_open_pause_does_not_end_by_itself():
    assert Overrides.pause(None, 100.0).at(1e12).paused


def test_a_clock_set_back_makes_no_pause_longer():
    pause = Overrides.pause(60.0, 1_000_000.0).at(10.0)
    assert pause.until == 70.0


def test_saved_and_loaded(file):
    state = SavedState(Overrides.pause(60.0, 100.0), "/somewhere/project.toml")
    file.save(state)
    assert file.load() == (state, [])


def test_nothing_saved(file):
    assert file.load() == (SavedState(), [])


def test_a_pause_until_restart_is_over_after_it(file):
    file.save(SavedState(Overrides.pause(UNTIL_RESTART, 0.0), "text"))
    assert file.load() == (SavedState(project="text"), [])


GOOD = {"overrides": {"paused": True, "until": 1.0, "span": 1.0, "until_restart": False}, "project": ""}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "\x00",
        "[" * 100_000,
        json.dumps({**GOOD, "project": 5}),
        json.dumps({**GOOD, "overrides": []}),
        json.dumps({**GOOD, "overrides": {**GOOD["overrides"], "until": "x"}}),
        json.dumps({**GOOD, "overrides": {**GOOD["overrides"], "until": float("nan")}}),
        json.dumps({**GOOD, "overrides": {**GOOD["overrides"], "until": -1}}),
        json.dumps({**GOOD, "overrides": {**GOOD["overrides"], "span": 1e300}}),
        json.dumps({**GOOD, "overrides": {**GOOD["overrides"], "paused": 1}}),
    ],
)
def test_a_broken_file_is_kept_aside(file, tmp_path, content):
    (tmp_path / "state.json").write_text(content)
    state, problems = file.load()
    assert state == SavedState()
    assert problems == ["state.json was broken. It is kept as state.broken-1.json; a pause may be forgotten."]
    assert (tmp_path / "state.broken-1.json").read_text() == content


def test_a_file_that_cannot_be_read(file, tmp_path):
    (tmp_path / "state.json").mkdir()
    state, problems = file.load()
    assert state == SavedState()
    assert "cannot be read" in problems[0]


def test_a_file_that_cannot_be_written(tmp_path):
    with pytest.raises(HomeError):
        StateFile(tmp_path / "none" / "state.json").save(SavedState())
