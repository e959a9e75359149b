"""The log page: filter, search, follow, copy."""

from functools import partial

from PySide6.QtCore import QAbstractItemModel, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMenu, QStackedLayout

from app.theme import Theme
from app.viewmodels.empty import Empty
from app.views.controls import Segments, Switch, copy_button
from app.views.table import Table
from app.views.widgets import Card, EmptyState, Page, button, label, row

WEIGHTS = (0.9, 1.1, 1.7, 7.3)
MINIMUMS = (78, 92, 120, 0)
LOG_ROW_HEIGHT = 28


class LogPage(Page):
    """level_chosen(level) · searched(words) · copy_asked() · diagnostics_asked(path, with addresses) · acted(key)."""

    level_chosen = Signal(int)
    searched = Signal(str)
    copy_asked = Signal()
    diagnostics_asked = Signal(str, bool)
    acted = Signal(str)

    def __init__(self, theme: Theme, model: QAbstractItemModel) -> None:
        super().__init__(self.tr("Log"))
        self.table = Table(theme, model, self.tr("Log lines"), WEIGHTS, MINIMUMS, sortable=False)
        self.table.verticalHeader().setDefaultSectionSize(LOG_ROW_HEIGHT)
        self.levels = Segments(
            [("0", self.tr("All")), ("20", self.tr("Info")), ("30", self.tr("Warnings")), ("40", self.tr("Errors"))],
            self.tr("Least important level"),
        )
        self.levels.choose("20")
        self.levels.chosen.connect(lambda key: self.level_chosen.emit(int(key)))
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search the log"))
        self.search.setAccessibleName(self.tr("Search the log"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.searched)
        self.follow = Switch(theme, self.tr("Follow the newest line"))
        self.follow.setChecked(True)
        self.follow.toggled.connect(self._on_follow)
        self.copy = copy_button(self.copy_asked.emit)
        self.copy.setToolTip(self.tr("Copies the lines that are shown."))
        self.diagnostics = button(self.tr("Diagnostics ▾"), "", self._open_menu)
        self.diagnostics.setAccessibleName(self.tr("Save diagnostics"))
        self.diagnostics_menu = self._make_menu()
        self.empty = EmptyState()
        self.empty.acted.connect(self.acted)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        follow_words = label(self.tr("Follow"), "dim")
        self.body.addLayout(
            row(label(self.tr("Log"), "title"), None, self.follow, follow_words, 6, self.copy, self.diagnostics)
        )
        tools = row(self.levels, 4)
        tools.addWidget(self.search, 1)
        self.body.addLayout(tools)
        card = Card(margins=(14, 8))
        card.body.addLayout(self._stack)
        self.body.addWidget(card, 1)
        model.rowsInserted.connect(lambda: self._on_follow(self.follow.isChecked()))
        self.table.verticalScrollBar().actionTriggered.connect(self._on_scrolled)

    def show_state(self, empty: Empty | None, has_lines: bool, has_matches: bool) -> None:
        """The lines, or what stands instead of them. has_matches: some pass the filter."""
        if empty is None and not has_lines:
            empty = Empty(self.tr("Nothing logged yet"), self.tr("What the engine does appears here, line by line."))
        elif empty is None and not has_matches:
            sentence = self.tr("No line passes the filter above.")
            empty = Empty(self.tr("Nothing found"), sentence, "show_all", self.tr("Show all lines"))
        if empty is not None:
            self.empty.show_empty(empty)
        index = 0 if empty is not None else 1
        if index != self._stack.currentIndex():
            self._stack.setCurrentIndex(index)
            self._on_follow(self.follow.isChecked())

    def show_all(self) -> None:
        """Take the filter away."""
        self.search.clear()
        self.levels.choose("0")
        self.level_chosen.emit(0)

    def _make_menu(self) -> QMenu:
        """Both choices say what is left out; nothing is sent anywhere."""
        menu = QMenu(self)
        for words, addresses in (
            (self.tr("Save without keys, home folder and addresses…"), False),
            (self.tr("Save with the addresses of peers…"), True),
        ):
            menu.addAction(words).triggered.connect(partial(self._ask_where, addresses))
        return menu

    def _open_menu(self) -> None:
        self.diagnostics_menu.popup(self.diagnostics.mapToGlobal(self.diagnostics.rect().bottomLeft()))

    def _ask_where(self, addresses: bool, _checked: bool = False) -> None:
        dialog = QFileDialog(self, self.tr("Save diagnostics"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Text (*.txt)"))
        dialog.setDefaultSuffix("txt")
        dialog.selectFile("hivelet-diagnostics.txt")
        dialog.fileSelected.connect(lambda path: self.diagnostics_asked.emit(path, addresses))
        dialog.open()

    def _on_scrolled(self, _action: int) -> None:
        """Whoever scrolls up wants to read; whoever comes back to the end wants to follow."""
        bar = self.table.verticalScrollBar()
        self.follow.setChecked(bar.sliderPosition() >= bar.maximum())

    def _on_follow(self, follow: bool) -> None:
        if follow:
            self.table.scrollToBottom()
