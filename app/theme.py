"""One style sheet and palette from the tokens; follows the preference and the system, live."""

import contextlib

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication

from app.tokens import CARD_RADIUS, CONTROL_RADIUS, DARK, LIGHT, NAVIGATION_WIDTH, Tokens

TEXT_PX = 14
WIDE_FACES = ("DejaVu Sans", "Verdana", "Bitstream Vera Sans")
"""Faces so wide that they are set one pixel smaller, to keep the rhythm of the layout."""
LARGE_SYSTEM_TEXT_PX = 16
FALLBACKS = ["Inter", "Segoe UI", "Helvetica Neue", "Cantarell", "Noto Sans", "DejaVu Sans"]


class Theme(QObject):
    """The appearance in force. `changed` carries the new Tokens."""

    changed = Signal(object)

    def __init__(self, application: QApplication, choice: str = "system") -> None:
        super().__init__()
        self._application = application
        self._choice = choice
        font = base_font()
        self.text_px = font.pixelSize()
        application.setFont(font)
        self.tokens = self._resolve()
        self._apply()
        application.styleHints().colorSchemeChanged.connect(self._on_system_changed)

    def choose(self, choice: str) -> None:
        """`system`, `light` or `dark`; anything else counts as system."""
        self._choice = choice
        self._refresh()

    def _on_system_changed(self, _scheme: Qt.ColorScheme) -> None:
        self._refresh()

    def _refresh(self) -> None:
        tokens = self._resolve()
        if tokens is not self.tokens:
            self.tokens = tokens
            self._apply()
            self.changed.emit(tokens)

    def _resolve(self) -> Tokens:
        if self._choice == "dark":
            return DARK
        if self._choice == "light":
            return LIGHT
        return DARK if self._application.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT

    def _apply(self) -> None:
        self._application.setPalette(palette(self.tokens))
        self._application.setStyleSheet(style_sheet(self.tokens, self.text_px))


