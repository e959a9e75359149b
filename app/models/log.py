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
    """One line, already safe to show. severity: the level as a number; whole: as it is copied; folded: as it is
    searched."""

    t: float
    level: str
    severity: int
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
        self.lines: list[LogLine] = []  # to be read only; a deque is slow to read in its middle

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        """Take rows of the `log` command; malformed ones are left out."""
        lines = [line for line in map(_line, rows) if line is not None][-self._limit :]
        if not lines:
            return
        overflow = len(self.lines) + len(lines) - self._limit
        if overflow > 0:
            self.beginRemoveRows(QModelIndex(), 0, overflow - 1)
            del self.lines[:overflow]
            self.endRemoveRows()
        first = len(self.lines)
        self.beginInsertRows(QModelIndex(), first, first + len(lines) - 1)
        self.lines.extend(lines)
        self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else _COLUMNS

    def data(self, index: Index, role: int = int(Role.DisplayRole)) -> Any:
        if not index.isValid() or index.row() >= len(self.lines):
            return None
        line = self.lines[index.row()]
        if role == Role.DisplayRole:
            return line.cells()[index.column()]
        if role == SORT_ROLE:
            return line.t
        if role == LEVEL_ROLE:
            return line.severity
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
        """Those that pass, as they are copied. Asked of the lines: asking Qt for every row takes ten times as long."""
        return [line.whole for line in self._log.lines if self._passes(line)] if self._log is not None else []

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:
        return self._log is None or self._passes(self._log.lines[row])

    def _passes(self, line: LogLine) -> bool:
        return line.severity >= self._level and self._words in line.folded


def _mood(level: str) -> str:
    return {"WARNING": "wait", "ERROR": "bad", "CRITICAL": "bad"}.get(level, "")


def _line(row: Sequence[object]) -> LogLine | None:
    try:
        _number, at, level, logger, text = row[:5]
        t = float(at)  # type: ignore[arg-type]
        name, part, words = plain(str(level), 12).upper(), plain(str(logger), 60), plain(str(text), 2000)
        whole = f"{timestamp(t)} {name:<8} {part}: {words}"
        return LogLine(t, name, LEVELS.get(name, LEVELS["INFO"]), part, words, whole, whole.casefold())
    except (TypeError, ValueError):
        return None
