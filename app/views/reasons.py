"""Every reason on a line of its own, with the buttons that resolve it."""

from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.theme import Theme
from app.viewmodels.reasons import MOST_ACTIONS, ReasonLine
from app.views.widgets import button, label
from core.control.snapshot import Action


class Mark(QWidget):
    """A bar where work is held, a dot where something only slows it or informs: the shape says what the colour says."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._holds = True
        self.setFixedSize(self.sizeHint())
        theme.changed.connect(lambda _tokens: self.update())

    def sizeHint(self) -> QSize:
        return QSize(12, 20)

    def show_mark(self, holds: bool) -> None:
        """Which of the two."""
        if holds != self._holds:
            self._holds = holds
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.amber if self._holds else t.dim))
        if self._holds:
            painter.drawRoundedRect(QRectF(2, 2, 4, 16), 2, 2)
        else:
            painter.drawEllipse(QPointF(4, 10), 3, 3)
        painter.end()


class ReasonRow(QWidget):
    """One reason. resolved(Action)."""

    resolved = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._actions: tuple[Action, ...] = ()
        self._mark = Mark(theme)
        self.text = label(wrap=True)
        self.buttons = [button("", "small", partial(self._press, index)) for index in range(MOST_ACTIONS)]
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self._mark)
        line.addWidget(self.text, 1)
        for part in self.buttons:
            line.addWidget(part)

    def show_line(self, line: ReasonLine) -> None:
        """Show this reason; buttons stay the same widgets, so that the keyboard's focus stays too."""
        self._actions = line.actions
        self._mark.show_mark(line.holds)
        if self.text.text() != line.text:
            self.text.setText(line.text)
        for index, part in enumerate(self.buttons):
            part.setVisible(index < len(line.actions))
            if index < len(line.actions):
                part.setText(line.actions[index].label)
                part.setAccessibleName(f"{line.actions[index].label} ({line.text})")

    def _press(self, index: int) -> None:
        if index < len(self._actions):
            self.resolved.emit(self._actions[index])


class ReasonList(QWidget):
    """All reasons, one below the other. resolved(Action)."""

    resolved = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: list[ReasonRow] = []
        self._lines: tuple[ReasonLine, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self.hide()

    def show_lines(self, lines: tuple[ReasonLine, ...]) -> None:
        """Show these, and nothing where there is none."""
        if lines == self._lines:
            return
        self._lines = lines
        while len(self.rows) < len(lines):
            row = ReasonRow(self._theme)
            row.resolved.connect(self.resolved)
            self.rows.append(row)
            self._column.addWidget(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(lines))
            if index < len(lines):
                row.show_line(lines[index])
        self.setVisible(bool(lines))
