from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.theme import Theme, base_font, style_sheet
from app.tokens import DARK, LIGHT


def test_the_preference_decides_and_changes_live(theme: Theme, qapp: QApplication) -> None:
    told: list[object] = []
    theme.changed.connect(told.append)
    theme.choose("dark")
    assert theme.tokens is DARK
    assert DARK.background in qapp.styleSheet()
    theme.choose("dark")
    assert told == [DARK], "nothing is drawn anew when nothing changed"
    theme.choose("light")
    assert told == [DARK, LIGHT]


def test_system_follows_the_system(theme: Theme, qapp: QApplication) -> None:
    theme.choose("system")
    expected = DARK if qapp.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT
    assert theme.tokens is expected


def test_an_unknown_word_counts_as_system(theme: Theme) -> None:
    theme.choose("purple")
    assert theme.tokens in (LIGHT, DARK)


def test_the_sheet_uses_every_size_in_proportion() -> None:
    small, large = style_sheet(LIGHT, 14), style_sheet(LIGHT, 28)
    assert "font-size: 22px" in small
    assert "font-size: 44px" in large


def test_the_font_has_a_size_in_pixels(qapp: QApplication) -> None:
    assert base_font().pixelSize() >= 13
