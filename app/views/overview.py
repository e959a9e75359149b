"""The first page: state with its reasons, four numbers, two charts."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QMenu, QWidget

from app.theme import Theme
from app.tokens import GAP
from app.viewmodels.contribution import span_words
from app.viewmodels.history import Chart
from app.viewmodels.overview import OverviewState, pause_words
from app.viewmodels.pauses import choices
from app.views.chart import ChartView
from app.views.controls import Segments
from app.views.flow import FlowLayout
from app.views.reasons import ReasonList
from app.views.ring import BudgetRing
from app.views.slider import Slider
from app.views.update import UpdateNotice
from app.views.widgets import Card, ElidedLabel, KeyNumberCard, Page, button, column, label, row

BUDGET_STEP = 5


class OverviewPage(Page):
    """acted(action): "resume", "retry", "finish" · resolved(Action of a reason) · paused(choice) ·
    budget_chosen(percent) · span_chosen(key) · rate_mode_chosen(key)."""

    acted = Signal(str)
    resolved = Signal(object)
    span_chosen = Signal(str)
    paused = Signal(str)
    budget_chosen = Signal(int)
    rate_mode_chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(self.tr("Overview"))
        self._theme = theme
        self._readings: tuple[str, ...] = ()
        self._main_action = ""
        self.ring = BudgetRing(theme)
        self.title = label(role="title", wrap=True)
        self.sentence = label(role="sub", wrap=True)
        self.reasons = ReasonList(theme)
        self.reasons.resolved.connect(self.resolved)
        self.readings = QWidget()
        self._reading_flow = FlowLayout(self.readings, 6)
        self.main = button(pause_words(), "primary", self._on_main)
        self.finish = button(self.tr("Finish and stop"), "", lambda: self.acted.emit("finish"))
        self.finish.setToolTip(self.tr("Completes the work under way, saves it, then stops the engine."))
        self.pause_menu = self._make_pause_menu()
        self.slider = Slider(theme, self.tr("Budget: share of this computer that Hivelet may use"))
        self.slider_value = label(role="value")
        self.cards = [KeyNumberCard() for _ in range(4)]
        self.rate_heading = label(role="heading", wrap=True)
        self.rate_subtitle = ElidedLabel(role="dim", alignment=Qt.AlignmentFlag.AlignRight)
        self.model_subtitle = label(role="dim")
        self.rate_chart = ChartView(theme, "amber", self.tr("Samples served"))
        self.model_chart = ChartView(theme, "blue", self.tr("The model"))
        self.update_notice = UpdateNotice()
        self.body.addWidget(self.update_notice)
        self.body.addWidget(self._make_hero())
        self.body.addWidget(self._make_given())
        self.body.addLayout(self._make_charts(), 1)
        self.slider.settled.connect(lambda position: self.budget_chosen.emit(position * BUDGET_STEP))
        self.slider.valueChanged.connect(lambda position: self.slider_value.setText(f"{position * BUDGET_STEP} %"))

    def show_state(self, state: OverviewState, budget_percent: int) -> None:
        """Everything but the charts."""
        self.title.setText(state.title)
        self.sentence.setText(state.sentence)
        self.sentence.setVisible(bool(state.sentence))
        self.ring.show_ring(state.ring)
        self._show_readings(state.readings)
        self.reasons.show_lines(state.reasons)
        self._line.setVisible(bool(state.reasons))
        self._show_buttons(state)
        if not self.slider.moving:
            self.slider.show_position(round(budget_percent / BUDGET_STEP), 100 // BUDGET_STEP)
            self.slider_value.setText(f"{budget_percent} %")
        self.budget.setVisible(state.can_budget)
        for card, numbers in zip(self.cards, state.cards, strict=False):
            card.show_number(numbers.label, numbers.value, numbers.unit, numbers.note)
            card.setToolTip(numbers.hint)

    def show_charts(self, rate: Chart, model: Chart) -> None:
        """Both charts."""
        self.rate_chart.show_chart(rate)
        total = rate.unit == "samples"
        self.rate_heading.setText(self.tr("Samples in total") if total else self.tr("Samples per second"))
        self.rate_subtitle.show_text(rate.subtitle)
        self.model_chart.show_chart(model)
        self.model_subtitle.setText(model.subtitle)

    def focus_budget(self) -> None:
        """Bring the person to the budget."""
        self.slider.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_buttons(self, state: OverviewState) -> None:
        self._main_action = state.main_action
        self.main.setText(state.main_label)
        self.main.setEnabled(state.main_action != "none")
        self.main.setAccessibleName(state.main_label.rstrip(" ▾"))
        self.finish.setEnabled(state.can_finish)

    def _show_readings(self, readings: tuple[str, ...]) -> None:
        if readings != self._readings:
            self._readings = readings
            self._reading_flow.clear()
            for words in readings:
                self._reading_flow.addWidget(self._make_chip(words))

    def _make_chip(self, text: str) -> QFrame:
        frame = QFrame()
        frame.setProperty("role", "chip")
        line = QHBoxLayout(frame)
        line.setContentsMargins(10, 4, 10, 4)
        words = ElidedLabel("")
        words.show_text(text)
        line.addWidget(words, 1)
        return frame

    def _on_main(self) -> None:
        if self._main_action == "pause":
            self.pause_menu.setMinimumWidth(self.main.width())
            self.pause_menu.popup(self.main.mapToGlobal(self.main.rect().bottomLeft()))
        elif self._main_action != "none":
            self.acted.emit(self._main_action)

    def _make_pause_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setTitle(self.tr("Pause"))
        for choice in choices():
            action = menu.addAction(choice.label)
            action.triggered.connect(lambda _checked=False, key=choice.key: self.paused.emit(key))
        return menu

    def _make_hero(self) -> Card:
        budget = row(label(self.tr("Budget"), "dim"), self.slider, self.slider_value, None, spacing=10)
        budget.setStretch(1, 1)
        self.budget = QWidget()
        self.budget.setLayout(budget)
        self.slider.setMaximumWidth(260)
        self.slider_value.setMinimumWidth(48)
        words = column(self.title, self.sentence, 4, self.budget, 2, self.readings, spacing=3)
        words.insertStretch(0, 1)
        words.addStretch(1)
        buttons = column(None, self.main, self.finish, None)
        for part in (self.main, self.finish):
            part.setMinimumWidth(150)
        card = Card(margins=(20, 14))
        line = row(self.ring, 8, spacing=16)
        line.addLayout(words, 1)
        line.addLayout(buttons)
        card.body.addLayout(line)
        self._line = QFrame()
        self._line.setProperty("role", "hairline")
        self._line.hide()
        card.body.addWidget(self._line)
        card.body.addWidget(self.reasons)
        return card

    def _make_given(self) -> QWidget:
        self.spans = Segments(span_words(), self.tr("What was given"))
        self.spans.choose("today")
        self.spans.chosen.connect(self.span_chosen)
        grid = QGridLayout()
        grid.setSpacing(GAP)
        for index, card in enumerate(self.cards):
            grid.addWidget(card, 0, index)
            grid.setColumnStretch(index, 1)
        given = QWidget()
        given.setLayout(column(row(label(self.tr("What you gave"), "heading"), None, self.spans), grid, spacing=10))
        return given

    def _make_charts(self) -> QHBoxLayout:
        modes = Segments([("rate", self.tr("Rate")), ("total", self.tr("Total"))], self.tr("What the chart shows"))
        modes.choose("rate")
        modes.chosen.connect(self.rate_mode_chosen)
        heading = row(spacing=10)
        heading.addWidget(self.rate_heading, 4)
        heading.addWidget(self.rate_subtitle, 5)
        heading.addWidget(modes)
        left = Card(heading, self.rate_chart, spacing=6)
        right = Card(
            row(label(self.tr("The model learns"), "heading"), None, self.model_subtitle), self.model_chart, spacing=6
        )
        line = QHBoxLayout()
        line.setSpacing(GAP)
        line.addWidget(left, 16)
        line.addWidget(right, 10)
        return line

    def minimumSizeHint(self) -> QSize:
        return QSize(640, 520)
