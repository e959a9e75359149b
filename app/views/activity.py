"""The activity page: what was given in a day, a week, a month or ever, and what held work meanwhile."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QStackedLayout, QWidget

from app.theme import Theme
from app.tokens import GAP
from app.viewmodels.activity import MOST_CAUSES, Held, series_words, span_words
from app.viewmodels.contribution import KeyNumber
from app.viewmodels.empty import Empty
from app.viewmodels.history import Chart
from app.views.bars import BarList
from app.views.chart import ChartView
from app.views.controls import Segments
from app.views.widgets import Card, EmptyState, KeyNumberCard, Page, button, column, label, row, set_role


class ActivityPage(Page):
    """span_chosen(key) · series_chosen(key) · export_asked(path) · acted(action)."""

    span_chosen = Signal(str)
    series_chosen = Signal(str)
    export_asked = Signal(str)
    acted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(self.tr("Activity"))
        self.spans = Segments(span_words(), self.tr("Time shown"))
        self.spans.choose("day")
        self.spans.chosen.connect(self.span_chosen)
        self.series = Segments(series_words(), self.tr("What the bars show"))
        self.series.choose("samples")
        self.series.chosen.connect(self.series_chosen)
        self.export = button(self.tr("Export CSV…"), "", self._ask_where)
        self.note = label(role="dim", wrap=True)
        self.note.hide()
        self.cards = [KeyNumberCard() for _ in range(4)]
        self.bars = ChartView(theme, "amber", self.tr("Activity"))
        self.bars_subtitle = label(role="dim")
        self.model = ChartView(theme, "blue", self.tr("The model"))
        self.model_subtitle = label(role="dim")
        self.held = BarList(theme, MOST_CAUSES)
        self.nothing_held = label(self.tr("Nothing held work in this time."), "dim", wrap=True)
        self.empty = EmptyState()
        self.empty.acted.connect(self.acted)
        self._stack = QStackedLayout()
        self._stack.addWidget(Card(self.empty))
        self._stack.addWidget(self._make_content())
        self.body.addLayout(row(label(self.tr("Activity"), "title"), None, self.export, self.spans, spacing=12))
        self.body.addWidget(self.note)
        self.body.addLayout(self._stack, 1)

    def show_empty(self, empty: Empty) -> None:
        """What stands instead of everything."""
        self.empty.show_empty(empty)
        self._stack.setCurrentIndex(0)
        self.export.setEnabled(False)

    def show_activity(self, cards: tuple[KeyNumber, ...], bars: Chart, model: Chart, held: tuple[Held, ...]) -> None:
        """The span's totals, bars, the model's progress, and what held work."""
        self._stack.setCurrentIndex(1)
        self.export.setEnabled(bool(bars.curves))
        for card, numbers in zip(self.cards, cards, strict=False):
            card.show_number(numbers.label, numbers.value, numbers.unit, numbers.note)
        self.bars.show_chart(bars)
        self.bars_subtitle.setText(bars.subtitle)
        self.model.show_chart(model)
        self.model_subtitle.setText(model.subtitle)
        self.held.show_bars([(each.cause, each.share, each.time) for each in held])
        self.nothing_held.setVisible(not held)

    def show_note(self, sentence: str, bad: bool = False) -> None:
        """What became of an export."""
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))
        set_role(self.note, "error" if bad else "good")

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, self.tr("Export activity"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Tables (*.csv)"))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("hivelet-activity.csv")
        dialog.fileSelected.connect(self.export_asked)
        dialog.open()

    def _make_content(self) -> QWidget:
        grid = QGridLayout()
        grid.setSpacing(GAP)
        for index, card in enumerate(self.cards):
            grid.addWidget(card, 0, index)
            grid.setColumnStretch(index, 1)
        bars = Card(row(self.series, None, self.bars_subtitle, spacing=10), self.bars, spacing=8)
        model = Card(
            row(label(self.tr("The model learns"), "heading"), None, self.model_subtitle), self.model, spacing=6
        )
        held = Card(label(self.tr("What held work"), "heading"), self.nothing_held, self.held, None, spacing=10)
        below = row(spacing=GAP)
        below.addWidget(model, 10)
        below.addWidget(held, 10)
        content = QWidget()
        layout = column(spacing=GAP)
        layout.addLayout(grid)
        layout.addWidget(bars, 5)
        layout.addLayout(below, 4)
        content.setLayout(layout)
        return content

    def minimumSizeHint(self) -> QSize:
        return QSize(640, 620)
