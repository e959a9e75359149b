"""The week as a grid of levels, painted with the mouse or set with the keyboard."""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import Theme
from app.translation import translate
from core.preferences import WeekLevels

DAYS, HOURS, FULL = 7, 24, 10
BRUSHES = (0, 2, 5, 10)
"""Levels that the mouse paints, in tenths."""
CELL_HEIGHT, GAP_PX, LABEL_HEIGHT = 18, 2, 18
_FULL_KEY = Qt.Key.Key_F


def day_names() -> tuple[str, ...]:
    """Monday first."""
    return tuple(translate("Numbers", "Mon Tue Wed Thu Fri Sat Sun").split())


class WeekGrid(QWidget):
    """changed(text): the week as `WeekLevels` writes it, when a stroke is done or a key was pressed.

    Mouse: paints with `brush`; a day's name or an hour's number paints all of its row or column. Keyboard: arrows move,
    with Shift they paint on the way; space paints; 0 to 9 set that many tenths, F all.
    """

    changed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._levels = list(WeekLevels().levels)
        self._cursor = 0
        self._painting = False
        self._last: tuple[int, int] | None = None
        self.brush = FULL
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(translate("Week", "Levels for every hour of the week"))
        self.setCursor(Qt.CursorShape.CrossCursor)
        theme.changed.connect(lambda _tokens: self.update())
        self._describe()

    @property
    def text(self) -> str:
        """The week as it is painted."""
        return WeekLevels(tuple(self._levels)).text

    def show_week(self, text: str) -> None:
        """The present schedule, unless the person paints just now."""
        levels = list(WeekLevels.parse(text).levels)
        if not self._painting and levels != self._levels:
            self._levels = levels
            self._describe()
            self.update()

    def cell(self, day: int, hour: int) -> QRectF:
        """Where an hour is drawn."""
        left, width = self._left(), self._cell_width()
        return QRectF(
            left + hour * (width + GAP_PX), LABEL_HEIGHT + day * (CELL_HEIGHT + GAP_PX), width, CELL_HEIGHT
        )  # fmt: skip

    def sizeHint(self) -> QSize:
        return QSize(640, LABEL_HEIGHT + DAYS * (CELL_HEIGHT + GAP_PX))

    def minimumSizeHint(self) -> QSize:
        return QSize(360, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.isEnabled():
            self._painting = True
            self._last = None
            self._paint_at(event.position())
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._painting:
            self._paint_at(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._painting and event.button() == Qt.MouseButton.LeftButton:
            self._painting = False
            self.changed.emit(self.text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -HOURS, Qt.Key.Key_Down: HOURS}.get(key)
        if step is not None:
            painting = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if painting:
                self._set(self._cursor, self.brush)
            self._cursor = (self._cursor + step) % len(self._levels)
            if painting:
                self._set(self._cursor, self.brush)
                self.changed.emit(self.text)
        elif key == Qt.Key.Key_Space:
            self._set(self._cursor, self.brush)
            self.changed.emit(self.text)
        elif key == _FULL_KEY or Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
            self._set(self._cursor, FULL if key == _FULL_KEY else key - Qt.Key.Key_0)
            self.changed.emit(self.text)
        else:
            super().keyPressEvent(event)
            return
        self._describe()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(max(9, round(font.pixelSize() * 0.79)))
        painter.setFont(font)
        painter.setPen(QColor(t.dim))
        for hour in range(0, HOURS, 3):
            place = self.cell(0, hour)
            painter.drawText(QPointF(place.left(), LABEL_HEIGHT - 6), f"{hour:02}")
        for day, name in enumerate(day_names()):
            place = self.cell(day, 0)
            place.setLeft(0)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), name)
        for index, level in enumerate(self._levels):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(_blend(t.track, t.amber, level / FULL)))
            painter.drawRoundedRect(self.cell(*divmod(index, HOURS)), 3, 3)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(t.ink), 2))
            painter.drawRoundedRect(self.cell(*divmod(self._cursor, HOURS)).adjusted(1, 1, -1, -1), 3, 3)
        painter.end()

    def _left(self) -> float:
        metrics = QFontMetrics(self.font())
        return max(metrics.horizontalAdvance(name) for name in day_names()) + 8.0

    def _cell_width(self) -> float:
        return max(4.0, (self.width() - self._left() - (HOURS - 1) * GAP_PX) / HOURS)

    def _paint_at(self, position: QPointF) -> None:
        """The hour under the pointer, and those passed since the last look; beyond the edges, a whole row or column."""
        day, hour = self._place(position.toPoint())
        for at_day, at_hour in _line(self._last or (day, hour), (day, hour)):
            for d in range(DAYS) if at_day < 0 else (at_day,):
                for h in range(HOURS) if at_hour < 0 else (at_hour,):
                    self._set(d * HOURS + h, self.brush)
        self._last = (day, hour)
        if day >= 0 and hour >= 0:
            self._cursor = day * HOURS + hour
        self._describe()
        self.update()

    def _place(self, point: QPoint) -> tuple[int, int]:
        """(day, hour) under a point; -1 for the labels."""
        hour = int((point.x() - self._left()) // (self._cell_width() + GAP_PX))
        day = (point.y() - LABEL_HEIGHT) // (CELL_HEIGHT + GAP_PX)
        return (-1 if point.y() < LABEL_HEIGHT and not self._last else min(DAYS - 1, max(0, day))), (
            -1 if point.x() < self._left() and not self._last else min(HOURS - 1, max(0, hour))
        )

    def _set(self, index: int, level: int) -> None:
        self._levels[index] = level

    def _describe(self) -> None:
        day, hour = divmod(self._cursor, HOURS)
        words = translate("Week", "{day} {hour}:00: {percent} %").format(
            day=day_names()[day], hour=f"{hour:02}", percent=self._levels[self._cursor] * 10
        )
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)


def _blend(low: str, high: str, share: float) -> str:
    pairs = ((int(low[i : i + 2], 16), int(high[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _line(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    """The cells on the way, both ends included."""
    if -1 in start or -1 in end:
        return [end]
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    return [
        (round(start[0] + (end[0] - start[0]) * n / steps), round(start[1] + (end[1] - start[1]) * n / steps))
        for n in range(steps + 1)
    ]
