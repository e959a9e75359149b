"""Every page in both themes, drawn without a screen: not blank, the right words, nothing cut off when small."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget

from app.presenter import Presenter
from app.supervision import EngineStatus
from app.theme import Theme, style_sheet
from app.tokens import DARK, LIGHT
from app.views.widgets import ElidedLabel
from tests.support import snapshots
from tests.support.looks import cut_off, show, texts
from tests.support.screenshots import PAGES

TOKENS = {"light": LIGHT, "dark": DARK}
WORDS = {
    "Overview": ("Helping since", "48,210", "3.42", "Pause ▾", "Finish and stop", "last hour · paused"),
    "Experts": ("Experts on this computer", "14 hosted of 24 allowed"),
    "Network": (
        "tcp://192.168.1.23:41235",
        "Other computers reach this one through helpers, which is slower.",
        "9 other peers",
    ),
    "Try it": ("Write", "Experts", "Point at a letter to see"),
    "Activity": ("2.75 M", "GFLOP·h", "Export CSV…", "on battery", "five minutes a bar"),
    "Trust": ("1.2", "53,280", "Nothing leaves this computer but tensors", "1 peer is not served", "1 was wrong"),
    "Projects": ("Reference text", "10,480", "2.31", "61 of 64 experts", "hivelet engine --bootstrap"),
    "Preferences": ("Processor", "50 %", "Run on battery", "Appearance", "Changes apply at once."),
    "Log": ("Warnings", "Follow", "Copy"),
}
CRASHED = EngineStatus("waiting", "The engine stopped unexpectedly.", "It was killed.", snapshots.NOW + 8, 3)


def content(presenter: Presenter) -> QImage:
    window = presenter.window
    image = window.grab().toImage()
    return image.copy(QRect(210, 0, image.width() - 210, image.height()))


def colours(image: QImage) -> set[int]:
    return {image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}


@pytest.mark.parametrize("appearance", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_page_is_rich_says_the_right_words_and_fits(presenter: Presenter, page: str, appearance: str) -> None:
    show(presenter, page, snapshots.snapshot(), theme=appearance)
    found = texts(presenter.window)
    for words in WORDS[page]:
        assert any(words in text for text in found), words
    assert cut_off(presenter.window) == []
    image = content(presenter)
    assert len(colours(image)) > 60
    background = image.pixelColor(4, 4).name()
    assert background == TOKENS[appearance].background
    drawn = sum(
        image.pixelColor(x, y).name() not in (background, TOKENS[appearance].card)
        for x in range(0, image.width(), 4) for y in range(0, image.height(), 4)
    )  # fmt: skip
    assert drawn > 300


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("engine", "title"), [(CRASHED, "The engine stopped"), (EngineStatus(), "One moment")], ids=["crashed", "looking"]
)
def test_without_an_engine_no_page_is_blank(presenter: Presenter, page: str, engine: EngineStatus, title: str) -> None:
    show(presenter, page, None, engine)
    found = texts(presenter.window)
    if page == "Preferences":
        assert "They can be changed while the engine runs." in found
    else:
        assert title in found
    if engine is CRASHED:
        assert "Try again" in found
        assert any("Starting it again in 8 s." in text for text in found)
    assert cut_off(presenter.window) == []


@pytest.mark.parametrize("page", ["Overview", "Network", "Projects"])
def test_hostile_text_is_plain_and_stays_inside(presenter: Presenter, page: str) -> None:
    show(presenter, page, snapshots.hostile(snapshots.snapshot("guarded")))
    labels = [label for label in presenter.window.findChildren(QLabel) if label.isVisible()]
    assert any("<b>bold</b>" in (label.full if isinstance(label, ElidedLabel) else label.text()) for label in labels)
    for label in labels:
        if label.text():
            assert label.textFormat().name == "PlainText", label.text()
    for widget in presenter.window.findChildren(QWidget):
        assert "<" not in widget.toolTip()
    area = presenter.window.findChild(QScrollArea)
    assert area is None or area.widget().width() <= area.viewport().width()


@pytest.mark.parametrize("state", ["paused", "guarded", "connecting", "starting", "finishing", "error", "stopping"])
def test_overview_fits_in_every_state(presenter: Presenter, state: str) -> None:
    show(presenter, "Overview", snapshots.snapshot(state))  # type: ignore[arg-type]
    assert cut_off(presenter.window) == []


def test_large_text_still_fits(presenter: Presenter, theme: Theme, qapp: QApplication) -> None:
    font = qapp.font()
    large = qapp.font()
    large.setPixelSize(18)
    qapp.setFont(large)
    qapp.setStyleSheet(style_sheet(LIGHT, 18))
    try:
        show(presenter, "Preferences", snapshots.snapshot())
        assert cut_off(presenter.window) == []
    finally:
        qapp.setFont(font)
