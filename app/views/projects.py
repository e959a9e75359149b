"""The projects page: what is trained, how well, and how to join from elsewhere."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QStackedLayout, QWidget

from app.theme import Theme
from app.tokens import GAP
from app.viewmodels.empty import Empty
from app.viewmodels.history import Chart
from app.viewmodels.projects import ProjectState
from app.views.bars import Bar
from app.views.chart import ChartView
from app.views.controls import CopyField
from app.views.widgets import Card, EmptyState, KeyNumberCard, Page, column, label, row, set_role


class ProjectsPage(Page):
    """acted(action): what the empty state offers · copied(text)."""

    acted = Signal(str)
    copied = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__("Projects")
        self.title = label(role="name", wrap=True)
        self.task = label(role="sub", wrap=True)
        self.progress = label(role="good", wrap=True)
        self.numbers = [KeyNumberCard() for _ in range(4)]
        self.coverage = Bar(theme, "Experts alive")
        self.coverage_words = label(role="dim", wrap=True)
        self.calls = label(role="dim", wrap=True)
        self.chart = ChartView(theme, "blue", "The model")
        self.chart_subtitle = label(role="dim")
        self.identity = CopyField("Project id")
        self.joins = [CopyField("Command to join"), CopyField("Command for a second engine")]
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
        self.body.addWidget(label("Projects", "title"))
        self.body.addLayout(self._stack, 1)

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
        head.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        grid = QGridLayout()
        grid.setSpacing(GAP)
        for index, card in enumerate(self.numbers):
            grid.addWidget(card, 0, index)
            grid.setColumnStretch(index, 1)
        chart = Card(row(label("The model learns", "heading"), None, self.chart_subtitle), self.chart, spacing=6)
        join = Card(label("Join from elsewhere", "heading"), spacing=5)
        for words, field in zip(self.join_words, self.joins, strict=True):
            join.body.addWidget(words)
            join.body.addWidget(field)
        join.body.addWidget(label("Project id", "dim"))
        join.body.addWidget(self.identity)
        join.body.addSpacing(4)
        join.body.addWidget(
            label("Nobody needs an account: one address leads a new peer to all the others.", "dim", wrap=True)
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
