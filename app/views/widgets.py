"""The small parts that every page is made of. They show what they are given and tell what was clicked."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.tokens import GAP, PAGE_MARGIN_X, PAGE_MARGIN_Y
from app.viewmodels.empty import Empty

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
        super().__init__(self.name, line, self.note, spacing=1, margins=(14, 13))
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
