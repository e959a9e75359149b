"""The mini window: what the tray icon would be, on desktops that show none."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QMenu, QWidget

from app.translation import translate
from app.tray import tray_icon
from app.viewmodels.pauses import choices
from app.viewmodels.tray import RING_STEPS, TrayState
from app.views.widgets import button, column, label, row

ICON_PX = 40


class MiniWindow(QWidget):
    """open_asked() · paused(choice) · resume_asked() · quit_asked(): also when it is closed."""

    open_asked = Signal()
    paused = Signal(str)
    resume_asked = Signal()
    quit_asked = Signal()

    def __init__(self) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.WindowStaysOnTopHint)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Hivelet mini")
        self.may_close = False
        self._shown: TrayState | None = None
        self._picture = QLabel()
        self._words = label(wrap=True)
        self._words.setMinimumWidth(220)
        self.menu = QMenu(self)
        for choice in choices():
            action = self.menu.addAction(choice.label)
            action.triggered.connect(lambda _checked=False, key=choice.key: self.paused.emit(key))
        self.pause = button(translate("Tray", "Pause"))
        self.pause.setMenu(self.menu)
        self.resume = button(translate("Tray", "Resume"), "primary", self.resume_asked.emit)
        self.open = button(translate("Tray", "Open"), "", self.open_asked.emit)
        top = row(self._picture, spacing=12)
        top.addWidget(self._words, 1)
        layout = column(top, row(self.pause, self.resume, self.open, None), spacing=10)
        layout.setContentsMargins(16, 14, 16, 14)
        self.setLayout(layout)

    def show_state(self, state: TrayState) -> None:
        """As the tray icon shows it."""
        if state == self._shown:
            return
        before, self._shown = self._shown, state
        if before is None or (before.icon, before.ring) != (state.icon, state.ring):
            picture = tray_icon(state.icon, state.ring / RING_STEPS, monochrome=False)
            self._picture.setPixmap(picture.pixmap(ICON_PX, ICON_PX))
        self._words.setText(state.words)
        self.pause.setVisible(state.can_pause and not state.can_resume)
        self.resume.setVisible(state.can_resume)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.may_close:
            event.accept()
        else:
            event.ignore()
            self.quit_asked.emit()
