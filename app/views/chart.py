"""One series over time: area, hairline grid, four labels at the right, gaps with their reason, a read-out on hover.

Painted directly: a plotting library would triple the time to the first pixel for these few lines.
"""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import Theme
from app.tokens import Tokens
from app.viewmodels.history import Chart, Mark

LABEL_GAP = 8
FOOT = 22


class ChartView(QWidget):
    """Draws a Chart. colour: which token the series has; filled: whether the area below it is tinted."""

    def __init__(self, theme: Theme, colour: str, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._colour = colour
        self._name = name
        self._chart = Chart()
        self._hover: float | None = None
        self.setMouseTracking(True)
        self.setMinimumHeight(100)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(lambda _tokens: self.update())

    def sizeHint(self) -> QSize:
        return QSize(300, 130)  # its policy lets it take whatever room there is

    def show_chart(self, chart: Chart) -> None:
        """Draw this from now on."""
        if chart == self._chart:
            return
        self._chart = chart
        last = chart.curves[-1][-1] if chart.curves else None
        words = chart.read_out(last) if last is not None else chart.empty
        self.setAccessibleName(f"{self._name}: {words}. {chart.subtitle}")
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        plot = self._plot()
        self._hover = (event.position().x() - plot.left()) / max(1.0, plot.width())
        self.update()

    def leaveEvent(self, _event: QEvent) -> None:
        self._hover = None
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small())
        t = self._theme.tokens
        if not self._chart.curves:
            painter.setPen(QColor(t.dim))
            painter.setFont(self.font())
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()).adjusted(12, 12, -12, -12), flags, self._chart.empty)
        else:
            plot = self._plot()
            self._grid(painter, plot, t)
            self._gaps(painter, plot, t)
            self._series(painter, plot, t)
            self._foot(painter, plot, t)
            self._read_out(painter, plot, t)
        painter.end()

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(max(10, round(self._theme.text_px * 0.8)))
        return font

    def _plot(self) -> QRectF:
        metrics = QFontMetricsF(self._small())
        widest = max((metrics.horizontalAdvance(text) for text in self._chart.labels), default=0.0)
        return QRectF(1, 8, max(10.0, self.width() - widest - LABEL_GAP - 2), max(10.0, self.height() - FOOT - 10))

    def _grid(self, painter: QPainter, plot: QRectF, t: Tokens) -> None:
        ticks = self._chart.ticks
        for tick, words in zip(ticks, self._chart.labels, strict=True):
            y = round(self._y(plot, tick)) + 0.5
            painter.setPen(QPen(QColor(t.line), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(t.dim))
            box = QRectF(plot.right() + LABEL_GAP, y - 8, self.width() - plot.right() - LABEL_GAP, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)

    def _gaps(self, painter: QPainter, plot: QRectF, t: Tokens) -> None:
        metrics = QFontMetricsF(painter.font())
        for gap in self._chart.gaps:
            left = plot.left() + max(0.0, gap.left) * plot.width()
            box = QRectF(left, plot.top(), plot.left() + min(1.0, gap.right) * plot.width() - left, plot.height())
            shade = QColor(t.track)
            shade.setAlphaF(0.55)
            painter.fillRect(box, shade)
            if metrics.horizontalAdvance(gap.label) + 8 <= box.width():
                painter.setPen(QColor(t.dim))
                painter.drawText(box.adjusted(0, 0, 0, -4), int(_BOTTOM_CENTRE), gap.label)

    def _series(self, painter: QPainter, plot: QRectF, t: Tokens) -> None:
        colour = QColor(getattr(t, self._colour))
        fill = QColor(colour)
        fill.setAlphaF(0.16)
        if self._chart.bar:
            self._bars(painter, plot, colour)
            return
        for curve in self._chart.curves:
            points = [self._point(plot, mark) for mark in curve]
            line = QPainterPath(points[0])
            for point in points[1:]:
                line.lineTo(point)
            area = QPainterPath(line)
            area.lineTo(points[-1].x(), plot.bottom())
            area.lineTo(points[0].x(), plot.bottom())
            area.closeSubpath()
            painter.fillPath(area, fill)
            pen = QPen(colour, 2)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.strokePath(line, pen)
        newest = self._chart.curves[-1][-1]
        if newest.x > 0.97:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(self._point(plot, newest), 3.5, 3.5)

    def _bars(self, painter: QPainter, plot: QRectF, colour: QColor) -> None:
        """One bar a mark, centred on it; a hair's breadth between them."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        width = max(1.5, self._chart.bar * plot.width() - 2)
        for curve in self._chart.curves:
            for mark in curve:
                if mark.y > 0:
                    top = min(self._y(plot, mark.y), plot.bottom() - 1)
                    middle = plot.left() + mark.x * plot.width()
                    box = QRectF(middle - width / 2, top, width, plot.bottom() - top)
                    painter.drawRoundedRect(box, min(2.0, width / 3), min(2.0, width / 3))

    def _foot(self, painter: QPainter, plot: QRectF, t: Tokens) -> None:
        painter.setPen(QColor(t.dim))
        box = QRectF(plot.left(), plot.bottom() + 6, plot.width(), FOOT - 4)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop), self._chart.left_label)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop), self._chart.right_label)

    def _read_out(self, painter: QPainter, plot: QRectF, t: Tokens) -> None:
        if self._hover is None or not 0 <= self._hover <= 1:
            return
        gap = next((gap for gap in self._chart.gaps if gap.left <= self._hover <= gap.right), None)
        mark = None if gap is not None else self._chart.nearest(self._hover)
        if gap is None and mark is None:
            return
        words = gap.words if gap is not None else self._chart.read_out(mark) if mark is not None else ""
        x = plot.left() + (mark.x if mark is not None else self._hover) * plot.width()
        painter.setPen(QPen(QColor(t.control_line), 1))
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        if mark is not None:
            painter.setPen(QPen(QColor(t.card), 1.5))
            painter.setBrush(QColor(getattr(t, self._colour)))
            painter.drawEllipse(self._point(plot, mark), 4.5, 4.5)
        width = QFontMetricsF(painter.font()).horizontalAdvance(words) + 16
        left = min(max(plot.left(), x - width / 2), plot.right() - width)
        box = QRectF(left, plot.top(), width, 22)
        painter.setPen(QPen(QColor(t.control_line), 1))
        painter.setBrush(QColor(t.card))
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(QColor(t.ink))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _point(self, plot: QRectF, mark: Mark) -> QPointF:
        return QPointF(plot.left() + mark.x * plot.width(), self._y(plot, mark.y))

    def _y(self, plot: QRectF, value: float) -> float:
        low, high = self._chart.ticks[0], self._chart.ticks[-1]
        return plot.bottom() - (value - low) / (high - low) * plot.height()


_BOTTOM_CENTRE = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter
