"""The network page: the swarm as a picture, how others reach this computer, and who is there."""

from PySide6.QtCore import QAbstractItemModel, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QStackedLayout

from app.theme import Theme
from app.tokens import GAP
from app.viewmodels.empty import Empty
from app.viewmodels.network import NetworkState
from app.viewmodels.swarm import SwarmPicture
from app.views.controls import CopyField
from app.views.swarm import SwarmView
from app.views.table import Table
from app.views.widgets import Card, EmptyState, Page, column, label, row, set_role

WEIGHTS = (1.3, 2.3, 1.1, 0.9, 1.0, 1.0, 1.1, 1.3)
MINIMUMS = (98, 128, 78, 60, 64, 66, 70, 78)
LINK = 2


class NetworkPage(Page):
    """acted(action): what the empty state offers · copied(text)."""

    acted = Signal(str)
    copied = Signal(str)

    def __init__(self, theme: Theme, model: QAbstractItemModel) -> None:
        super().__init__(self.tr("Network"))
        self.summary = label(role="dim")
        self.address = CopyField(self.tr("Address of this computer"))
        self.address.copied.connect(self.copied)
        self.identity = CopyField(self.tr("Peer id of this computer"))
        self.identity.copied.connect(self.copied)
        self.reachability = label(wrap=True)
        self.advice = label(role="dim", wrap=True)
        self.traffic = label(wrap=True)
        self.month = label(wrap=True)
        self.relayed = label(role="dim", wrap=True)
        self.swarm = SwarmView(theme)
        self.table = Table(theme, model, self.tr("Peers"), WEIGHTS, MINIMUMS)
        self.table.hide_when_narrow({LINK: 700})
        self.empty = EmptyState()
        self.empty.acted.connect(self.acted)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        self.body.addLayout(row(label(self.tr("Network"), "title"), None, self.summary))
        top = row(spacing=GAP)
        top.addWidget(self._make_picture(), 4)
        top.addWidget(self._make_facts(), 6)
        self.body.addLayout(top, 3)
        card = Card(margins=(14, 8))
        card.body.addLayout(self._stack, 1)
        self.body.addWidget(card, 4)

    def show_state(self, state: NetworkState, picture: SwarmPicture, empty: Empty | None) -> None:
        """The words around the table and the picture, or what stands instead of the table."""
        self.summary.setText(state.summary)
        self.address.show_text(state.address)
        self.identity.show_text(state.peer_id if state.peer_id != "–" else "")
        self.reachability.setText(state.reachability)
        set_role(self.reachability, "value" if state.mood == "good" else "")
        self.advice.setText(state.advice)
        self.advice.setVisible(bool(state.advice))
        self.traffic.setText(state.traffic)
        self.month.setText(state.month)
        self.relayed.setText(state.relayed)
        self.relayed.setVisible(bool(state.relayed))
        self.swarm.show_swarm(picture)
        if empty is not None:
            self.empty.show_empty(empty)
        self._stack.setCurrentIndex(0 if empty is not None else 1)

    def _make_picture(self) -> Card:
        legend = label(
            self.tr("The farther out, the longer its answers take. Hollow: silent for a minute."), "dim", True
        )
        return Card(self.swarm, legend, spacing=4, margins=(12, 10))

    def _make_facts(self) -> Card:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        rows = (
            (self.tr("Reachability"), column(self.reachability, self.advice, spacing=2)),
            (self.tr("Address"), row(self.address)),
            (self.tr("Peer id"), row(self.identity)),
            (self.tr("Since the start"), column(self.traffic, self.relayed, spacing=2)),
            (self.tr("This month"), row(self.month)),
        )
        for line, (words, part) in enumerate(rows):
            name: QLabel = label(words, "dim")
            field = line in (1, 2)
            grid.addWidget(name, line, 0, Qt.AlignmentFlag.AlignVCenter if field else Qt.AlignmentFlag.AlignTop)
            grid.addLayout(part, line, 1)
        card = Card()
        card.body.addLayout(grid)
        card.body.addStretch(1)
        card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return card
