"""One preference on its page: words, the control that fits its kind, and what is wrong with the last change."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.theme import Theme
from app.translation import core_words, translate
from app.viewmodels.preferences import Row, choice_label, typed, value_at, value_text
from app.views.controls import Segments, Switch
from app.views.slider import Slider
from app.views.widgets import column, label, row, set_role
from core.errors import PreferenceError

TITLE_WIDTH, VALUE_WIDTH = 150, 96


class ValueField(QLineEdit):
    """A value that can be typed. given(text) when the person is done with it; Escape takes it back."""

    given = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._shown = ""
        self.editingFinished.connect(self._on_finished)

    def show_text(self, text: str) -> None:
        """The present value, unless the person is writing."""
        self._shown = text
        if not (self.hasFocus() and self.isModified()):
            self.setText(text)
            self.setCursorPosition(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setText(self._shown)
            return
        super().keyPressEvent(event)

    def _on_finished(self) -> None:
        if self.isModified() and self.text() != self._shown:
            self.setModified(False)
            self.given.emit(self.text())


class PreferenceRow(QWidget):
    """changed(name, value): what the person chose."""

    changed = Signal(str, object)

    def __init__(self, theme: Theme, shown: Row) -> None:
        super().__init__()
        self._row = shown
        preference = shown.preference
        self.name = preference.name
        self.hint = label(shown.hint, "dim", wrap=True)
        self.error = label(role="error", wrap=True)
        self.error.hide()
        self.title = label(shown.title, wrap=preference.kind == "bool")
        self.switch = Switch(theme, shown.title) if preference.kind == "bool" else None
        choices = [(choice, choice_label(choice)) for choice in preference.choices]
        self.choices = Segments(choices, shown.title) if choices else None
        self.slider = Slider(theme, shown.title) if preference.kind in ("int", "float") else None
        self.field = ValueField(shown.title) if self.switch is None and self.choices is None else None
        self.control = next(c for c in (self.slider, self.switch, self.choices, self.field) if c is not None)
        for part in (self.control, self.field):
            if part is not None:
                part.setAccessibleDescription(shown.hint)
        self._build()
        self.show_row(shown)

    def show_row(self, shown: Row) -> None:
        """The present value, unless the person is changing it."""
        self._row = shown
        if self.switch is not None:
            self.switch.setChecked(bool(shown.value))
        elif self.choices is not None:
            self.choices.choose(str(shown.value))
        elif self.slider is None or not self.slider.moving:
            if self.slider is not None:
                self.slider.show_position(shown.position, shown.steps)
            if self.field is not None:
                self.field.show_text(shown.text if self.slider is not None else str(shown.value))

    def show_error(self, sentence: str) -> None:
        """Say why the last change was refused, or nothing."""
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))
        set_role(self.title, "error" if sentence else "")

    def focus(self) -> None:
        """Bring the person here."""
        self.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self) -> None:
        top = row(self.title, spacing=12)
        if self.slider is not None and self.field is not None:
            self.title.setMinimumWidth(TITLE_WIDTH)
            self.field.setProperty("role", "value")
            self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.field.setFixedWidth(VALUE_WIDTH)
            top.addWidget(self.slider, 1)
            top.addWidget(self.field)
            self.slider.valueChanged.connect(self._on_position)
            self.slider.settled.connect(lambda position: self._tell(value_at(self._row, position)))
        elif self.field is not None:
            self.title.setMinimumWidth(TITLE_WIDTH)
            words = core_words(self._row.preference.zero) or translate("Preferences", "nothing")
            self.field.setPlaceholderText(words)
            top.addWidget(self.field, 1)
        else:
            top.setStretch(0, 1)
            top.addWidget(self.control, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(column(top, self.hint, self.error, spacing=1))
        if self.field is not None:
            self.field.given.connect(self._on_given)
        if self.switch is not None:
            self.switch.clicked.connect(self._tell)
        if self.choices is not None:
            self.choices.chosen.connect(self._tell)

    def _on_position(self, position: int) -> None:
        if self.field is not None:
            self.field.show_text(value_text(self._row.preference, value_at(self._row, position)))

    def _on_given(self, text: str) -> None:
        try:
            value = typed(self._row.preference, text)
        except PreferenceError as error:
            self.show_error(str(error))
        else:
            self._tell(value)

    def _tell(self, value: object) -> None:
        self.show_error("")
        self.changed.emit(self.name, value)
