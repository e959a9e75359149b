"""What is clicked becomes a command; what the engine tells becomes visible."""

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSlider, QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.presenter import Presenter
from app.supervision import EngineStatus
from app.tokens import DARK
from app.views.preference_row import PreferenceRow
from tests.support import snapshots
from tests.support.screenshots import PAGES, RUNNING, SilentBridge


@pytest.fixture
def running(presenter: Presenter) -> Presenter:
    presenter.on_engine(RUNNING)
    presenter.on_preferences(dict(snapshots.PREFERENCES))
    presenter.on_snapshot(snapshots.snapshot())
    presenter.window.show()
    presenter.window.show_page("Overview")
    return presenter


def press(parent: QWidget, words: str) -> None:
    QApplication.processEvents()  # new widgets appear with the next layout
    part = next(b for b in parent.findChildren(QPushButton) if b.text() == words and b.isVisible())
    QTest.mouseClick(part, Qt.MouseButton.LeftButton)


def test_pause_menu_sends_the_length(running: Presenter, bridge: SilentBridge) -> None:
    assert running.overview.page is not None
    actions = running.overview.page.pause_menu.actions()
    assert [action.text() for action in actions] == [
        "For 15 minutes", "For 1 hour", "Until tomorrow morning", "Until I resume",
    ]  # fmt: skip
    actions[0].trigger()
    actions[3].trigger()
    assert bridge.asked == [("pause", {"seconds": 900.0}), ("pause", {"seconds": None})]


def test_resume_and_finish(running: Presenter, bridge: SilentBridge) -> None:
    sent: list[str] = []
    running.command_sent.connect(sent.append)
    running.on_snapshot(snapshots.snapshot("paused"))
    press(running.window, "Resume")
    press(running.window, "Finish and stop")
    assert [name for name, _ in bridge.asked] == sent == ["resume", "finish"]


def test_the_budget_slider_sends_once_when_it_rests(running: Presenter, bridge: SilentBridge, qtbot: QtBot) -> None:
    assert running.overview.page is not None
    slider = running.overview.page.slider
    assert slider.value() == 10
    slider.setFocus()
    for _ in range(3):
        QTest.keyClick(slider, Qt.Key.Key_Right)
    assert running.overview.page.slider_value.text() == "65 %"
    qtbot.waitUntil(lambda: bool(bridge.asked), timeout=2000)
    assert bridge.asked == [("budget", {"share": 0.65})]


def test_a_moving_slider_is_not_pulled_back_by_news(running: Presenter) -> None:
    assert running.overview.page is not None
    slider = running.overview.page.slider
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 5, 10))
    running.on_snapshot(snapshots.snapshot())
    assert slider.value() == 20
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton)


def test_a_reason_opens_the_place_where_it_is_changed(running: Presenter) -> None:
    running.on_snapshot(snapshots.snapshot("guarded"))
    press(running.window, "Change…")
    assert running.pages.front == "Preferences"
    running.act("preference:no_such_thing")
    running.act("budget")
    assert running.pages.front == "Overview"


def test_a_switch_is_sent_and_a_refusal_is_said_beside_it(running: Presenter, bridge: SilentBridge) -> None:
    running.window.show_page("Preferences")
    page = running.preferences.page
    assert page is not None
    row = page.rows["run_on_battery"]
    assert isinstance(row, PreferenceRow)
    assert row.switch is not None
    running.window.scroll_to(row)
    QTest.mouseClick(row.switch, Qt.MouseButton.LeftButton)
    assert bridge.asked[-1:] == [("preferences_set", {"values": {"run_on_battery": True}})]
    running.on_failed("preferences_set", "It cannot be changed now.", "run_on_battery")
    assert row.error.text() == "It cannot be changed now."
    assert row.error.isVisible()
    running.on_preferences(dict(snapshots.PREFERENCES))
    assert not row.switch.isChecked(), "the engine's value counts"
    running.on_done("preferences_set", {}, "run_on_battery")
    assert not row.error.isVisible()


def test_the_theme_changes_at_once(running: Presenter, bridge: SilentBridge) -> None:
    running.window.show_page("Preferences")
    press(running.window, "Dark")
    assert running._theme.tokens is DARK
    assert bridge.asked[-1] == ("preferences_set", {"values": {"theme": "dark"}})


