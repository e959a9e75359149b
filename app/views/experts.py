"""The page of hosted experts."""

from PySide6.QtCore import QAbstractItemModel, Qt, Signal
from PySide6.QtWidgets import QStackedLayout

from app.theme import Theme
from app.viewmodels.empty import Empty
from app.views.table import Table
from app.views.widgets import Card, EmptyState, Page, label, row

WEIGHTS = (2.0, 1.0, 1.0, 1.1, 0.9, 0.9, 1.0, 0.9)
MINIMUMS = (130, 76, 66, 82, 66, 66, 70, 66)
SINCE_START, LATENCY = 3, 5


class ExpertsPage(Page):
    """acted(action): what the empty state offers."""

    acted = Signal(str)

    def __init__(self, theme: Theme, model: QAbstractItemModel) -> None:
        super().__init__(self.tr("Experts"))
        self.summary = label(role="dim", wrap=True)
        self.summary.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.table = Table(theme, model, self.tr("Experts on this computer"), WEIGHTS, MINIMUMS)
        self.table.hide_when_narrow({LATENCY: 620, SINCE_START: 560})
        self.empty = EmptyState()
        self.empty.acted.connect(self.acted)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        head = row(spacing=16)
        head.addWidget(label(self.tr("Experts on this computer"), "title", wrap=True), 1)
        head.addWidget(self.summary, 1)  # both wrap where the window is narrow, and only there
        self.body.addLayout(head)
        card = Card(margins=(14, 8))
        card.body.addLayout(self._stack)
        self.body.addWidget(card, 1)

    def show_state(self, summary: str, empty: Empty | None) -> None:
        """The words around the table, or what stands instead of it."""
        self.summary.setText(summary)
        if empty is not None:
            self.empty.show_empty(empty)
        self._stack.setCurrentIndex(0 if empty is not None else 1)
