"""The preferences page: cards of rows, built from the declarations; what is changed applies at once."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QSizePolicy, QWidget

from app.theme import Theme
from app.tokens import GAP
from app.viewmodels.preferences import Group, Row, choice_label, value_at, value_text
from app.views.controls import Segments, Switch
from app.views.slider import Slider
from app.views.widgets import Card, Page, column, label, row, set_role

TITLE_WIDTH = 142
TWO_COLUMNS_FROM = 860


class PreferenceRow(QWidget):
    """One preference. changed(name, value): what the person chose."""

    changed = Signal(str, object)

    def __init__(self, theme: Theme, shown: Row) -> None:
        super().__init__()
        self._row = shown
        preference = shown.preference
        self.name = preference.name
        self.hint = label(shown.hint, "dim", wrap=True)
        self.error = label(role="error", wrap=True)
        self.error.hide()
        self._title = label(preference.title)
        self._switch = Switch(theme, preference.title) if preference.kind == "bool" else None
        self._choices = (
            Segments([(choice, choice_label(choice)) for choice in preference.choices], preference.title)
            if preference.kind == "choice"
            else None
        )
        self._slider = Slider(theme, preference.title) if preference.kind in ("int", "float") else None
        self._value = label(role="value")
        self._build()

    def show_row(self, shown: Row) -> None:
        """The present value, unless the person is changing it."""
        self._row = shown
        if self._switch is not None:
            self._switch.setChecked(bool(shown.value))
        elif self._choices is not None:
            self._choices.choose(str(shown.value))
        elif self._slider is not None and not self._slider.moving:
            self._slider.show_position(shown.position, shown.steps)
            self._value.setText(shown.text)

    def show_error(self, sentence: str) -> None:
        """Say why the last change was refused, or nothing."""
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))
        set_role(self._title, "error" if sentence else "")

    def focus(self) -> None:
        """Bring the person here."""
        target = self._slider or self._switch or self._choices
        if target is not None:
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self) -> None:
        if self._slider is not None:
            self._value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._value.setMinimumWidth(82)
            self._slider.valueChanged.connect(self._on_position)
            self._slider.settled.connect(lambda position: self._tell(value_at(self._row, position)))
            self._title.setMinimumWidth(TITLE_WIDTH)
            top = row(self._title, spacing=10)
            top.addWidget(self._slider, 1)
            top.addWidget(self._value)
            self.setLayout(column(top, self.hint, self.error, spacing=0))
            return
        words = column(self._title, self.hint, self.error, spacing=1)
        control = self._switch or self._choices
        line = row(spacing=12)
        line.addLayout(words, 1)
        if control is not None:
            line.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(line)
        if self._switch is not None:
            self._switch.clicked.connect(self._tell)
        if self._choices is not None:
            self._choices.chosen.connect(self._tell)

    def _on_position(self, position: int) -> None:
        self._value.setText(value_text(self._row.preference, value_at(self._row, position)))

    def _tell(self, value: object) -> None:
        self.show_error("")
        self.changed.emit(self.name, value)


class PreferencesPage(Page):
    """changed(name, value)."""

    changed = Signal(str, object)

    def __init__(self, theme: Theme, groups: tuple[Group, ...]) -> None:
        super().__init__("Preferences")
        self._theme = theme
        self.rows: dict[str, PreferenceRow] = {}
        self.note = label(role="dim")
        self.body.addLayout(row(label("Preferences", "title"), None, self.note))
        # The first card is the tall one: it stands at the left, the others one below the other at the right.
        left = column(*(self._make_card(group) for group in groups[:1]), None, spacing=GAP)
        right = column(*(self._make_card(group) for group in groups[1:]), None, spacing=GAP)
        self._columns = row(spacing=GAP)
        self._columns.addLayout(left, 1)
        self._columns.addLayout(right, 1)
        self.body.addLayout(self._columns, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the cards stand one below the other."""
        super().resizeEvent(event)
        wide = event.size().width() >= TWO_COLUMNS_FROM
        self._columns.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self._columns.setStretch(0, 1 if wide else 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def show_groups(self, groups: tuple[Group, ...], editable: bool, note: str) -> None:
        """Present values. editable: an engine is there to take changes."""
        self.note.setText(note)
        for group in groups:
            for shown in group.rows:
                widget = self.rows.get(shown.preference.name)
                if widget is not None:
                    widget.show_row(shown)
                    widget.setEnabled(editable)

    def show_error(self, name: str, sentence: str) -> None:
        """Say at that preference why it was refused."""
        if name in self.rows:
            self.rows[name].show_error(sentence)

    def focus_preference(self, name: str) -> QWidget | None:
        """Bring the person to a preference; returns its row."""
        widget = self.rows.get(name)
        if widget is not None:
            widget.focus()
        return widget

    def _make_card(self, group: Group) -> Card:
        card = Card(row(label(group.title, "heading"), None, label(group.hint, "dim")), spacing=9)
        for index, shown in enumerate(group.rows):
            if index:
                line = QFrame()
                line.setProperty("role", "hairline")
                card.body.addWidget(line)
            widget = PreferenceRow(self._theme, shown)
            widget.changed.connect(self.changed)
            self.rows[widget.name] = widget
            card.body.addWidget(widget)
        card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        return card
