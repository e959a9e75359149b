"""Joining and leaving: a place for links and files, what a project says about itself, and the list of projects."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.viewmodels.joining import MOST_CHARS, ProjectCard
from app.views.widgets import Card, ElidedLabel, button, column, label, row

FACTS = 6


class JoinBar(Card):
    """A link or file to look at. asked(what)."""

    asked = Signal(str)

    def __init__(self) -> None:
        self.field = QLineEdit()
        self.look = button("", "", self._on_look)
        self.file = button("", "", self._ask_file)
        self.problem = label(role="error", wrap=True)
        self.problem.hide()
        self.note = label(role="good", wrap=True)
        self.note.hide()
        line = row(spacing=10)
        line.addWidget(self.field, 1)
        line.addWidget(self.look)
        line.addWidget(self.file)
        self.heading = label(role="heading")
        super().__init__(self.heading, line, self.problem, self.note, spacing=8)
        self.heading.setText(self.tr("Join a project"))
        self.look.setText(self.tr("Look at it"))
        self.file.setText(self.tr("Choose a file…"))
        self.field.setMaxLength(MOST_CHARS)
        self.field.setPlaceholderText(self.tr("hivelet://join?…   paste a link, or drop a project file anywhere here"))
        self.field.setAccessibleName(self.tr("Link or project file"))
        self.field.returnPressed.connect(self._on_look)

    def say(self, problem: str = "", note: str = "") -> None:
        """What became of it."""
        for part, words in ((self.problem, problem), (self.note, note)):
            part.setText(words)
            part.setVisible(bool(words))

    def _on_look(self) -> None:
        if self.field.text().strip():
            self.asked.emit(self.field.text().strip())

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Project file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self.tr("Project files (*.toml)"))
        dialog.fileSelected.connect(self.asked)
        dialog.open()


class OfferCard(Card):
    """What one project says about itself, before joining. joined(what) · put_away()."""

    joined = Signal(str)
    put_away = Signal()

    def __init__(self) -> None:
        self._what = ""
        self.title = label(role="name", wrap=True)
        self.facts = [(label(role="dim"), label(wrap=True)) for _ in range(FACTS)]
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for place, (name, words) in enumerate(self.facts):
            grid.addWidget(name, place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words, place, 1)
        self.join = button("", "primary", lambda: self.joined.emit(self._what))
        self.no = button("", "")
        self.hint = label(role="dim", wrap=True)
        line = row(spacing=10)
        line.addWidget(self.hint, 1)
        line.addWidget(self.no)
        line.addWidget(self.join)
        super().__init__(self.title, grid, 4, line, spacing=8)
        self.no.setText(self.tr("Not now"))
        self.no.clicked.connect(lambda _checked=False: self.put_away.emit())
        self.hide()

    def show_offer(self, card: ProjectCard | None) -> None:
        """This project, or none."""
        self.setVisible(card is not None)
        if card is None:
            return
        self._what = card.what
        self.title.setText(card.title)
        for (name, words), (shown, text) in zip(self.facts, card.facts, strict=False):
            name.setText(shown)
            words.setText(text)
        self.join.setText(self.tr("Work on it") if card.joined else self.tr("Join"))
        self.join.setEnabled(not card.current)
        at_work = self.tr("This project is at work already.")
        next_start = self.tr("The engine takes it up when it is started again. Experts of other projects stay saved.")
        self.hint.setText(at_work if card.current else next_start)
        self.setAccessibleName(self.tr("About {title}").format(title=card.title))


class ProjectList(Card):
    """Every project that this computer knows. looked(name) · left(project_id)."""

    looked = Signal(str)
    left = Signal(str)

    def __init__(self) -> None:
        self._cards: tuple[ProjectCard, ...] = ()
        self.rows = QVBoxLayout()
        self.rows.setSpacing(6)
        self.heading = label(role="heading")
        super().__init__(self.heading, self.rows, spacing=8)
        self.heading.setText(self.tr("Projects on this computer"))
        self.hide()

    def show_projects(self, cards: tuple[ProjectCard, ...]) -> None:
        """These, from the top."""
        if cards == self._cards:
            return
        self._cards = cards
        while (item := self.rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for card in cards:
            self.rows.addWidget(self._row(card))
        self.setVisible(bool(cards))

    def _row(self, card: ProjectCard) -> QWidget:
        title = ElidedLabel("")
        title.show_text(card.title)
        state = ElidedLabel("dim")
        state.show_text(f"{card.state} · {card.publisher}" if card.state else card.publisher)
        look = button(self.tr("About…"), "small", partial(self.looked.emit, card.what))
        look.setAccessibleName(self.tr("About {title}").format(title=card.title))
        leave: QPushButton = button(self.tr("Leave"), "small", partial(self.left.emit, card.project_id))
        leave.setAccessibleName(self.tr("Leave {title}").format(title=card.title))
        leave.setVisible(card.joined)
        line = row(spacing=10)
        line.addLayout(column(title, state, spacing=0), 1)
        line.addWidget(look)
        line.addWidget(leave)
        result = QWidget()
        result.setLayout(line)
        return result
