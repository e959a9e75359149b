"""Asked once on the way out: what becomes of the engine."""

from functools import partial
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from app.views.widgets import button, column, label, row

Choice = Literal["finish", "stop", "leave", "cancel"]

_OPTIONS: tuple[tuple[Choice, str, str], ...] = (
    ("finish", "Finish, then stop", "Completes the work under way and saves it. Takes a few seconds."),
    ("stop", "Stop now", "Saves the experts and stops at once; the batch under way is dropped."),
    ("leave", "Leave it working", "Only the window goes. Starting Hivelet again brings it back."),
)


class QuitDialog(QDialog):
    """`choice` holds the answer when it is done; Escape cancels."""

    def __init__(self, parent: QWidget | None, tray: bool) -> None:
        super().__init__(parent)
        self.choice: Choice = "cancel"
        self.setWindowTitle("Quit Hivelet")
        self.setModal(True)
        why = (
            "The engine works on without its window if you like."
            if tray
            else "This desktop shows no tray icons, so Hivelet cannot wait there. The engine works on if you like."
        )
        layout = column(label("What shall the engine do?", "heading"), label(why, "sub", wrap=True), 8, spacing=6)
        for choice, words, consequence in _OPTIONS:
            part = button(words, "primary" if choice == "finish" else "", partial(self._answer, choice))
            part.setMinimumWidth(160)
            part.setAccessibleDescription(consequence)
            part.setAutoDefault(choice == "finish")
            part.setDefault(choice == "finish")
            line = row(part, spacing=14)
            line.addWidget(label(consequence, "dim", wrap=True), 1)
            layout.addLayout(line)
        cancel = button("Cancel", "", self.reject)
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
