"""The budget as a ring: how much of this computer Hivelet may use now."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import Theme
from app.viewmodels.overview import Ring

SIZE = 132
WIDTH = 12


class BudgetRing(QWidget):
    """Full colour: what is allowed now; faint: what the volunteer set."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._ring = Ring(0.0, 0.0, "–", "", "off")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(lambda _tokens: self.update())

    def sizeHint(self) -> QSize:
        return QSize(SIZE, SIZE)

    def show_ring(self, ring: Ring) -> None:
        """Show this budget."""
        if ring != self._ring:
            self._ring = ring
            self.setAccessibleName(f"Budget now: {ring.text} {ring.caption}")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, ring = self._theme.tokens, self._ring
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = WIDTH / 2 + 4
        circle = QRectF(edge, edge, SIZE - 2 * edge, SIZE - 2 * edge)
        self._arc(painter, circle, 1.0, t.track)
        faint = QColor(t.amber if ring.mood == "working" else t.control_line)
        faint.setAlphaF(0.28)
        self._arc(painter, circle, ring.budget, faint)
        self._arc(painter, circle, ring.share, t.amber)
        self._words(painter)
        painter.end()

    @staticmethod
    def _arc(painter: QPainter, circle: QRectF, share: float, colour: str | QColor) -> None:
        if share <= 0:
            return
        pen = QPen(QColor(colour), WIDTH)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap if share < 1 else Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawArc(circle, 90 * 16, -round(min(1.0, share) * 360 * 16))

    def _words(self, painter: QPainter) -> None:
        t, px = self._theme.tokens, self._theme.text_px
        font = QFont(self.font())
        font.setPixelSize(round(px * 1.8))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(t.ink if self._ring.mood == "working" else t.dim))
        painter.drawText(QRectF(0, SIZE / 2 - 32, SIZE, 36), Qt.AlignmentFlag.AlignCenter, self._ring.text)
        font.setPixelSize(round(px * 0.79))
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(t.dim))
        painter.drawText(QRectF(0, SIZE / 2 + 4, SIZE, 20), Qt.AlignmentFlag.AlignCenter, self._ring.caption)
