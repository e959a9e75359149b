"""The small parts that every page is made of. They show what they are given and tell what was clicked."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.theme import Theme
from app.tokens import GAP, PAGE_MARGIN_X, PAGE_MARGIN_Y
from app.viewmodels.empty import Empty

COPIED_MS = 1500
SEGMENT_PADDING = 28
FEWEST_PX = 64


class Paragraph(QLabel):
    """Text in as many lines as its width asks for. (A plain label would claim the height of its narrowest shape.)"""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.fontMetrics().height())


def label(text: str = "", role: str = "", wrap: bool = False) -> QLabel:
    """Plain text always: what comes from the network is never read as markup."""
    result = Paragraph() if wrap else QLabel()
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setText(text)
    if role:
        result.setProperty("role", role)
    return result


def set_role(widget: QWidget, role: str, name: str = "role") -> None:
    """Change a property that the style sheet selects by, and have it take effect."""
    if widget.property(name) != role:
        widget.setProperty(name, role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def button(text: str, role: str = "", clicked: Callable[[], object] | None = None) -> QPushButton:
    """A push button that shows its focus for the keyboard only."""
    result = QPushButton(text)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    result.setCursor(Qt.CursorShape.PointingHandCursor)
    if role:
        result.setProperty("role", role)
    if clicked is not None:
        result.clicked.connect(lambda _checked=False: clicked())  # without the button's own argument
    return result


def row(*parts: QWidget | QLayout | int | None, spacing: int = 8) -> QHBoxLayout:
    """Side by side; None stretches, a number is a gap."""
    result = QHBoxLayout()
    _fill(result, parts, spacing)
    return result


def column(*parts: QWidget | QLayout | int | None, spacing: int = 8) -> QVBoxLayout:
    """One below the other; None stretches, a number is a gap."""
    result = QVBoxLayout()
    _fill(result, parts, spacing)
    return result


def _fill(layout: QBoxLayout, parts: Sequence[QWidget | QLayout | int | None], spacing: int) -> None:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, int):
            layout.addSpacing(part)
        elif isinstance(part, QWidget):
            layout.addWidget(part)
        else:
            layout.addLayout(part)


class Card(QFrame):
    """A panel with hairline and round corners."""

    def __init__(self, *parts: QWidget | QLayout | int | None, spacing: int = 8, margins: tuple[int, int] = (20, 15)):
        super().__init__()
        self.setProperty("role", "card")
        self.body = QVBoxLayout(self)
        _fill(self.body, parts, spacing)
        self.body.setContentsMargins(margins[0], margins[1], margins[0], margins[1])


class Page(QWidget):
    """The frame of a page: margins and gaps."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(name)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(PAGE_MARGIN_X, PAGE_MARGIN_Y, PAGE_MARGIN_X, PAGE_MARGIN_Y)
        self.body.setSpacing(GAP)


class ElidedLabel(QLabel):
    """One line that ends in an ellipsis where the room ends; the whole text is in its accessible name."""

    def __init__(self, role: str, alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft) -> None:
        super().__init__()
        self.full = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setAlignment(alignment | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.full) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def show_text(self, text: str) -> None:
        """Show as much of this as fits."""
        if text != self.full:
            self.full = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width()
        words = self.fontMetrics().elidedText(self.full, Qt.TextElideMode.ElideRight, room)
        # A few letters and dots say less than nothing.
        self.setText(words if words == self.full or room >= FEWEST_PX else "")


class KeyNumberCard(Card):
    """A label, one large number with its unit, and a note."""

    def __init__(self) -> None:
        self.name = ElidedLabel("dim")
        self.value = label(role="key")
        self.unit = ElidedLabel("unit")
        self.note = ElidedLabel("dim")
        line = row(self.value, spacing=5)
        line.addWidget(self.unit, 1)
        line.setAlignment(self.unit, Qt.AlignmentFlag.AlignBottom)
        self.unit.setContentsMargins(0, 0, 0, 4)
        super().__init__(self.name, line, self.note, spacing=1, margins=(16, 13))
        self.setMinimumWidth(120)

    def show_number(self, name: str, value: str, unit: str, note: str) -> None:
        """Show these words; screen readers hear them as one sentence."""
        self.name.show_text(name)
        self.value.setText(value)
        self.unit.show_text(unit)
        self.note.show_text(note)
        self.setAccessibleName(" ".join(f"{name}: {value} {unit} {note}".split()))


class EmptyState(QWidget):
    """One sentence and one action in the middle of what would otherwise be blank."""

    acted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._action = ""
        self._title = label(role="title")
        self._sentence = label(role="sub", wrap=True)
        self._button = button("", "primary", lambda: self.acted.emit(self._action))
        for part in (self._title, self._sentence):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setFixedWidth(420)
        inner = column(self._title, self._sentence, 6, self._button, spacing=6)
        inner.setAlignment(self._button, Qt.AlignmentFlag.AlignHCenter)
        inner.setAlignment(self._sentence, Qt.AlignmentFlag.AlignHCenter)
        outer = column(None, inner, None)
        self.setLayout(outer)

    def show_empty(self, empty: Empty) -> None:
        """Show this state."""
        self._action = empty.action
        self._title.setText(empty.title)
        self._sentence.setText(empty.sentence)
        self._sentence.setMinimumHeight(self._sentence.heightForWidth(420))
        self._button.setText(empty.label)
        self._button.setVisible(bool(empty.action))


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
        """Show this choice as the present one."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)


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


class CopyField(QWidget):
    """Text to hand on, with a button that copies it."""

    copied = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._text = QLineEdit()
        self._text.setReadOnly(True)
        self._text.setProperty("role", "code")
        self._text.setAccessibleName(name)
        self._button = button("Copy", "", self._copy)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(COPIED_MS)
        self._timer.timeout.connect(lambda: self._button.setText("Copy"))
        self._button.setAccessibleName(f"Copy: {name}")
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

    def _copy(self) -> None:
        self.copied.emit(self._text.text())
        self._button.setText("Copied")
        self._timer.start()
