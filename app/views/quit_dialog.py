"""Asked once on the way out: what becomes of the engine."""

from functools import partial
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from app.translation import translate
from app.views.widgets import button, column, label, row

Choice = Literal["finish", "stop", "leave", "mini", "cancel"]


def _options(tray: bool) -> tuple[tuple[Choice, str, str], ...]:
    """(choice, words, consequence)."""
    finish = translate("Quit", "Completes the work under way and saves it. Takes a few seconds.")
    stop = translate("Quit", "Saves the experts and stops at once; the batch under way is dropped.")
    leave = translate("Quit", "Only the window goes. Starting Hivelet again brings it back.")
    mini = translate("Quit", "A small one with state and pause, instead of the tray icon.")
    always: tuple[tuple[Choice, str, str], ...] = (
        ("finish", translate("Quit", "Finish, then stop"), finish),
        ("stop", translate("Quit", "Stop now"), stop),
        ("leave", translate("Quit", "Leave it working"), leave),
    )
    return always if tray else (*always, ("mini", translate("Quit", "Keep a mini window"), mini))


class QuitDialog(QDialog):
    """`choice` holds the answer when it is done; Escape cancels."""

    def __init__(self, parent: QWidget | None, tray: bool) -> None:
        super().__init__(parent)
        self.choice: Choice = "cancel"
        self.setWindowTitle(translate("Quit", "Quit Hivelet"))
        self.setModal(True)
        why = translate("Quit", "The engine works on without its window if you like.")
        if not tray:
            why = f"{translate('Quit', 'This desktop shows no tray icons, so Hivelet cannot wait there.')} {why}"
        question = label(translate("Quit", "What shall the engine do?"), "heading")
        layout = column(question, label(why, "sub", wrap=True), 8, spacing=6)
        for choice, words, consequence in _options(tray):
            part = button(words, "primary" if choice == "finish" else "", partial(self._answer, choice))
            part.setMinimumWidth(160)
            part.setAccessibleDescription(consequence)
            part.setAutoDefault(choice == "finish")
            part.setDefault(choice == "finish")
            line = row(part, spacing=14)
            line.addWidget(label(consequence, "dim", wrap=True), 1)
            layout.addLayout(line)
        cancel = button(translate("Quit", "Cancel"), "", self.reject)
        cancel.setAutoDefault(False)
        layout.addSpacing(6)
        layout.addLayout(row(None, cancel))
        layout.setContentsMargins(24, 20, 24, 18)
        self.setLayout(layout)
        self.setMinimumWidth(520)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)

    def _answer(self, choice: Choice) -> None:
        self.choice = choice
        self.accept()
