"""The controls that Qt has not, or not so: exclusive segments, a switch, text to copy."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QLineEdit, QPushButton, QSizePolicy, QWidget

from app.theme import Theme
from app.translation import translate
from app.views.widgets import button, row

COPIED_MS = 1500
SEGMENT_PADDING = 28


class Segments(QFrame):
    """Exclusive choices side by side."""

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str]], name: str) -> None:
        """choices: (key, words)."""
        super().__init__()
        self.setProperty("role", "segments")
        self.setAccessibleName(name)
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        line = row(spacing=0)
        for key, words in choices:
            part = button(words, "segment")
            part.setCheckable(True)
            part.setAccessibleName(f"{name}: {words}")
            part.setMinimumWidth(_bold_width(part) + SEGMENT_PADDING)  # the chosen one is bold: it must not be cut
            part.clicked.connect(lambda _checked=False, key=key: self.chosen.emit(key))
            self._group.addButton(part)
            self._buttons[key] = part
            line.addWidget(part)
        self.setLayout(line)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def choose(self, key: str) -> None:
        """Show this choice as the present one; none of them when it is none of them."""
        self._group.setExclusive(key in self._buttons)
        for name, part in self._buttons.items():
            part.setChecked(name == key)


def _bold_width(part: QPushButton) -> int:
    font = part.font()
    font.setWeight(QFont.Weight.DemiBold)
    return QFontMetrics(font).horizontalAdvance(part.text())


class Switch(QAbstractButton):
    """On or off, drawn as a sliding knob."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(self.sizeHint())
        theme.changed.connect(lambda _tokens: self.update())

    def sizeHint(self) -> QSize:
        return QSize(42, 26)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        groove = QRectF(4, 3, 34, 20)
        painter.setPen(QPen(QColor(t.amber if self.isChecked() else t.control_line), 1))
        painter.setBrush(QColor(t.amber if self.isChecked() else t.track))
        painter.drawRoundedRect(groove, 10, 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.on_amber if self.isChecked() and t.name == "dark" else "#ffffff"))
        if not self.isChecked():
            painter.setBrush(QColor(t.control_line))
        painter.drawEllipse(QRectF(20 if self.isChecked() else 6, 5, 16, 16))
        if self.hasFocus():
            painter.setPen(QPen(QColor(t.ink), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(1, 0.75, 40, 24.5), 12.5, 12.5)
        painter.end()


def copy_button(copy: Callable[[], object]) -> QPushButton:
    """A button that copies, and says for a moment that it has."""
    copy_words, copied_words = translate("Copy", "Copy"), translate("Copy", "Copied")
    result = button(copied_words)
    result.setMinimumWidth(result.sizeHint().width())
    result.setText(copy_words)
    timer = QTimer(result)
    timer.setSingleShot(True)
    timer.setInterval(COPIED_MS)
    timer.timeout.connect(lambda: result.setText(copy_words))

    def clicked() -> None:
        copy()
        result.setText(copied_words)
        timer.start()

    result.clicked.connect(lambda _checked=False: clicked())
    return result


class CopyField(QWidget):
    """Text to hand on, with a button that copies it."""

    copied = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._text = QLineEdit()
        self._text.setReadOnly(True)
        self._text.setProperty("role", "code")
        self._text.setAccessibleName(name)
        self._button = copy_button(lambda: self.copied.emit(self._text.text()))
        self._button.setAccessibleName(translate("Copy", "Copy: {name}").format(name=name))
        line = row()
        line.addWidget(self._text, 1)
        line.addWidget(self._button)
        self.setLayout(line)

    def show_text(self, text: str) -> None:
        """The text to hand on; without one there is nothing to copy."""
        if self._text.text() != text:
            self._text.setText(text)
            self._text.setCursorPosition(0)
        self._button.setEnabled(bool(text))
