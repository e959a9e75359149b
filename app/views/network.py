"""The network page: how others reach this computer, and who is there."""

from PySide6.QtCore import QAbstractItemModel, Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QStackedLayout

from app.theme import Theme
from app.viewmodels.empty import Empty
from app.viewmodels.network import NetworkState
from app.views.controls import CopyField
from app.views.table import Table
from app.views.widgets import Card, EmptyState, Page, label, row

WEIGHTS = (1.3, 2.3, 1.1, 0.9, 1.0, 1.0, 1.1, 1.3)
MINIMUMS = (102, 140, 78, 62, 66, 68, 72, 80)
LINK = 2


class NetworkPage(Page):
    """acted(action): what the empty state offers · copied(text)."""

    acted = Signal(str)
    copied = Signal(str)

    def __init__(self, theme: Theme, model: QAbstractItemModel) -> None:
        super().__init__("Network")
        self.summary = label(role="dim")
        self.address = CopyField("Address of this computer")
        self.address.copied.connect(self.copied)
        self.reachability = label(wrap=True)
        self.advice = label(role="dim", wrap=True)
        self.traffic = label()
        self.table = Table(theme, model, "Peers", WEIGHTS, MINIMUMS)
        self.table.hide_when_narrow({LINK: 700})
        self.empty = EmptyState()
        self.empty.acted.connect(self.acted)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        self.body.addLayout(row(label("Network", "title"), None, self.summary))
        self.body.addWidget(self._make_top())
        card = Card(label("Peers", "heading"), margins=(14, 12))
        card.body.addLayout(self._stack, 1)
        self.body.addWidget(card, 1)

    def show_state(self, state: NetworkState, empty: Empty | None) -> None:
        """The words around the table, or what stands instead of it."""
        self.summary.setText(state.summary)
        self.address.show_text(state.address)
        self.reachability.setText(state.reachability)
        self.advice.setText(state.advice)
        self.advice.setVisible(bool(state.advice))
        self.traffic.setText(state.traffic)
        if empty is not None:
            self.empty.show_empty(empty)
        self._stack.setCurrentIndex(0 if empty is not None else 1)

    def _make_top(self) -> Card:
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        rows = (
            ("Address for a second computer", self.address),
            ("Reachability", self.reachability),
            ("", self.advice),
            ("Traffic since the engine started", self.traffic),
        )
        for line, (words, widget) in enumerate(rows):
            grid.addWidget(label(words, "dim"), line, 0)
            grid.addWidget(widget, line, 1)
        card = Card()
        card.body.addLayout(grid)
        card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        return card