def base_font() -> QFont:
    """The system's font at the design's size; larger where the person set the system's text large."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    info = QFontInfo(font)
    family = info.family()
    font.setFamilies([family, *(name for name in FALLBACKS if name != family)])
    wanted = TEXT_PX - 1 if family in WIDE_FACES else TEXT_PX
    font.setPixelSize(info.pixelSize() if info.pixelSize() > LARGE_SYSTEM_TEXT_PX else wanted)
    with contextlib.suppress(TypeError):  # PySide6 6.7 cannot make the tag
        font.setFeature(QFont.Tag("tnum"), 1)  # digits of equal width: numbers that change do not jitter
    return font


def palette(tokens: Tokens) -> QPalette:
    """For whatever the style sheet does not reach."""
    result = QPalette()
    role = QPalette.ColorRole
    for target, colour in (
        (role.Window, tokens.background),
        (role.Base, tokens.card),
        (role.AlternateBase, tokens.background),
        (role.Button, tokens.card),
        (role.WindowText, tokens.ink),
        (role.Text, tokens.ink),
        (role.ButtonText, tokens.ink),
        (role.ToolTipBase, tokens.card),
        (role.ToolTipText, tokens.ink),
        (role.PlaceholderText, tokens.dim),
        (role.Highlight, tokens.amber_soft),
        (role.HighlightedText, tokens.ink),
        (role.Link, tokens.blue),
    ):
        result.setColor(target, QColor(colour))
    result.setColor(QPalette.ColorGroup.Disabled, role.ButtonText, QColor(tokens.dim))
    result.setColor(QPalette.ColorGroup.Disabled, role.Text, QColor(tokens.dim))
    return result


def style_sheet(t: Tokens, px: int) -> str:
    """All of the program's QSS. px: the size of plain text; the other sizes follow it."""
    small = round(px * 0.9)
    tiny = round(px * 0.83)
    title = round(px * 1.57)
    key = round(px * 1.86)
    return f"""
* {{ outline: none; }}
QWidget {{ color: {t.ink}; font-size: {px}px; }}
QMainWindow, QDialog, #pages, #page {{ background: {t.background}; }}
QScrollArea, QScrollArea > QWidget > #page {{ background: {t.background}; border: none; }}
QBalloonTip QLabel {{ color: #1f2328; }}
QToolTip {{ background: {t.card}; color: {t.ink}; border: 1px solid {t.line}; padding: 4px 6px; }}

#navigation {{ background: {t.card}; border: none; border-right: 1px solid {t.line};
    min-width: {NAVIGATION_WIDTH}px; max-width: {NAVIGATION_WIDTH}px; }}
#brand {{ font-size: {round(px * 1.21)}px; font-weight: 600; }}
#footer {{ color: {t.dim}; font-size: {small}px; }}
#footerLine {{ background: {t.line}; max-height: 1px; min-height: 1px; }}
QPushButton[role="nav"] {{ text-align: left; border: 2px solid transparent; border-radius: {CONTROL_RADIUS}px;
    padding: 7px 10px; color: {t.dim}; background: transparent; font-weight: 400; }}
QPushButton[role="nav"]:hover {{ background: {t.hover}; color: {t.ink}; }}
QPushButton[role="nav"]:checked {{ background: {t.amber_soft}; color: {t.ink}; font-weight: 600; }}
QPushButton[role="nav"]:focus {{ border-color: {t.ink}; }}

QFrame[role="card"] {{ background: {t.card}; border: 1px solid {t.line}; border-radius: {CARD_RADIUS}px; }}
QFrame[role="banner"] {{ background: {t.red_soft}; border: 1px solid {t.red}; border-radius: {CARD_RADIUS}px; }}
QFrame[role="banner"][mood="calm"] {{ background: {t.amber_soft}; border-color: {t.amber}; }}
QFrame[role="hairline"] {{ background: {t.line}; min-height: 1px; max-height: 1px; border: none; }}
QFrame[role="chip"] {{ border: 1px solid {t.line}; border-radius: 11px; background: transparent; }}
QFrame[role="chip"] QLabel {{ color: {t.ink}; font-size: {small}px; }}
QPushButton[role="link"] {{ border: none; background: transparent; color: {t.ink}; font-size: {small}px;
    font-weight: 600; text-decoration: underline; padding: 0 2px; min-width: 0; }}
QPushButton[role="link"]:hover {{ color: {t.blue}; }}
QPushButton[role="link"]:focus {{ background: {t.amber_soft}; }}

QLabel {{ background: transparent; }}
QLabel[role="title"] {{ font-size: {title}px; font-weight: 600; }}
QLabel[role="heading"] {{ font-weight: 600; }}
QLabel[role="name"] {{ font-size: {round(px * 1.22)}px; font-weight: 600; }}
QLabel[role="key"] {{ font-size: {key}px; font-weight: 600; }}
QLabel[role="unit"] {{ font-size: {small}px; color: {t.dim}; }}
QLabel[role="dim"] {{ color: {t.dim}; font-size: {small}px; }}
QLabel[role="sub"] {{ color: {t.dim}; }}
QLabel[role="good"] {{ color: {t.green_text}; font-size: {small}px; }}
QLabel[role="error"] {{ color: {t.red_text}; font-size: {small}px; }}
QLabel[role="value"], QLabel[role="strong"] {{ font-weight: 600; }}

QPushButton {{ border: 1px solid {t.line}; border-radius: {CONTROL_RADIUS}px; padding: 7px 14px;
    background: {t.card}; color: {t.ink}; font-weight: 600; }}
QPushButton:hover {{ background: {t.hover}; }}
QPushButton:pressed {{ background: {t.track}; }}
QPushButton:disabled {{ color: {t.dim}; background: {t.card}; }}
QPushButton:focus {{ border-color: {t.ink}; }}
QPushButton[role="primary"] {{ background: {t.amber}; border-color: {t.amber}; color: {t.on_amber}; }}
QPushButton[role="primary"]:hover {{ background: {t.amber_hover}; border-color: {t.amber_hover}; }}
QPushButton[role="primary"]:focus {{ border-color: {t.ink}; }}
QPushButton[role="primary"]:disabled {{ background: {t.track}; border-color: {t.track}; color: {t.dim}; }}
QPushButton[role="small"] {{ padding: 3px 10px; font-size: {small}px; border-radius: {CONTROL_RADIUS - 1}px; }}
QPushButton::menu-indicator {{ image: none; width: 0; }}
QFrame[role="segments"] {{ border: 1px solid {t.line}; border-radius: {CONTROL_RADIUS}px; background: {t.card}; }}
QPushButton[role="segment"] {{ border: 1px solid transparent; border-radius: {CONTROL_RADIUS - 1}px; padding: 5px 12px;
    color: {t.dim}; background: transparent; font-weight: 400; }}
QPushButton[role="segment"]:hover {{ color: {t.ink}; }}
QPushButton[role="segment"]:checked {{ background: {t.amber_soft}; color: {t.ink}; font-weight: 600; }}
QPushButton[role="segment"]:focus {{ border-color: {t.ink}; }}

QLineEdit {{ border: 1px solid {t.line}; border-radius: {CONTROL_RADIUS}px; padding: 6px 10px; background: {t.card};
    selection-background-color: {t.amber_soft}; selection-color: {t.ink}; }}
QLineEdit[role="code"] {{ font-family: monospace; font-size: {small}px; background: {t.background}; }}
QLineEdit[role="value"] {{ border-color: transparent; background: transparent; padding: 3px 6px; font-weight: 600; }}
QLineEdit[role="value"]:hover {{ border-color: {t.line}; }}
QLineEdit:focus, QLineEdit[role="value"]:focus {{ border-color: {t.ink}; }}

QRadioButton {{ spacing: 10px; }}
QRadioButton::indicator {{ width: 14px; height: 14px; border: 2px solid {t.control_line}; border-radius: 9px;
    background: {t.card}; }}
QRadioButton::indicator:checked {{ border: 5px solid {t.amber}; width: 8px; height: 8px; }}
QRadioButton::indicator:focus {{ border-color: {t.ink}; }}
QPlainTextEdit {{ border: 1px solid {t.line}; border-radius: {CONTROL_RADIUS}px; background: {t.background};
    font-family: monospace; font-size: {small}px; padding: 6px; }}

QMenu {{ background: {t.card}; border: 1px solid {t.line}; padding: 5px; }}
QMenu::item {{ padding: 6px 26px 6px 14px; border-radius: 6px; color: {t.ink}; }}
QMenu::item:selected {{ background: {t.amber_soft}; }}
QMenu::item:disabled {{ color: {t.dim}; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 5px 8px; }}

QTableView {{ background: {t.card}; border: none; selection-background-color: {t.amber_soft};
    selection-color: {t.ink}; font-size: {small}px; }}
QHeaderView {{ background: {t.card}; border: none; }}
QHeaderView::section {{ background: {t.card}; color: {t.dim}; border: none; border-bottom: 1px solid {t.line};
    padding: 7px 8px; font-size: {tiny}px; font-weight: 400; }}
QHeaderView::section:hover {{ color: {t.ink}; }}
QHeaderView::up-arrow, QHeaderView::down-arrow {{ image: none; width: 0; height: 0; }}

QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {t.line}; border-radius: 4px; margin: 1px; min-height: 28px; min-width: 28px; }}
QScrollBar::handle:hover {{ background: {t.control_line}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""
