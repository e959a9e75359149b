"""The projects page: what is trained, how well, and how to join from elsewhere."""

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QGridLayout, QStackedLayout, QWidget

from app.theme import Theme
from app.tokens import GAP
from app.viewmodels.empty import Empty
from app.viewmodels.history import Chart
from app.viewmodels.joining import dropped
from app.viewmodels.projects import ProjectState
from app.views.bars import Bar
from app.views.chart import ChartView
from app.views.controls import CopyField
from app.views.joining import JoinBar, OfferCard, ProjectList
from app.views.widgets import Card, EmptyState, KeyNumberCard, Page, column, label, row, set_role


class ProjectsPage(Page):
    """acted(action): what the empty state offers · copied(text) · looked(what) and joined(what): a file, a link or a
    name · left(project id) · put_away(): the offer is not wanted now. Files and links may be dropped anywhere."""

    acted = Signal(str)
    copied = Signal(str)
    looked = Signal(str)
    joined = Signal(str)
    left = Signal(str)
    put_away = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(self.tr("Projects"))
        self.setAcceptDrops(True)
        self.bar = JoinBar()
        self.bar.asked.connect(self.looked)
        self.offer = OfferCard()
        self.offer.joined.connect(self.joined)
        self.offer.put_away.connect(self.put_away)
        self.projects = ProjectList()
        self.projects.looked.connect(self.looked)
        self.projects.left.connect(self.left)
        self.title = label(role="name", wrap=True)
        self.task = label(role="sub", wrap=True)
        self.progress = label(role="good", wrap=True)
        self.numbers = [KeyNumberCard() for _ in range(4)]
        self.coverage = Bar(theme, self.tr("Experts alive"))
        self.coverage_words = label(role="dim", wrap=True)
        self.calls = label(role="dim", wrap=True)
        self.chart = ChartView(theme, "blue", self.tr("The model"))
        self.chart_subtitle = label(role="dim")
        self.identity = CopyField(self.tr("Project id"))
        self.joins = [CopyField(self.tr("Command to join")), CopyField(self.tr("Command for a second engine"))]
        self.join_words = [label(role="dim", wrap=True), label(role="dim", wrap=True)]
        for field in (self.identity, *self.joins):
            field.copied.connect(self.copied)
        self.empty = EmptyState()
        self.empty.acted.connect(self.acted)
        self._stack = QStackedLayout()
        self._empty_card = Card()
        self._empty_card.body.addWidget(self.empty)
        self._stack.addWidget(self._empty_card)
        self._stack.addWidget(self._make_content())
        self.body.addWidget(label(self.tr("Projects"), "title"))
        self.body.addWidget(self.bar)
        self.body.addWidget(self.offer)
        self.body.addWidget(self.projects)
        self.body.addLayout(self._stack, 1)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._dropped(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        what = self._dropped(event.mimeData())
        if what:
            event.acceptProposedAction()
            self.looked.emit(what)

    @staticmethod
    def _dropped(data: QMimeData) -> str:
        return dropped([url.toString() for url in data.urls()], data.text() if data.hasText() else "")

    def show_state(self, state: ProjectState | None, empty: Empty | None) -> None:
        """The project, or what stands instead of it."""
        if empty is not None or state is None:
            if empty is not None:
                self.empty.show_empty(empty)
            self._stack.setCurrentIndex(0)
            return
        self._stack.setCurrentIndex(1)
        self.title.setText(state.title)
        self.task.setText(state.task)
        self.progress.setText(state.progress)
        set_role(self.progress, "good" if state.good else "dim")
        for card, numbers in zip(self.numbers, state.numbers, strict=False):
            card.show_number(numbers.label, numbers.value, numbers.unit, numbers.note)
        self.coverage.show_share(state.coverage)
        self.coverage_words.setText(state.coverage_words)
        self.calls.setText(state.calls)
        self.identity.show_text(state.project_id)
        for words, field, (title, command) in zip(
            self.join_words, self.joins, state.join_commands or (("", ""), ("", "")), strict=False
        ):
            words.setText(title)
            field.show_text(command)
            words.setVisible(bool(title))
            field.setVisible(bool(title))

    def show_chart(self, chart: Chart) -> None:
        """The model's progress."""
        self.chart.show_chart(chart)
        self.chart_subtitle.setText(chart.subtitle)

    def _make_content(self) -> QWidget:
        head = Card(self.title, self.task, self.progress, 6, self.coverage, self.coverage_words, self.calls, spacing=4)
        grid = QGridLayout()
        grid.setSpacing(GAP)
        for index, card in enumerate(self.numbers):
            grid.addWidget(card, 0, index)
            grid.setColumnStretch(index, 1)
        chart = Card(
            row(label(self.tr("The model learns"), "heading"), None, self.chart_subtitle), self.chart, spacing=6
        )
        join = Card(label(self.tr("Join from elsewhere"), "heading"), spacing=5)
        for words, field in zip(self.join_words, self.joins, strict=True):
            join.body.addWidget(words)
            join.body.addWidget(field)
        join.body.addWidget(label(self.tr("Project id"), "dim"))
        join.body.addWidget(self.identity)
        join.body.addSpacing(4)
        join.body.addWidget(
            label(self.tr("Nobody needs an account: one address leads a new peer to all the others."), "dim", wrap=True)
        )
        join.body.addStretch(1)
        below = row(spacing=GAP)
        below.addWidget(chart, 10)
        below.addWidget(join, 11)
        content = QWidget()
        layout = column(head, grid, spacing=GAP)
        layout.addLayout(below, 1)
        content.setLayout(layout)
        return content
