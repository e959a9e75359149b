"""The page on which the project's model is tried: a prompt, and letters as they come, coloured by expert."""

from bisect import bisect_right

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QLineEdit, QStackedLayout, QTextEdit, QWidget

from app.theme import Theme
from app.tokens import GAP
from app.viewmodels.empty import Empty
from app.viewmodels.trial import HUES, LENGTHS, MOST_EXPERTS, Piece, Served, read_out
from app.views.bars import BarList
from app.views.controls import Segments
from app.views.widgets import Card, EmptyState, Page, button, column, label, row

PROMPT_CHARS = 1000
TINT = {"light": 0.26, "dark": 0.34}


class PieceText(QTextEdit):
    """Text in pieces, each on a tint of its own. pointed(str): who made the piece under the pointer."""

    pointed = Signal(str)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._pieces: list[Piece] = []
        self._prompt = ""
        self._starts: list[int] = []  # in the document, in Qt's own units
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptRichText(False)
        self.setAccessibleName(name)
        self.setProperty("role", "plain")
        self.viewport().setMouseTracking(True)
        self.viewport().installEventFilter(self)
        theme.changed.connect(lambda _tokens: self._again())

    def begin(self, prompt: str) -> None:
        """A new text that continues this."""
        self._prompt, self._pieces, self._starts = prompt, [], []
        self.clear()
        faint = QTextCharFormat()
        faint.setForeground(QColor(self._theme.tokens.dim))
        self._end().insertText(prompt, faint)

    def add(self, pieces: tuple[Piece, ...]) -> None:
        """More of it."""
        cursor = self._end()
        bar = self.verticalScrollBar()
        follow = bar.value() >= bar.maximum() - 4
        cursor.beginEditBlock()
        for piece in pieces:
            self._pieces.append(piece)
            self._starts.append(cursor.position())
            cursor.insertText(piece.text, self._format(piece))
        cursor.endEditBlock()
        if follow:
            bar.setValue(bar.maximum())

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """The pointer, wherever it is over the text."""
        if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            place = self.cursorForPosition(event.position().toPoint()).position()
            index = bisect_right(self._starts, place) - 1
            self.pointed.emit(read_out(self._pieces[index]) if 0 <= index < len(self._pieces) else "")
        return False

    def _end(self) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        return cursor

    def _format(self, piece: Piece) -> QTextCharFormat:
        result = QTextCharFormat()
        result.setForeground(QColor(self._theme.tokens.ink))
        if piece.hue >= 0:
            tint = QColor.fromHslF(piece.hue / HUES, 0.65, 0.5)
            tint.setAlphaF(TINT[self._theme.tokens.name])
            result.setBackground(tint)
        return result

    def _again(self) -> None:
        pieces = tuple(self._pieces)
        self.begin(self._prompt)
        self.add(pieces)


class TrialPage(Page):
    """asked(prompt, length) · stop_asked() · acted(action)."""

    asked = Signal(str, int)
    stop_asked = Signal()
    acted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(self.tr("Try it"))
        self._running = False
        self.summary = label(role="dim")
        self.prompt = QLineEdit()
        self.prompt.setMaxLength(PROMPT_CHARS)
        self.prompt.setPlaceholderText(self.tr("Begin a text, and the model goes on"))
        self.prompt.setAccessibleName(self.tr("Beginning of the text"))
        self.prompt.returnPressed.connect(self._on_return)
        self.lengths = Segments([(str(n), f"{n}") for n in LENGTHS], self.tr("Letters to write"))
        self._length = LENGTHS[1]
        self.lengths.choose(str(self._length))
        self.lengths.chosen.connect(self._on_length)
        self.go = button(self.tr("Write"), "primary", self._on_go)
        self.go.setMinimumWidth(110)
        self.text = PieceText(theme, self.tr("What the model wrote"))
        self.text.pointed.connect(self._on_pointed)
        self.pointed = label(role="dim", wrap=True)
        self.problem = label(role="error", wrap=True)
        self.problem.hide()
        self.experts = BarList(theme, MOST_EXPERTS, "blue")
        self.experts_hint = label(self.tr("The experts that the gate picks, and who served them."), "dim", wrap=True)
        self.empty = EmptyState()
        self.empty.acted.connect(self.acted)
        self._stack = QStackedLayout()
        self._stack.addWidget(Card(self.empty))
        self._stack.addWidget(self._make_content())
        self.body.addLayout(row(label(self.tr("Try it"), "title"), None, self.summary))
        self.body.addLayout(self._stack, 1)
        self._on_pointed("")

    def show_empty(self, empty: Empty | None) -> None:
        """What stands instead of the page, or nothing."""
        if empty is not None:
            self.empty.show_empty(empty)
        self._stack.setCurrentIndex(0 if empty is not None else 1)

    def show_running(self, running: bool, problem: str = "") -> None:
        """Whether a text is being written, and what went wrong."""
        self._running = running
        self.go.setText(self.tr("Stop") if running else self.tr("Write"))
        self.prompt.setEnabled(not running)
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def show_served(self, summary: str, served: tuple[Served, ...]) -> None:
        """Who did how much."""
        self.summary.setText(summary)
        self.experts.show_bars([(each.name, each.share, each.figure) for each in served])

    def _make_content(self) -> QWidget:
        ask = row(spacing=10)
        ask.addWidget(self.prompt, 1)
        ask.addWidget(self.lengths)
        ask.addWidget(self.go)
        paper = Card(self.text, self.pointed, spacing=6)
        who = Card(label(self.tr("Experts"), "heading"), self.experts_hint, 4, self.experts, None, spacing=6)
        who.setMinimumWidth(230)
        below = row(spacing=GAP)
        below.addWidget(paper, 7)
        below.addWidget(who, 4)
        content = QWidget()
        layout = column(Card(ask, self.problem, margins=(14, 12)), spacing=GAP)
        layout.addLayout(below, 1)
        content.setLayout(layout)
        return content

    def _on_length(self, key: str) -> None:
        self._length = int(key)

    def _on_return(self) -> None:
        if not self._running:
            self._on_go()

    def _on_go(self) -> None:
        if self._running:
            self.stop_asked.emit()
        else:
            self.asked.emit(self.prompt.text(), self._length)

    def _on_pointed(self, words: str) -> None:
        hint = self.tr("Point at a letter to see which experts made it, and where they live.")
        self.pointed.setText(words or hint)
        self.pointed.setAlignment(Qt.AlignmentFlag.AlignLeft)
