"""The tray icon: state by shape, tooltip, and the few things one does most."""

import sys

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.icons import TRAY_SIZES, pixmap
from app.tokens import LIGHT
from app.translation import translate
from app.viewmodels.pauses import choices
from app.viewmodels.tray import BUDGETS, RING_STEPS, TrayState

NEUTRAL = "#8a877e"
COLOURS = {
    "working": LIGHT.amber,
    "paused": NEUTRAL,
    "guarded": LIGHT.amber,
    "offline": NEUTRAL,
    "error": "#d95f50",
}
"""Readable on dark and on light panels alike; the shape carries the meaning."""
_INSIDE = 0.66
"""The part of the icon that the hexagon takes when a ring is drawn around it."""


class Tray(QObject):
    """open_asked() · paused(choice) · resume_asked() · budget_chosen(percent) · quit_asked() · told_clicked(): the
    last notification was clicked."""

    open_asked = Signal()
    paused = Signal(str)
    resume_asked = Signal()
    budget_chosen = Signal(int)
    quit_asked = Signal()
    told_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._icons: dict[tuple[str, int], QIcon] = {}
        self._shown: TrayState | None = None
        self.menu = QMenu()
        self.state = self.menu.addAction("")
        self.state.setEnabled(False)
        self._add(translate("Tray", "&Open Hivelet"), self.open_asked.emit)
        self.menu.addSeparator()
        self.pause_menu = self.menu.addMenu(translate("Tray", "&Pause"))
        for choice in choices():
            action = self.pause_menu.addAction(choice.label)
            action.triggered.connect(lambda _checked=False, key=choice.key: self.paused.emit(key))
        self.resume = self._add(translate("Tray", "&Resume"), self.resume_asked.emit)
        self.budget_menu = self.menu.addMenu(translate("Tray", "&Budget"))
        self._budgets = QActionGroup(self)
        self.budgets: dict[int, QAction] = {}
        for percent in BUDGETS:
            action = self.budget_menu.addAction(f"{percent} %")
            action.setCheckable(True)
            action.triggered.connect(lambda _checked=False, percent=percent: self.budget_chosen.emit(percent))
            self._budgets.addAction(action)
            self.budgets[percent] = action
        self.menu.addSeparator()
        self._add(translate("Tray", "&Quit…"), self.quit_asked.emit)
        self.icon = QSystemTrayIcon()
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._on_activated)
        self.icon.messageClicked.connect(self.told_clicked)

    @staticmethod
    def available() -> bool:
        """Whether this desktop shows tray icons now."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show_state(self, state: TrayState) -> None:
        """Icon, tooltip and what can be chosen."""
        if state == self._shown:
            return
        before, self._shown = self._shown, state
        if before is None or (state.icon, state.ring) != (before.icon, before.ring):
            self.icon.setIcon(self._icon(state.icon, state.ring))
        self.icon.setToolTip(state.tooltip)
        self.state.setText(state.words.replace("&", "&&"))
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
        """A notification; clicking it tells `told_clicked`."""
        self.icon.showMessage(title, text, self.icon.icon())

    def _icon(self, name: str, ring: int) -> QIcon:
        if (name, ring) not in self._icons:
            self._icons[name, ring] = tray_icon(name, ring / RING_STEPS)
        return self._icons[name, ring]

    def _add(self, words: str, slot: object) -> QAction:
        action = self.menu.addAction(words)
        action.triggered.connect(lambda _checked=False: slot())  # type: ignore[operator]
        return action

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.open_asked.emit()


def tray_icon(name: str, share: float, monochrome: bool = sys.platform == "darwin") -> QIcon:
    """One state's icon in every size. share: how far the ring around it is drawn, 0 for none; monochrome: a mask that
    the system colours itself."""
    colour = "#000000" if monochrome else COLOURS[name]
    result = QIcon()
    for size in TRAY_SIZES:
        result.addPixmap(pixmap(f"tray-{name}", size, colour) if share <= 0 else _ringed(name, size, colour, share))
    result.setIsMask(monochrome)
    return result


def _ringed(name: str, size: int, colour: str, share: float) -> QPixmap:
    inner = max(8, round(size * _INSIDE))
    result = pixmap(f"tray-{name}", size, colour)
    result.fill(Qt.GlobalColor.transparent)
    width = max(1.5, size * 0.085)
    circle = QRectF(width / 2, width / 2, size - width, size - width)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    faint = QColor(colour)
    faint.setAlphaF(0.3)
    painter.setPen(QPen(faint, width))
    painter.drawEllipse(circle)
    painter.setPen(QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawArc(circle, 90 * 16, -round(360 * 16 * share))
    place = (size - inner) / 2
    painter.drawPixmap(QRectF(place, place, inner, inner).toRect(), pixmap(f"tray-{name}", inner, colour))
    painter.end()
    return result
