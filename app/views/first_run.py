"""The three screens of the first start, in the window itself. Each can be skipped; nothing is computed before."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QButtonGroup, QLabel, QLineEdit, QRadioButton, QScrollArea, QStackedWidget, QWidget

from app.icons import pixmap
from app.translation import translate
from app.viewmodels.first_run import SUGGESTED, PresetChoice, what_it_is, what_it_is_not
from app.views.widgets import Card, Page, button, column, label, row

WIDEST = 720
HIGHEST = 560
BRAND_PX = 44


class FirstRun(Page):
    """done(preset, link): the person's answers; preset "" and link "" when skipped."""

    done = Signal(str, str)

    def __init__(self, choices: Sequence[PresetChoice]) -> None:
        super().__init__(translate("First", "Welcome to Hivelet"))
        self._choices: dict[str, tuple[QRadioButton, QLabel]] = {}
        self._group = QButtonGroup(self)
        self.link = QLineEdit()
        self.link.setPlaceholderText("hivelet://join?project=…")
        self.link.setAccessibleName(translate("First", "Join link"))
        self.builtin = QRadioButton(translate("First", "Start with the built-in project"))
        self.join = QRadioButton(translate("First", "Join the project of an invitation"))
        self.steps = QStackedWidget()
        self.steps.setObjectName("pages")
        for made in (self._about(), self._limits(choices), self._project()):
            self.steps.addWidget(made)
        self.count = label(role="dim")
        self.skip = button(
            translate("First", "Skip, with gentle settings"), "link", lambda: self.done.emit("gentle", "")
        )
        self.back = button(translate("First", "Back"), "", lambda: self._go(-1))
        self.next = button(translate("First", "Next"), "primary", lambda: self._go(1))
        self.next.setDefault(True)
        whole = column(self.steps, row(self.skip, None, self.count, self.back, self.next, spacing=12), spacing=16)
        frame = QWidget()
        frame.setMaximumSize(WIDEST, HIGHEST)  # in the middle of a large window, and all of a small one
        frame.setLayout(whole)
        self.body.addStretch(1)
        line = row(spacing=0)
        line.addStretch(1)
        line.addWidget(frame, 100)
        line.addStretch(1)
        self.body.addLayout(line, 100)
        self.body.addStretch(1)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """The keyboard begins at the button that goes on."""
        super().showEvent(event)
        self.next.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_choices(self, choices: Sequence[PresetChoice], unused_card: str = "") -> None:
        """The forecast follows what the engine has measured. unused_card: what it says of a graphics card."""
        if self.unused_card.text() != unused_card:
            self.unused_card.setText(unused_card)
            self.unused_card.setVisible(bool(unused_card))
        for choice in choices:
            words = self._choices[choice.name][1]
            if words.text() != choice.forecast:
                words.setText(choice.forecast)

    def offer(self, link: str) -> None:
        """A link that was clicked elsewhere is the suggestion of the last screen."""
        self.link.setText(link)
        self.join.setChecked(True)

    def _go(self, step: int) -> None:
        index = self.steps.currentIndex() + step
        if index < self.steps.count():
            self.steps.setCurrentIndex(max(0, index))
            self.refresh()
            return
        preset = next((name for name, (radio, _) in self._choices.items() if radio.isChecked()), SUGGESTED)
        self.done.emit(preset, self.link.text().strip() if self.join.isChecked() else "")

    def refresh(self) -> None:
        """The buttons that fit the present screen."""
        index, last = self.steps.currentIndex(), self.steps.count() - 1
        self.back.setVisible(index > 0)
        self.next.setText(translate("First", "Start") if index == last else translate("First", "Next"))
        self.count.setText(translate("First", "{n} of {all}").format(n=index + 1, all=last + 1))
        self.next.setFocus(Qt.FocusReason.OtherFocusReason)

    def _about(self) -> QWidget:
        picture = QLabel()
        picture.setPixmap(pixmap("hivelet", BRAND_PX, ratio=self.devicePixelRatioF()))
        head = row(picture, label(self.accessibleName(), "title"), None, spacing=14)
        good = Card(label(translate("First", "What it does"), "heading"), spacing=8)
        bad = Card(label(translate("First", "What it does not"), "heading"), spacing=8)
        for card, lines, mark in ((good, what_it_is(), "✓"), (bad, what_it_is_not(), "–")):
            for words in lines:
                line = row(label(mark, "good" if mark == "✓" else "dim"), spacing=10)
                line.addWidget(label(words, wrap=True), 1)
                card.body.addLayout(line)
        return _screen(head, good, bad)

    def _limits(self, choices: Sequence[PresetChoice]) -> QWidget:
        cards: list[QWidget] = []
        for choice in choices:
            radio = QRadioButton(choice.title)
            radio.setProperty("role", "heading")
            radio.setChecked(choice.name == SUGGESTED)
            radio.setAccessibleDescription(f"{choice.sentence} {choice.limits}")
            self._group.addButton(radio)
            expected = label(choice.forecast, "good", wrap=True)
            self._choices[choice.name] = (radio, expected)
            cards.append(
                Card(
                    radio,
                    label(choice.sentence, wrap=True),
                    label(choice.limits, "dim", wrap=True),
                    expected,
                    spacing=3,
                )
            )
        title = label(translate("First", "How much may it use?"), "title")
        changeable = label(translate("First", "All of it can be changed at any time."), "dim", wrap=True)
        self.unused_card = label(role="dim", wrap=True)
        self.unused_card.hide()
        return _screen(title, *cards, self.unused_card, changeable)

    def _project(self) -> QWidget:
        self.builtin.setChecked(True)
        self.link.textEdited.connect(lambda _text: self.join.setChecked(True))
        first = Card(
            self.builtin,
            label(translate("First", "A small language model that learns from a text; a good way to see how it works."),
                  "dim", wrap=True),
            spacing=4,
        )  # fmt: skip
        second = Card(
            self.join,
            label(translate("First", "Paste the link of an organiser. Files can be joined on the page Projects."),
                  "dim", wrap=True),
            self.link,
            spacing=6,
        )  # fmt: skip
        return _screen(label(translate("First", "What shall it work on first?"), "title"), first, second)


class _Screen(QScrollArea):
    def sizeHint(self) -> QSize:
        return QSize(WIDEST, 480)


def _screen(*parts: object) -> QWidget:
    content = QWidget()
    content.setObjectName("page")
    content.setLayout(column(*parts, None, spacing=14))  # type: ignore[arg-type]
    area = _Screen()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area
