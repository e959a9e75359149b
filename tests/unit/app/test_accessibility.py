"""What a screen reader is told and the keyboard reaches, on every page and in every window."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)

from app.presenter import Presenter
from app.theme import Theme
from app.viewmodels.first_run import preset_choices
from app.views.crash_report import CrashReport
from app.views.first_run import FirstRun
from app.views.mini import MiniWindow
from app.views.quit_dialog import QuitDialog
from app.views.week_grid import WeekGrid
from tests.support import snapshots
from tests.support.looks import PAGES, show

INTERACTIVE = (QAbstractButton, QAbstractSlider, QLineEdit, QPlainTextEdit, QComboBox, QAbstractItemView, WeekGrid)
NO_ROLES = (QAccessible.Role.NoRole, QAccessible.Role.Client)
MOST_TABS = 400


def interactive(window: QWidget) -> Iterator[QWidget]:
    """Visible widgets that a person can act on; scroll bars are Qt's own."""
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and isinstance(widget, INTERACTIVE) and not isinstance(widget, QScrollBar):
            yield widget


def unnamed(window: QWidget) -> list[str]:
    """Interactive widgets that a screen reader could not tell from one another."""
    found = []
    for widget in interactive(window):
        told = QAccessible.queryAccessibleInterface(widget)
        own = isinstance(widget.parentWidget(), QLineEdit | QAbstractItemView)  # parts that Qt makes itself
        drawn = isinstance(widget, WeekGrid)  # Qt knows no role for it; its name and description say what it is
        if not own and not (told.text(QAccessible.Text.Name).strip() and (drawn or told.role() not in NO_ROLES)):
            found.append(f"{type(widget).__name__} {widget.objectName()}: {told.role()}")
    return found


def stop(widget: QWidget) -> QObject:
    """Where Tab stops: of a group at one of its buttons, from which the arrow keys lead to the others."""
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    return group or widget


def out_of_reach(window: QWidget) -> set[str]:
    """Interactive widgets that the keyboard never comes to."""
    wanted = {w for w in interactive(window) if w.isEnabled() and w.focusPolicy() & Qt.FocusPolicy.TabFocus}
    stops = {stop(widget) for widget in wanted}
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    next(iter(wanted)).setFocus(Qt.FocusReason.TabFocusReason)
    reached: set[QObject] = set()
    for _ in range(MOST_TABS):
        here = QApplication.focusWidget()
        if here is None or stops <= reached:
            break
        reached.add(stop(here))
        QTest.keyClick(here, Qt.Key.Key_Tab)
    return {f"{type(widget).__name__} {widget.accessibleName()}" for widget in wanted if stop(widget) not in reached}


@pytest.mark.parametrize("page", PAGES)
def test_every_control_of_a_page_is_named_and_reached_by_keyboard(presenter: Presenter, page: str) -> None:
    show(presenter, page, snapshots.snapshot())
    assert list(interactive(presenter.window))
    assert unnamed(presenter.window) == []
    assert out_of_reach(presenter.window) == set()


@pytest.mark.parametrize("made", ["quit", "crash", "first", "mini"])
def test_every_other_window_is_too(theme: Theme, made: str) -> None:
    window: QWidget = {
        "quit": lambda: QuitDialog(None, tray=False),
        "crash": lambda: CrashReport(None, "The engine stopped.", "last words", can_retry=True),
        "first": lambda: FirstRun(preset_choices(None)),
        "mini": MiniWindow,
    }[made]()
    window.show()
    QApplication.processEvents()
    try:
        assert list(interactive(window))
        assert unnamed(window) == []
        assert out_of_reach(window) == set()
    finally:
        if isinstance(window, MiniWindow):
            window.may_close = True
        window.close()
        window.deleteLater()
