"""The preferences page: cards of rows, built from the declarations; what is changed applies at once."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QFrame, QLineEdit, QWidget

from app.theme import Theme
from app.tokens import GAP
from app.translation import translate
from app.viewmodels.preferences import Group, matches
from app.views.about import AboutCard
from app.views.controls import Segments
from app.views.preference_cards import DetectorsCard, SimulationCard, WeekCard
from app.views.preference_row import PreferenceRow
from app.views.widgets import Card, Page, button, column, label, row

TWO_COLUMNS_FROM = 860
LEFT = ("Computer", "System")
"""The groups of the left column; the tall ones are spread over both."""


class PreferencesPage(Page):
    """changed(name, value) · preset_chosen(name) · simulate_asked() · detectors_asked() · export_asked(path) ·
    import_asked(path)."""

    changed = Signal(str, object)
    preset_chosen = Signal(str)
    export_asked = Signal(object)
    import_asked = Signal(object)

    def __init__(self, theme: Theme, groups: tuple[Group, ...], presets: Sequence[tuple[str, str]]) -> None:
        super().__init__(translate("Preferences", "Preferences"))
        self._theme = theme
        self.rows: dict[str, PreferenceRow | WeekCard] = {}
        self._cards: dict[str, Card] = {}
        self._lines: dict[str, QFrame] = {}
        self.note = label(role="dim", wrap=True)
        self.presets = Segments(presets, translate("Preferences", "Preset"))
        self.presets.chosen.connect(self.preset_chosen)
        self.search = QLineEdit()
        self.search.setPlaceholderText(translate("Preferences", "Search preferences"))
        self.search.setAccessibleName(self.search.placeholderText())
        self.search.setClearButtonEnabled(True)
        self.nothing = label(translate("Preferences", "No preference has these words."), "sub", wrap=True)
        self.nothing.hide()
        self.simulation, self.detectors, self.about = SimulationCard(), DetectorsCard(), AboutCard()
        self.export = button(translate("Preferences", "Export…"), "", self._ask_where)
        self.load = button(translate("Preferences", "Import…"), "", self._ask_which)
        self._groups = groups
        self._place(groups)
        self.search.textChanged.connect(self._on_search)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self.search.setFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the cards stand one below the other."""
        super().resizeEvent(event)
        wide = event.size().width() >= TWO_COLUMNS_FROM
        self._columns.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def show_groups(self, groups: tuple[Group, ...], editable: bool, note: str, preset: str) -> None:
        """Present values. editable: an engine is there to take changes; preset: the one that they agree with."""
        self._groups = groups
        self.note.setText(note)
        self.presets.choose(preset)
        for part in (self.presets, self.export, self.load, self.simulation.button, self.detectors.button):
            part.setEnabled(editable)
        for group in groups:
            for shown in group.rows:
                widget = self.rows[shown.preference.name]
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
            self.search.clear()
            widget.focus()
        return widget

    def _place(self, groups: tuple[Group, ...]) -> None:
        self.body.addLayout(row(label(self.accessibleName(), "title"), None, self.presets))
        files = row(spacing=8)
        files.addWidget(self.search, 1)
        files.addWidget(self.export)
        files.addWidget(self.load)
        self.body.addLayout(files)
        self.body.addWidget(self.note)
        self.body.addWidget(self.nothing)
        left, right = column(spacing=GAP), column(spacing=GAP)
        weeks: list[WeekCard] = []
        for group in groups:
            for shown in group.rows:
                if shown.preference.kind == "week":
                    week = self.rows[shown.preference.name] = WeekCard(self._theme, shown)
                    week.changed.connect(self.changed)
                    weeks.append(week)
            (left if group.name in LEFT else right).addWidget(self._make_card(group))
        left.addStretch(1)
        right.addStretch(1)
        self._columns = row(spacing=GAP)
        self._columns.addLayout(left, 1)
        self._columns.addLayout(right, 1)
        self.body.addLayout(self._columns)
        for card in (*weeks, self.simulation, self.detectors, self.about):
            self.body.addWidget(card)
        self.body.addStretch(1)

    def _make_card(self, group: Group) -> Card:
        hint = label(group.hint, "dim", wrap=True)
        hint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = row(label(group.title, "heading"), spacing=12)
        head.addWidget(hint, 1)
        card = self._cards[group.name] = Card(head, spacing=9)
        for shown in group.rows:
            if shown.preference.kind == "week":
                continue
            name = shown.preference.name
            line = self._lines[name] = QFrame()
            line.setProperty("role", "hairline")
            line.setVisible(card.body.count() > 1)
            widget = self.rows[name] = PreferenceRow(self._theme, shown)
            widget.changed.connect(self.changed)
            card.body.addWidget(line)
            card.body.addWidget(widget)
        return card

    def _on_search(self, words: str) -> None:
        """Only rows that have these words, and cards with such rows."""
        found_any = False
        for group in self._groups:
            found = False
            for shown in group.rows:
                name, hit = shown.preference.name, matches(shown, words)
                self.rows[name].setVisible(hit)
                found_any = found_any or hit
                if name in self._lines:
                    self._lines[name].setVisible(hit and found)
                    found = found or hit
            self._cards[group.name].setVisible(found)
        self.simulation.setVisible(not words)
        self.detectors.setVisible(not words)
        self.about.setVisible(not words and bool(self.about.text()))
        self.nothing.setVisible(not found_any)

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, translate("Preferences", "Export preferences"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile("hivelet-preferences.toml")
        self._open(dialog, self.export_asked)

    def _ask_which(self) -> None:
        dialog = QFileDialog(self, translate("Preferences", "Import preferences"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._open(dialog, self.import_asked)

    @staticmethod
    def _open(dialog: QFileDialog, told: object) -> None:
        """Not modal for the event loop: nothing else waits for the person."""
        dialog.setNameFilters(["TOML (*.toml)", "* (*)"])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: told.emit(Path(path)))  # type: ignore[attr-defined]
        dialog.open()
