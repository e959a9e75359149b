"""A table over immutable rows with keys: what changed is told cell by row, so that selection and scrolling stay."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

SORT_ROLE = int(Role.UserRole)
MOOD_ROLE = int(Role.UserRole) + 1
"""A status for the dot in the first column: "good", "wait", "off", "bad" or "" (none)."""

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """text: what is read; sort: what is compared; numeric: right-aligned; hint: the header's tooltip."""

    title: str
    text: Callable[[Row], str]
    sort: Callable[[Row], Any]
    numeric: bool = True
    hint: str = ""


class TableModel(QAbstractTableModel, Generic[Row]):
    """Rows with a key each. `set_rows` takes the whole new state."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], Hashable],
        mood: Callable[[Row], tuple[str, str]] = lambda _row: ("", ""),
        parent: QObject | None = None,
    ) -> None:
        """mood: (status for the dot, the same in words for those who do not see it)."""
        super().__init__(parent)
        self._columns = tuple(columns)
        self._key = key
        self._mood = mood
        self._rows: list[Row] = []
        self._order = (-1, Qt.SortOrder.AscendingOrder)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Become these rows: kept ones change in place, the others go and come; then all stand in the chosen order."""
        new = {self._key(row): row for row in rows}
        self._remove(new)
        changed = []
        for index, old in enumerate(self._rows):
            row = new.pop(self._key(old))
            if row != old:
                self._rows[index] = row
                changed.append(index)
        if new:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
            self._rows.extend(new.values())
            self.endInsertRows()
        if not self._arrange() and changed:
            # One signal for all: what lies between is read again, which costs less than a thousand signals.
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(self._columns) - 1))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Stand in this order from now on. (A proxy would ask for every comparison: tens of thousands of calls.)"""
        self._order = (column, order)
        self._arrange()

    def _remove(self, kept: Mapping[Hashable, Row]) -> None:
        """Let go of rows that are no longer there, neighbours together."""
        end = len(self._rows)
        while end > 0:
            start = end
            while start > 0 and self._key(self._rows[start - 1]) not in kept:
                start -= 1
            if start < end:
                self.beginRemoveRows(QModelIndex(), start, end - 1)
                del self._rows[start:end]
                self.endRemoveRows()
            end = start - 1

    def _arrange(self) -> bool:
        """Bring the rows into the chosen order; selections move along. True when a row has another place now."""
        column, order = self._order
        if not 0 <= column < len(self._columns):
            return False
        by = self._columns[column].sort
        descending = order == Qt.SortOrder.DescendingOrder
        places = sorted(range(len(self._rows)), key=lambda place: by(self._rows[place]), reverse=descending)
        if all(place == index for index, place in enumerate(places)):
            return False
        self.layoutAboutToBeChanged.emit()
        self._rows = [self._rows[place] for place in places]
        now_at = {place: index for index, place in enumerate(places)}
        before = self.persistentIndexList()
        self.changePersistentIndexList(before, [self.index(now_at[each.row()], each.column()) for each in before])
        self.layoutChanged.emit()
        return True

    def row_at(self, index: int) -> Row:
        """The row behind an index of this model."""
        return self._rows[index]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = int(Role.DisplayRole)) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        column, row = self._columns[index.column()], self._rows[index.row()]
        match role:
            case Role.DisplayRole:
                return column.text(row)
            case Role.TextAlignmentRole:
                return _RIGHT if column.numeric else _LEFT
            case Role.AccessibleTextRole:
                words = self._mood(row)[1] if index.column() == 0 else ""
                return f"{column.text(row)}, {words}" if words else column.text(row)
        if role == SORT_ROLE:
            return column.sort(row)
        if role == MOOD_ROLE:
            return self._mood(row)[0] if index.column() == 0 else ""
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = int(Role.DisplayRole)) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        match role:
            case Role.DisplayRole:
                return column.title
            case Role.TextAlignmentRole:
                return _RIGHT if column.numeric else _LEFT
            case Role.ToolTipRole:
                return column.hint or None
        return None
