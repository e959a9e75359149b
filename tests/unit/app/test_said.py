"""The engine's sentences in the person's language: templates are translated, values are written as they are here."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app import said as module
from app.said import learn, said
from app.translation import Languages
from app.viewmodels.reasons import reason_lines
from core.control.snapshot import EngineSnapshot
from core.host.overrides import Overrides
from core.host.policy import decide
from core.host.signals import Moment, Signals
from core.preferences_file import Preferences
from net.words import glossary, say
from tests.support import snapshots


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    languages = Languages(qapp)
    assert languages.choose("de") == "de"
    yield
    languages.choose("en")
    module._KNOWN.clear()


def heard(text: str) -> str:
    """As it comes over the control socket."""
    learn({english: [template, values] for english, (template, values) in glossary([text]).items()})
    return str(text)


@pytest.mark.parametrize(
    ("text", "german_text"),
    [
        (say("the computer runs on battery ({level:percent})", level=0.34), "der Computer läuft mit Akku (34 %)"),
        (
            say("{used:gigabytes} of this month's {cap:gigabytes} of traffic are used", used=1.5e12, cap=2e12),
            "1.500 GB der 2.000 GB Datenverkehr dieses Monats sind verbraucht",
        ),
        (
            say("the computer slept for {time:duration}; the other peers are being found again", time=7800),
            "der Computer hat 2 h 10 min geschlafen; die anderen Peers werden wiedergefunden",
        ),
        (
            say("The computer cannot be kept awake ({cause}).", cause=say("this system does not let programs do so")),
            "Der Computer kann nicht wach gehalten werden (dieses System lässt Programme das nicht tun).",
        ),
        (say("a program fills the screen"), "ein Programm füllt den Bildschirm"),
    ],
)
def test_sentences_are_said_in_german(german: None, text: str, german_text: str) -> None:
    assert said(heard(text)) == german_text


def test_every_reason_of_a_bad_day_is_german_to_the_last_button(german: None) -> None:
    wall = snapshots.NOW
    preferences = Preferences({"temperature_max": 80, "exclusive_apps": "chess", "busy_percent": 30})
    signals = Signals(
        on_battery=True, battery_percent=12.0, memory_available=1, disk_free=1, temperature=95.0, metered=True,
        idle_s=0.0, fullscreen=True, exclusive=("chess",), others_cpu=0.9,
    )  # fmt: skip
    decision = decide(signals, preferences, Overrides.pause(1800, wall), Moment(wall, 5.0))
    assert len(decision.reasons) > 8
    english = [reason.text for reason in decision.reasons]
    learn(
        {
            text: list(pair)
            for text, pair in glossary([(r.text, [a.label for a in r.actions]) for r in decision.reasons]).items()
        }
    )
    lines = reason_lines(decision.reasons, wall)
    assert not {line.text.casefold() for line in lines} & {text.casefold() for text in english}
    labels = {action.label for line in lines for action in line.actions}
    assert not labels & {"Work anyway", "Change…", "Resume", "Ignore chess"}


@pytest.mark.parametrize(
    "words",
    [
        {"x": ["the computer runs on battery ({level:percent})", {}]},
        {"x": ["the computer runs on battery ({level:percent})", {"level": "much"}]},
        {"x": ["the computer runs on battery ({level:percent})", {"level": float("nan")}]},
        {"x": ["{first} {second}", {"first": "x", "second": "x"}]},
        {"x": ["{first.__class__} {0} {first[0]}", {"first": "a"}]},
        {"x": "no pair"},
        {"x": [1, 2]},
    ],
)
def test_what_does_not_fit_is_said_in_the_engines_own_words(german: None, words: dict[str, Any]) -> None:
    learn(words)
    assert isinstance(said("x"), str)
    assert said("unheard of") == "unheard of"


def test_what_is_remembered_is_bounded(german: None) -> None:
    learn({str(n): ["{first} {second}", {"first": "a", "second": "b"}] for n in range(2 * module.MOST)})
    assert len(module._KNOWN) == module.MOST


def test_a_snapshot_takes_no_notice_of_the_words(german: None) -> None:
    assert EngineSnapshot.from_dict({**snapshots.snapshot().to_dict(), "words": {}}) == snapshots.snapshot()
