"""Draws the swarm. The picture is kept as an image, so that a pointer that moves over a thousand peers costs little."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.icons import pixmap
from app.theme import Theme
from app.viewmodels.swarm import SwarmDot, SwarmPicture, read_out

MARGIN = 14
REACH_PX = 12.0
SELF_PX = 30
CROWD = 300
"""With more peers than these, dots are smaller and have no rim."""


class SwarmView(QWidget):
    """Shows a SwarmPicture, and reads out the peer under the pointer."""

    def __init__(self, theme: Theme, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._theme = theme
        self._now = now
        self._picture = SwarmPicture()
        self._image: QPixmap | None = None
        self._hovered: SwarmDot | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(220, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(lambda _tokens: self._redraw())

    def sizeHint(self) -> QSize:
        return QSize(300, 250)

    def show_swarm(self, picture: SwarmPicture) -> None:
        """Draw this from now on."""
        changed, self._picture = picture != self._picture, picture
        if changed:
            self.setAccessibleName(self.tr("The swarm: {summary}").format(summary=picture.summary))
            self._redraw()

    def _redraw(self) -> None:
        self._image = None
        self.update()

    def _circle(self) -> tuple[QPointF, float]:
        """Centre and radius of the outermost ring."""
        radius = max(20.0, min(self.width(), self.height()) / 2 - MARGIN)
        return QPointF(self.width() / 2, self.height() / 2), radius

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        centre, radius = self._circle()
        place = (event.position() - centre) / radius
        self._hovered = self._picture.nearest(place.x(), place.y(), REACH_PX / radius)
        self.update()

    def leaveEvent(self, _event: QEvent) -> None:
        self._hovered = None
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._image is None or self._image.size() != self.size() * ratio:
            self._image = QPixmap(self.size() * ratio)
            self._image.setDevicePixelRatio(ratio)
            self._image.fill(Qt.GlobalColor.transparent)
            self._draw(QPainter(self._image))
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._image)
        if self._hovered is not None:
            self._read_out(painter, self._hovered)
        painter.end()

    def _draw(self, painter: QPainter) -> None:
        t = self._theme.tokens
        centre, radius = self._circle()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small())
        painter.setPen(QPen(QColor(t.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for share, _words in self._picture.rings:
            painter.drawEllipse(centre, share * radius, share * radius)
        self._ring_labels(painter, centre, radius)
        if self._picture.lines:
            for dot in self._picture.dots:
                pen = QPen(QColor(t.control_line if dot.fresh else t.line), 1)
                pen.setStyle(Qt.PenStyle.SolidLine if dot.called else Qt.PenStyle.DashLine)
                painter.setPen(pen)
                painter.drawLine(centre, self._at(dot, centre, radius))
        small = 0.7 if len(self._picture.dots) > CROWD else 1.0
        for dot in self._picture.dots:
            self._dot(painter, self._at(dot, centre, radius), dot, dot.radius * small)
        painter.drawPixmap(
            QPointF(centre.x() - SELF_PX / 2, centre.y() - SELF_PX / 2),
            pixmap("hivelet", SELF_PX, ratio=self.devicePixelRatioF()),
        )
        painter.end()

    def _dot(self, painter: QPainter, place: QPointF, dot: SwarmDot, size: float) -> None:
        t = self._theme.tokens
        if dot.fresh:
            crowded = len(self._picture.dots) > CROWD
            painter.setPen(Qt.PenStyle.NoPen if crowded else QPen(QColor(t.card), 1))
            painter.setBrush(QColor(t.green))
        else:
            painter.setPen(QPen(QColor(t.dim), 1.5))
            painter.setBrush(QColor(t.card))
        painter.drawEllipse(place, size, size)

    def _ring_labels(self, painter: QPainter, centre: QPointF, radius: float) -> None:
        """At the top of each ring, on a patch of the card's own colour."""
        t = self._theme.tokens
        metrics = QFontMetricsF(painter.font())
        for share, words in self._picture.rings:
            width = metrics.horizontalAdvance(words) + 6
            box = QRectF(centre.x() - width / 2, centre.y() - share * radius - 7, width, 14)
            painter.fillRect(box, QColor(t.card))
            painter.setPen(QColor(t.dim))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _read_out(self, painter: QPainter, dot: SwarmDot) -> None:
        t = self._theme.tokens
        centre, radius = self._circle()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small())
        painter.setPen(QPen(QColor(t.ink), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(self._at(dot, centre, radius), dot.radius + 2, dot.radius + 2)
        lines = read_out(dot.peer, self._now())
        metrics = QFontMetricsF(painter.font())
        width = max(metrics.horizontalAdvance(line) for line in lines) + 20
        height = metrics.lineSpacing() * len(lines) + 12
        place = self._at(dot, centre, radius)
        left = min(max(2.0, place.x() + 14), self.width() - width - 2)
        top = min(max(2.0, place.y() - height / 2), self.height() - height - 2)
        box = QRectF(left, top, width, height)
        painter.setPen(QPen(QColor(t.control_line), 1))
        painter.setBrush(QColor(t.card))
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(QColor(t.ink))
        painter.drawText(box.adjusted(10, 6, -10, -6), int(Qt.AlignmentFlag.AlignLeft), "\n".join(lines))

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(max(10, round(self._theme.text_px * 0.8)))
        return font

    @staticmethod
    def _at(dot: SwarmDot, centre: QPointF, radius: float) -> QPointF:
        return QPointF(centre.x() + dot.x * radius, centre.y() + dot.y * radius)
