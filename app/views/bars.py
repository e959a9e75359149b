"""Shares as filled bars, with a name at the left and a figure at the right."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.theme import Theme
from app.views.widgets import ElidedLabel, label


class Bar(QWidget):
    """A share as a filled bar. colour: which token it has."""

    def __init__(self, theme: Theme, name: str, colour: str = "blue") -> None:
        super().__init__()
        self._theme = theme
        self._share = 0.0
        self._name = name
        self._colour = colour
        self.setFixedHeight(8)
        theme.changed.connect(lambda _tokens: self.update())

    def sizeHint(self) -> QSize:
        return QSize(200, 8)

    def show_share(self, share: float, name: str = "") -> None:
        """0 to 1."""
        self._share = share
        self.setAccessibleName(f"{name or self._name}: {share:.0%}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.track))
        painter.drawRoundedRect(QRectF(0, 1, self.width(), 6), 3, 3)
        if self._share > 0:
            painter.setBrush(QColor(getattr(t, self._colour)))
            painter.drawRoundedRect(QRectF(0, 1, max(6.0, self.width() * self._share), 6), 3, 3)
        painter.end()


class BarList(QWidget):
    """Up to `most` named bars."""

    def __init__(self, theme: Theme, most: int, colour: str = "amber") -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        grid.setColumnMinimumWidth(1, 56)
        self._rows = [(ElidedLabel(""), Bar(theme, "", colour), label(role="dim")) for _ in range(most)]
        for line, (name, bar, figure) in enumerate(self._rows):
            figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, part in enumerate((name, bar, figure)):
                grid.addWidget(part, line, column, Qt.AlignmentFlag(0))

    def show_bars(self, bars: Sequence[tuple[str, float, str]]) -> None:
        """(name, share of the longest, figure) of each."""
        for line, parts in enumerate(self._rows):
            for part in parts:
                part.setVisible(line < len(bars))
            if line < len(bars):
                name, share, figure = bars[line]
                parts[0].show_text(name)
                parts[1].show_share(share, name)
                parts[2].setText(figure)
