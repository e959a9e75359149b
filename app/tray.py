"""The tray icon: state by shape, tooltip, and the few things one does most."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.icons import TRAY_SIZES, icon
from app.tokens import LIGHT
from app.viewmodels.pauses import CHOICES
from app.viewmodels.tray import BUDGETS, TrayState

NEUTRAL = "#8a877e"
COLOURS = {
    "working": LIGHT.amber,
    "paused": NEUTRAL,
    "guarded": LIGHT.amber,
    "offline": NEUTRAL,
    "error": "#d95f50",
}
"""Readable on dark and on light panels alike; the shape carries the meaning."""


class Tray(QObject):
    """open_asked() · paused(choice) · resume_asked() · budget_chosen(percent) · quit_asked()."""

    open_asked = Signal()
    paused = Signal(str)
    resume_asked = Signal()
    budget_chosen = Signal(int)
    quit_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._icons: dict[str, QIcon] = {}
        self._shown: TrayState | None = None
        self.menu = QMenu()
        self._add("Open Hivelet", self.open_asked.emit)
        self.menu.addSeparator()
        self.pause_menu = self.menu.addMenu("Pause")
        for choice in CHOICES:
            action = self.pause_menu.addAction(choice.label)
            action.triggered.connect(lambda _checked=False, key=choice.key: self.paused.emit(key))
        self.resume = self._add("Resume", self.resume_asked.emit)
        self.budget_menu = self.menu.addMenu("Budget")
        self._budgets = QActionGroup(self)
        self.budgets: dict[int, QAction] = {}
        for percent in BUDGETS:
            action = self.budget_menu.addAction(f"{percent} %")
            action.setCheckable(True)
            action.triggered.connect(lambda _checked=False, percent=percent: self.budget_chosen.emit(percent))
            self._budgets.addAction(action)
            self.budgets[percent] = action
        self.menu.addSeparator()
        self._add("Quit…", self.quit_asked.emit)
        self.icon = QSystemTrayIcon()
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._on_activated)

    @staticmethod
    def available() -> bool:
        """Whether this desktop shows tray icons now."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show_state(self, state: TrayState) -> None:
        """Icon, tooltip and what can be chosen."""
        if state == self._shown:
            return
        if self._shown is None or state.icon != self._shown.icon:
            if state.icon not in self._icons:
                self._icons[state.icon] = icon(f"tray-{state.icon}", TRAY_SIZES, COLOURS[state.icon])
            self.icon.setIcon(self._icons[state.icon])
        self._shown = state
        self.icon.setToolTip(state.tooltip)
        self.pause_menu.setEnabled(state.can_pause)
        self.resume.setEnabled(state.can_resume)
        self.budget_menu.setEnabled(state.can_budget)
        self._budgets.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        for percent, action in self.budgets.items():
            action.setChecked(percent == state.budget)

    def show(self) -> None:
        """Appear in the tray."""
        self.icon.show()

    def hide(self) -> None:
        """Leave the tray."""
        self.icon.hide()

    def tell(self, title: str, text: str) -> None:
        """A notification that asks for nothing."""
        self.icon.showMessage(title, text, self.icon.icon())

    def _add(self, words: str, slot: object) -> QAction:
        action = self.menu.addAction(words)
        action.triggered.connect(lambda _checked=False: slot())  # type: ignore[operator]
        return action

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.open_asked.emit()
