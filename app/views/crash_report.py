"""What is known about an engine that stopped: readable, to be copied whole, and nothing in it that names the person."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from app.translation import translate
from app.views.controls import copy_button
from app.views.widgets import button, column, label, row


class CrashReport(QDialog):
    """retry_asked() · copied(text)."""

    retry_asked = Signal()
    copied = Signal(str)

    def __init__(self, parent: QWidget | None, sentence: str, report: str, can_retry: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Crash", "What happened to the engine"))
        self.text = QPlainTextEdit(report)
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.text.setAccessibleName(translate("Crash", "The engine's last words"))
        self.retry = button(translate("Crash", "Start it again"), "primary", self._on_retry)
        self.retry.setEnabled(can_retry)
        close = button(translate("Crash", "Close"), "", self.reject)
        advice = translate("Crash", "Experts are saved as they learn. If it happens again, send this to the organiser.")
        layout = column(
            label(sentence, "heading", wrap=True),
            label(advice, "sub", wrap=True),
            self.text,
            row(copy_button(lambda: self.copied.emit(self.text.toPlainText())), None, close, self.retry),
            spacing=10,
        )
        layout.setContentsMargins(24, 20, 24, 18)
        self.setLayout(layout)
        self.resize(640, 440)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)

    def _on_retry(self) -> None:
        self.accept()
        self.retry_asked.emit()
