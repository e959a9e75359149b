"""A quiet table: hairlines between rows, a status dot, numbers at the right, columns that are remembered."""

from PySide6.QtCore import (
    QAbstractItemModel,
    QByteArray,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSettings,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.models.table import MOOD_ROLE
from app.theme import Theme

ROW_HEIGHT = 34
DOT_SPACE = 18
_MOOD_COLOURS = {"good": "green", "wait": "amber", "off": "dim", "bad": "red"}


class RowDelegate(QStyledItemDelegate):
    """Draws the hairline, the dot and the text. The dot's shape says the same as its colour."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        t = self._theme.tokens
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(t.amber_soft))
        painter.setPen(QPen(QColor(t.line), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        box = rect.adjusted(8, 0, -8, 0)
        mood = index.data(MOOD_ROLE)
        if mood:
            self._dot(painter, QPointF(box.left() + 4, box.center().y() + 1), mood)
            box.setLeft(box.left() + DOT_SPACE)
        painter.setPen(QColor(t.ink))
        painter.setFont(option.font)
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        alignment = index.data(Qt.ItemDataRole.TextAlignmentRole) or Qt.AlignmentFlag.AlignVCenter
        elided = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(alignment), elided)
        painter.restore()

    def _dot(self, painter: QPainter, centre: QPointF, mood: str) -> None:
        colour = QColor(getattr(self._theme.tokens, _MOOD_COLOURS.get(mood, "dim")))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if mood == "off":
            painter.setPen(QPen(colour, 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(centre, 3.4, 3.4)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            if mood == "good":
                painter.drawEllipse(centre, 4.2, 4.2)
            else:
                painter.drawRoundedRect(round(centre.x() - 4), round(centre.y() - 4), 8, 8, 1.5, 1.5)
        painter.restore()


class Header(QHeaderView):
    """Says by an arrow beside its words how the rows stand; Qt draws its own over words that stand at the right."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = theme
        self.setSectionsClickable(True)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        painter.save()
        super().paintSection(painter, rect, section)
        painter.restore()
        if not self.isSortIndicatorShown() or section != self.sortIndicatorSection():
            return
        model, font = self.model(), self.font()
        alignment = model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        words = str(model.headerData(section, Qt.Orientation.Horizontal) or "")
        font.setPixelSize(round(self._theme.text_px * 0.83))  # as the style sheet has it
        width = QFontMetrics(font).horizontalAdvance(words)
        right = bool(int(alignment or 0) & int(Qt.AlignmentFlag.AlignRight.value))
        x = rect.right() - 8 - width - 9 if right else rect.left() + 8 + width + 9
        up = 1 if self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder else -1
        tip = QPointF(max(rect.left() + 5, min(x, rect.right() - 5)), rect.center().y() + 0.5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.tokens.dim))
        painter.drawPolygon([tip + QPointF(-3.5, 2 * up), tip + QPointF(3.5, 2 * up), tip + QPointF(0, -2.5 * up)])
        painter.restore()


class Table(QTableView):
    """Shows a model. name: for screen readers and for remembering the columns."""

    def __init__(
        self,
        theme: Theme,
        model: QAbstractItemModel,
        name: str,
        weights: tuple[float, ...],
        minimums: tuple[int, ...] = (),
        sortable: bool = True,
    ) -> None:
        """weights: how the width is divided among the columns until the person moves one, but never below minimums."""
        super().__init__()
        self._name = name
        self._weights = weights
        self._minimums = minimums or (0,) * len(weights)
        self._moved = False
        self._narrow: dict[int, int] = {}
        self.setAccessibleName(name)
        self.setModel(model)
        self.setItemDelegate(RowDelegate(theme, self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setHorizontalHeader(Header(theme))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(48)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        if sortable:
            self.setSortingEnabled(True)
            self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        header.sectionResized.connect(self._on_section_resized)
        theme.changed.connect(lambda _tokens: self.viewport().update())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        whole = self.viewport().width()
        for section, least in self._narrow.items():
            self.setColumnHidden(section, whole < least)
        if self._moved:
            return
        shown = [section for section in range(len(self._weights)) if not self.isColumnHidden(section)]
        total, left = sum(self._weights[section] for section in shown), whole
        for section in shown[:-1]:
            width = max(self._minimums[section], int(whole * self._weights[section] / total))
            self.setColumnWidth(section, width)
            left -= width
        self.setColumnWidth(shown[-1], max(self._minimums[shown[-1]], left))

    def hide_when_narrow(self, least: dict[int, int]) -> None:
        """Columns that go when the table is narrower than so many pixels."""
        self._narrow = least

    def remember(self, settings: QSettings) -> None:
        """Keep how the columns are, when the person has changed them."""
        if self._moved:
            settings.setValue(f"columns/{self._name}", self.horizontalHeader().saveState())

    def recall(self, settings: QSettings) -> None:
        """Show the columns as they were kept."""
        state = settings.value(f"columns/{self._name}")
        if isinstance(state, QByteArray) and not state.isEmpty():
            self._moved = self.horizontalHeader().restoreState(state)

    def _on_section_resized(self, _section: int, _old: int, _new: int) -> None:
        if QApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            self._moved = True