def test_a_refused_command_is_said_above_the_page_until_dismissed(running: Presenter) -> None:
    running.on_failed("pause", "The engine is stopping.", "")
    assert running.window.banner.text.text() == "The engine is stopping."
    press(running.window.banner, "Dismiss")
    assert not running.window.banner.isVisible()


def test_a_crash_offers_to_try_again(running: Presenter) -> None:
    asked: list[bool] = []
    running.retry_asked.connect(lambda: asked.append(True))
    running.on_engine(EngineStatus("waiting", "It stopped.", "Killed.", snapshots.NOW + 8, 3))
    press(running.window.banner, "Try again")
    assert asked == [True]


def test_copying_the_address(running: Presenter) -> None:
    running.window.show_page("Network")
    press(running.window, "Copy")
    assert QGuiApplication.clipboard().text() == "tcp://192.168.1.23:41235"
    running.on_snapshot(snapshots.snapshot(peers=0))
    QGuiApplication.clipboard().clear()
    press(running.window, "Copy the address")
    assert QGuiApplication.clipboard().text() == "tcp://192.168.1.23:41235"


def test_the_log_filters_copies_and_recovers_from_an_empty_result(running: Presenter) -> None:
    running.on_log(snapshots.log_lines())
    running.window.show_page("Log")
    page = running.log.page
    assert page is not None
    press(running.window, "Errors")
    press(running.window, "Copy")
    copied = QGuiApplication.clipboard().text().splitlines()
    assert len(copied) == 4
    assert all(" ERROR " in line for line in copied)
    page.search.setText("nothing has these words")
    press(running.window, "Show all lines")
    assert running.log.shown.rowCount() == 40


def test_the_log_follows_until_somebody_scrolls_up(running: Presenter) -> None:
    running.on_log(snapshots.log_lines())
    running.window.show_page("Log")
    QApplication.processEvents()
    page = running.log.page
    assert page is not None
    bar = page.table.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    bar.triggerAction(QAbstractSlider.SliderAction.SliderPageStepSub)
    assert not page.follow.isChecked()
    here = bar.value()
    running.on_log([[100 + i, snapshots.NOW, "INFO", "x", "more"] for i in range(5)])
    QApplication.processEvents()
    assert bar.value() == here
    bar.triggerAction(QAbstractSlider.SliderAction.SliderToMaximum)
    assert page.follow.isChecked()
    running.on_log([[200, snapshots.NOW, "INFO", "x", "newest"]])
    QApplication.processEvents()
    assert bar.value() == bar.maximum()


def test_a_hidden_window_is_left_alone_but_the_tray_is_told(running: Presenter) -> None:
    told: list[Any] = []
    running.tray_changed.connect(told.append)
    running.window.hide()
    told.clear()
    running.on_snapshot(snapshots.snapshot("paused"))
    assert [state.icon for state in told] == ["paused"]
    assert running.overview.page is not None
    assert running.overview.page.title.text().startswith("Helping")
    running.window.show()
    assert running.overview.page.title.text().startswith("Paused")


def test_closing_asks_instead(running: Presenter) -> None:
    asked: list[bool] = []
    running.window.close_asked.connect(lambda: asked.append(True))
    running.window.close()
    assert asked == [True]
    assert running.window.isVisible()


def test_pages_by_keyboard(running: Presenter) -> None:
    for index, page in enumerate(PAGES):
        QTest.keyClick(running.window, Qt.Key(Qt.Key.Key_1 + index), Qt.KeyboardModifier.ControlModifier)
        assert running.pages.front == page
    first = running.window.navigation._buttons[0]
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Down)
    assert running.pages.front == "Experts"
    QTest.keyClick(running.window.navigation._buttons[1], Qt.Key.Key_Up)
    assert running.pages.front == "Overview"


@pytest.mark.parametrize("page", PAGES)
def test_everything_that_takes_the_focus_has_a_name(running: Presenter, page: str) -> None:
    running.window.show_page(page)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for widget in running.window.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled():
            text = widget.text() if isinstance(widget, QPushButton) else ""
            assert widget.accessibleName() or text, widget
