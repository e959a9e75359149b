"""The trust page: what left this computer, and who broke the rules."""

from PySide6.QtCore import QAbstractItemModel, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QStackedLayout

from app.theme import Theme
from app.tokens import GAP
from app.viewmodels.empty import Empty
from app.viewmodels.trust import TrustState
from app.views.controls import Segments
from app.views.table import Table
from app.views.widgets import Card, EmptyState, KeyNumberCard, Page, label, row

SENT_WEIGHTS = (1.5, 1.6, 2.2, 0.9, 1.0, 0.9, 1.1)
SENT_MINIMUMS = (116, 90, 146, 62, 66, 66, 76)
BAN_WEIGHTS = (1.6, 4.0, 0.8, 1.2)
BAN_MINIMUMS = (140, 180, 60, 90)
MONTH = 5


class TrustPage(Page):
    """acted(action): what the empty state offers."""

    acted = Signal(str)

    def __init__(self, theme: Theme, sent: QAbstractItemModel, bans: QAbstractItemModel) -> None:
        super().__init__(self.tr("Trust"))
        self._bans_model = bans
        self.promise = label(role="sub", wrap=True)
        self.cards = [KeyNumberCard() for _ in range(4)]
        self.sent = Table(theme, sent, self.tr("What left this computer"), SENT_WEIGHTS, SENT_MINIMUMS)
        self.sent.sortByColumn(4, Qt.SortOrder.DescendingOrder)
        self.sent.hide_when_narrow({MONTH: 640})
        self.bans = Table(theme, bans, self.tr("Peers that are not served"), BAN_WEIGHTS, BAN_MINIMUMS)
        self.views = Segments([("sent", self.tr("Sent")), ("bans", self.tr("Rules broken"))], self.tr("Table"))
        self.views.choose("sent")
        self.views.chosen.connect(self._on_view)
        self.bans_words = label(role="dim", wrap=True)
        self.checks_words = label(role="dim", wrap=True)
        self.empty = EmptyState()
        self.empty.acted.connect(self.acted)
        self._view = "sent"
        self._empty: Empty | None = None
        self._stack = QStackedLayout()
        for part in (self.empty, self.sent, self.bans):
            self._stack.addWidget(part)
        grid = QGridLayout()
        grid.setSpacing(GAP)
        for index, card in enumerate(self.cards):
            grid.addWidget(card, 0, index)
            grid.setColumnStretch(index, 1)
        self.body.addLayout(row(label(self.tr("What left this computer"), "title"), None, self.views))
        self.body.addWidget(self.promise)
        self.body.addLayout(grid)
        tables = Card(margins=(14, 8))
        tables.body.addLayout(self._stack, 1)
        self.body.addWidget(tables, 1)
        self.body.addWidget(self.bans_words)
        self.body.addWidget(self.checks_words)
        self.body.setSpacing(12)

    def show_state(self, state: TrustState, empty: Empty | None) -> None:
        """The words around the tables. empty: what stands instead of the table of what was sent."""
        self.promise.setText(state.promise)
        self.bans_words.setText(state.bans)
        self.bans_words.setVisible(bool(state.bans))
        self.checks_words.setText(state.checks)
        for card, numbers in zip(self.cards, state.cards, strict=False):
            card.show_number(numbers.label, numbers.value, numbers.unit, numbers.note)
        self._empty = empty
        self._arrange()

    def _on_view(self, key: str) -> None:
        self._view = key
        self._arrange()

    def _arrange(self) -> None:
        empty = self._empty if self._view == "sent" else None
        if self._view == "bans" and not self._bans_model.rowCount():
            empty = self._empty_bans()
        if empty is not None:
            self.empty.show_empty(empty)
        self._stack.setCurrentIndex(0 if empty is not None else 1 if self._view == "sent" else 2)

    def _empty_bans(self) -> Empty:
        return Empty(
            self.tr("Everybody is served"),
            self.tr("A peer whose calls break the rules again and again is not served for a while, and listed here."),
        )
