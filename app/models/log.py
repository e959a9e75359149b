"""The engine's log as a table: a bounded ring of lines, filtered by level and words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QModelIndex, QObject, QSortFilterProxyModel, Qt

from app.formatting import plain, timestamp
from app.models.table import MOOD_ROLE, SORT_ROLE, Index, Role
from app.translation import translate

LIMIT = 10_000
LEVEL_ROLE = int(Role.UserRole) + 2
LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
_WORDS = {"DEBUG": "detail", "INFO": "info", "WARNING": "warning", "ERROR": "error", "CRITICAL": "error"}


_COLUMNS = 4


def _titles() -> tuple[str, ...]:
    return translate("Log", "Time"), translate("Log", "Level"), translate("Log", "Part"), translate("Log", "Message")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, already safe to show. whole: as it is copied; folded: as it is searched."""

    t: float
    level: str
    logger: str
    text: str
    whole: str
    folded: str

    def cells(self) -> tuple[str, str, str, str]:
        """As it is shown."""
        return timestamp(self.t), _WORDS.get(self.level, self.level.lower()), self.logger, self.text


class LogModel(QAbstractTableModel):
    """Newest last; the oldest lines go when the ring is full."""

    def __init__(self, parent: QObject | None = None, limit: int = LIMIT) -> None:
        super().__init__(parent)
        self._limit = limit
        self._lines: list[LogLine] = []  # a deque is slow to read in its middle

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        """Take rows of the `log` command; malformed ones are left out."""
        lines = [line for line in map(_line, rows) if line is not None][-self._limit :]
        if not lines:
            return
        overflow = len(self._lines) + len(lines) - self._limit
        if overflow > 0:
            self.beginRemoveRows(QModelIndex(), 0, overflow - 1)
            del self._lines[:overflow]
            self.endRemoveRows()
        first = len(self._lines)
        self.beginInsertRows(QModelIndex(), first, first + len(lines) - 1)
        self._lines.extend(lines)
        self.endInsertRows()

    def line_at(self, row: int) -> LogLine:
        """The line behind a row of this model."""
        return self._lines[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else _COLUMNS

    def data(self, index: Index, role: int = int(Role.DisplayRole)) -> Any:
        if not index.isValid() or index.row() >= len(self._lines):
            return None
        line = self._lines[index.row()]
        if role == Role.DisplayRole:
            return line.cells()[index.column()]
        if role == SORT_ROLE:
            return line.t
        if role == LEVEL_ROLE:
            return LEVELS.get(line.level, 20)
        if role == MOOD_ROLE:
            return _mood(line.level) if index.column() == 1 else ""
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = int(Role.DisplayRole)) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < _COLUMNS:
            return None
        if role == Role.DisplayRole:
            return _titles()[section]
        if role == Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


class LogFilter(QSortFilterProxyModel):
    """Lines at or above a level that contain the words, in any column and any case."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log: LogModel | None = None
        self._level = 0
        self._words = ""

    def setSourceModel(self, model: QAbstractItemModel) -> None:
        """Kept here too: it is asked for every line."""
        self._log = model if isinstance(model, LogModel) else None
        super().setSourceModel(model)

    def set_level(self, level: int) -> None:
        """Show this level and above."""
        self._level = level
        self.invalidate()

    def set_words(self, words: str) -> None:
        """Show lines that contain this text."""
        self._words = words.strip().casefold()
        self.invalidate()

    def lines(self) -> list[str]:
        """Those that pass, as they are copied."""
        model = self.sourceModel()
        if not isinstance(model, LogModel):
            return []
        rows = (self.mapToSource(self.index(place, 0)).row() for place in range(self.rowCount()))
        return [model.line_at(row).whole for row in rows]

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:
        if self._log is None:
            return True
        line = self._log.line_at(row)
        if self._level and LEVELS.get(line.level, 20) < self._level:
            return False
        return not self._words or self._words in line.folded


def _mood(level: str) -> str:
    return {"WARNING": "wait", "ERROR": "bad", "CRITICAL": "bad"}.get(level, "")


def _line(row: Sequence[object]) -> LogLine | None:
    try:
        _number, at, level, logger, text = row[:5]
        t = float(at)  # type: ignore[arg-type]
        name, part, words = plain(str(level), 12).upper(), plain(str(logger), 60), plain(str(text), 2000)
        whole = f"{timestamp(t)} {name:<8} {part}: {words}"
        return LogLine(t, name, part, words, whole, whole.casefold())
    except (TypeError, ValueError):
        return None
