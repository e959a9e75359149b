"""A slider in our own shape: a thick groove filled up to a round handle, usable by mouse, wheel and keyboard."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSlider

from app.theme import Theme

SETTLE_MS = 250
RADIUS = 8.0


class Slider(QSlider):
    """Positions 0 … steps. `settled` tells the position when the person has stopped moving it."""

    settled = Signal(int)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = theme
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._settle)
        self._quiet = False
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumWidth(80)
        self.valueChanged.connect(self._on_moved)
        theme.changed.connect(lambda _tokens: self.update())

    def sizeHint(self) -> QSize:
        return QSize(160, 26)

    @property
    def moving(self) -> bool:
        """Whether the person holds it or has just let go: news from elsewhere must not pull it away."""
        return self.isSliderDown() or self._timer.isActive()

    def show_position(self, position: int, steps: int) -> None:
        """Move to where the value is, unless the person moves it now."""
        if self.moving:
            return
        self._quiet = True
        self.setRange(0, steps)
        self.setSingleStep(1)
        self.setPageStep(max(1, steps // 10))
        self.setValue(position)
        self._quiet = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press anywhere brings the handle there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._follow(event)
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._follow(event)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderDown(False)
            self._timer.start()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the page; it must not change what the volunteer allows in passing."""
        event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        left, right = RADIUS + 2, self.width() - RADIUS - 2
        span = max(1, self.maximum() - self.minimum())
        x = left + (right - left) * (self.value() - self.minimum()) / span
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.track))
        painter.drawRoundedRect(QRectF(left, middle - 3, right - left, 6), 3, 3)
        painter.setBrush(QColor(t.amber if self.isEnabled() else t.control_line))
        painter.drawRoundedRect(QRectF(left, middle - 3, x - left, 6), 3, 3)
        painter.setBrush(QColor(t.card))
        focus = self.hasFocus()
        painter.setPen(QPen(QColor(t.ink if focus else t.amber if self.isEnabled() else t.control_line), 2))
        painter.drawEllipse(QPointF(x, middle), RADIUS - 1, RADIUS - 1)
        painter.end()

    def _follow(self, event: QMouseEvent) -> None:
        left, right = RADIUS + 2, self.width() - RADIUS - 2
        share = min(1.0, max(0.0, (event.position().x() - left) / max(1.0, right - left)))
        self.setValue(self.minimum() + round(share * (self.maximum() - self.minimum())))

    def _on_moved(self, _value: int) -> None:
        if not self._quiet:
            self._timer.start()

    def _settle(self) -> None:
        if self.isSliderDown():
            self._timer.start()
        else:
            self.settled.emit(self.value())
