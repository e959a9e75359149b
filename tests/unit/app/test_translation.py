"""Every text can be translated, the German translation is complete, and longer words fit everywhere."""

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QApplication

from app.formatting import ago, clock_with_day, number
from app.presenter import Presenter
from app.theme import Theme
from app.translation import Languages, core_words, translate
from core.preferences import PREFERENCES
from net.words import glossary
from tests.support import snapshots
from tests.support.looks import PAGES, cut_off, show, texts
from tests.support.screenshots import SilentBridge
from tests.support.translations import FOLDER, core_texts, messages

_FIELD = re.compile(r"{\w+(?::\w+)?}")
_NAMES = ("Hivelet", "Protein sketches", "Handwritten digits")
GERMAN = FOLDER / "hivelet_de.ts"


class PseudoLocale(QTranslator):
    """Every text a third longer, and between marks that tell it from one that was not looked up."""

    def translate(self, _context: str, text: str, _comment: str | None = None, _n: int = -1) -> str:
        if text == ",." or text.startswith(("Mon Tue", "Jan Feb")):
            return text  # read apart by the program, not shown
        return f"⟦{text}{'·' * (len(text) // 3)}⟧"


@pytest.fixture
def pseudo(qapp: QApplication) -> Iterator[None]:
    translator = PseudoLocale()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    languages = Languages(qapp)
    assert languages.choose("de") == "de"
    yield
    languages.choose("en")


def test_german_is_complete_and_keeps_every_value() -> None:
    found = list(messages(GERMAN))
    assert [text for _, text, words in found if not words] == []
    for _, text, words in found:
        assert sorted(_FIELD.findall(text)) == sorted(_FIELD.findall(words)), text


def test_what_core_declares_is_among_the_texts() -> None:
    known = {text for context, text, _ in messages(GERMAN) if context == "Core"}
    assert set(core_texts()) <= known


def test_german_is_used_for_words_numbers_and_times(german: None) -> None:
    assert translate("Pauses", "For 1 hour") == "Für 1 Stunde"
    assert all(core_words(p.help) != p.help for p in PREFERENCES)
    assert number(48210.5, 1) == "48.210,5"
    assert ago(1000.0, 1120.0) == "vor 2 min"
    assert clock_with_day(snapshots.NOW + 86400, snapshots.NOW).startswith("morgen ")


def test_a_language_that_is_not_there_is_english(qapp: QCoreApplication) -> None:
    languages = Languages(qapp)
    assert languages.choose("xx") == "en"
    assert languages.choose("../x") == "en"
    assert number(48210.5, 1) == "48,210.5"


@pytest.mark.parametrize("page", PAGES)
def test_german_fits(german: None, theme: Theme, page: str) -> None:
    _fits(theme, page)


@pytest.mark.parametrize("page", PAGES)
def test_longer_words_fit_and_none_was_forgotten(pseudo: None, theme: Theme, page: str) -> None:
    found = _fits(theme, page)
    words = [text for text in found if re.search("[a-z]{3}", text)]
    assert [text for text in words if "⟦" not in text and not _given(text)] == []


def _fits(theme: Theme, page: str) -> list[str]:
    presenter = Presenter(theme, SilentBridge(), now=lambda: snapshots.NOW)
    try:
        show(presenter, page, snapshots.snapshot())
        assert cut_off(presenter.window) == []
        return texts(presenter.window)
    finally:
        presenter.window.may_close = True
        presenter.window.close()
        presenter.window.deleteLater()
        presenter.deleteLater()


def _given(text: str) -> bool:
    """Whether a text comes from other peers, from the log, or is a name; what the engine says can be said anew."""
    snapshot = repr(snapshots.snapshot())
    if text.casefold() in {sentence.casefold() for sentence in glossary(snapshots.snapshot().to_dict())}:
        return False
    if text in snapshot or text.startswith("hivelet engine ") or text in _NAMES:
        return True
    return bool(re.fullmatch(r"(\d+ (min|h|s|d) ?)+", text))
