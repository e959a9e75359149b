"""The cards of the preferences page that hold more than rows: the week, the look back, and what can be sensed."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.theme import Theme
from app.translation import translate
from app.viewmodels.detectors import DetectorRow
from app.viewmodels.preferences import Row
from app.viewmodels.simulation import SimulationRow, headings
from app.views.controls import Segments
from app.views.week_grid import BRUSHES, WeekGrid
from app.views.widgets import Card, button, label, row, set_role


class WeekCard(Card):
    """changed(name, value), as a row tells it."""

    changed = Signal(str, object)

    def __init__(self, theme: Theme, shown: Row) -> None:
        self.grid = WeekGrid(theme)
        self.brush = Segments([(str(level), f"{level * 10} %") for level in BRUSHES], translate("Week", "Paint with"))
        self.error = label(role="error", wrap=True)
        self.error.hide()
        self.name = shown.preference.name
        words = label(shown.title, "heading")
        super().__init__(
            row(words, None, label(translate("Week", "paint with"), "dim"), self.brush, spacing=12),
            label(shown.hint, "dim", wrap=True),
            self.grid,
            self.error,
            spacing=6,
        )
        self.grid.setAccessibleDescription(shown.hint)
        self.brush.choose(str(BRUSHES[0]))
        self.grid.brush = BRUSHES[0]
        self.brush.chosen.connect(self._on_brush)
        self.grid.changed.connect(lambda text: self.changed.emit(self.name, text))
        self.show_row(shown)

    def show_row(self, shown: Row) -> None:
        """The present schedule."""
        self.grid.show_week(str(shown.value))

    def show_error(self, sentence: str) -> None:
        """Say why the last change was refused, or nothing."""
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))

    def focus(self) -> None:
        """Bring the person here."""
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_brush(self, level: str) -> None:
        self.grid.brush = int(level)


class _Table(QWidget):
    """Words in columns, that of `stretch` the widest; made anew when they change."""

    def __init__(self, stretch: int) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(stretch, 1)
        self._shown: Sequence[Sequence[tuple[str, str]]] = ()

    def show_rows(self, rows: Sequence[Sequence[tuple[str, str]]]) -> None:
        """(words, role) of each cell. Roles beginning with "number" are set at the right."""
        if rows == self._shown:
            return
        same_shape = [len(line) for line in rows] == [len(line) for line in self._shown]
        self._shown = rows
        if not same_shape:
            while (item := self._grid.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.hide()
                    widget.deleteLater()
        for y, line in enumerate(rows):
            for x, (words, role) in enumerate(line):
                cell = self._cell(y, x, role, same_shape)
                cell.setText(words)
                set_role(cell, role.removeprefix("number "))

    def _cell(self, y: int, x: int, role: str, same_shape: bool) -> QLabel:
        item = self._grid.itemAtPosition(y, x) if same_shape else None
        found = item.widget() if item is not None else None
        if isinstance(found, QLabel):
            return found
        cell = label(wrap=not role.startswith("number") and x > 0)
        if role.startswith("number"):
            cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(cell, y, x)
        return cell


class SimulationCard(Card):
    """asked(): what would these settings have done?"""

    asked = Signal()

    def __init__(self) -> None:
        self.button = button(translate("Simulation", "Look back"))
        self.words = label(role="dim", wrap=True)
        self.table = _Table(stretch=5)
        self.table.hide()
        title = label(
            translate("Simulation", "What would these settings have done in the last 7 days?"), "heading", True
        )
        top = row(spacing=12)
        top.addWidget(title, 1)
        top.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        super().__init__(top, self.words, self.table, spacing=6)
        self.button.clicked.connect(lambda _checked=False: self.asked.emit())
        self.button.setAccessibleDescription(title.text())
        self.show_words(
            translate("Simulation", "Answered from what this computer recorded, by the rules that hold now.")
        )

    def show_words(self, words: str) -> None:
        """What is known about the answer."""
        self.words.setText(words)

    def show_rows(self, rows: Sequence[SimulationRow]) -> None:
        """The answer."""
        head = [(words, "dim" if n == 0 else "number dim") for n, words in enumerate(headings())]
        lines = [
            [(r.name, "strong" if n == 0 else ""), (r.hours, "number "), (r.share, "number "), (r.given, "number "),
             (r.energy, "number "), (r.why, "dim")]
            for n, r in enumerate(rows)
        ]  # fmt: skip
        self.table.show_rows([[*head, ("", "dim")], *lines])
        self.table.setVisible(bool(rows))


class DetectorsCard(Card):
    """asked(): read them now, and for some seconds again and again."""

    asked = Signal()

    def __init__(self) -> None:
        self.button = button(translate("Detectors", "Test"))
        self.words = label(translate("Detectors", "What the rules above rest on."), "dim", wrap=True)
        self.table = _Table(stretch=3)
        self.table.hide()
        top = row(label(translate("Detectors", "What this computer can sense"), "heading"), None, self.button)
        super().__init__(top, self.words, self.table, spacing=6)
        self.button.clicked.connect(lambda _checked=False: self.asked.emit())
        self.button.setAccessibleDescription(translate("Detectors", "Reads every detector for some seconds"))

    def show_rows(self, rows: Sequence[DetectorRow], testing: bool) -> None:
        """Every detector; while it is tested, with what to do to see it change."""
        self.button.setText(translate("Detectors", "Testing…") if testing else translate("Detectors", "Test"))
        self.table.show_rows([
            [
                (r.title, ""),
                (r.verdict, "good" if r.works else "dim"),
                (r.reading, ""),
                (r.advice if testing and r.works and r.advice else r.how, "dim"),
            ]
            for r in rows
        ])  # fmt: skip
        self.table.setVisible(bool(rows))
