"""The first start: nothing is computed before the person has chosen; every screen can be skipped."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from app.presenter import Presenter
from app.presenters.welcome import KEY, Welcome
from app.views.first_run import FirstRun
from core.control.snapshot import Reason
from core.preferences import PRESETS
from tests.support import snapshots
from tests.support.screenshots import RUNNING, SilentBridge


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def welcome(presenter: Presenter, settings: QSettings) -> Iterator[Welcome]:
    presenter.on_engine(RUNNING)
    presenter.window.show_page("Overview")
    presenter.window.show()
    result = Welcome(presenter, settings)
    yield result
    result.deleteLater()


def screens(welcome: Welcome) -> FirstRun:
    assert welcome.screens is not None
    return welcome.screens


def test_work_is_held_once_until_the_person_has_chosen(
    welcome: Welcome, presenter: Presenter, bridge: SilentBridge, settings: QSettings
) -> None:
    welcome.on_snapshot(snapshots.snapshot("working"))
    welcome.on_snapshot(snapshots.snapshot("working"))
    assert bridge.asked == [("pause", {"seconds": None})]
    shown = screens(welcome)
    assert not presenter.window.navigation.isVisible()
    for _ in range(3):
        shown.next.click()
    assert bridge.asked[1:] == [("preferences_set", {"values": dict(PRESETS["balanced"])}), ("resume", {})]
    assert settings.value(KEY) is not None
    assert presenter.window.navigation.isVisible()
    welcome.on_snapshot(snapshots.snapshot("working"))
    assert len(bridge.asked) == 3


def test_skipping_takes_the_gentle_settings(welcome: Welcome, bridge: SilentBridge) -> None:
    screens(welcome).skip.click()
    assert bridge.asked == [("preferences_set", {"values": dict(PRESETS["gentle"])}), ("resume", {})]


def test_a_link_is_looked_at_before_anything_is_joined(welcome: Welcome, bridge: SilentBridge) -> None:
    shown = screens(welcome)
    assert welcome.offer("hivelet://join?project=1")
    for _ in range(3):
        shown.next.click()
    assert ("project_show", {"what": "hivelet://join?project=1"}) in bridge.asked
    assert not any(name == "project_join" for name, _ in bridge.asked)
    assert not welcome.offer("hivelet://join?project=1")


def test_the_forecast_comes_from_the_measured_speed(welcome: Welcome) -> None:
    shown = screens(welcome)
    words = shown._choices["everything"][1]
    assert words.text() == "Measuring this computer…"
    welcome.on_snapshot(snapshots.snapshot("paused"))
    assert words.text() == "up to 5,088 GFLOP·h a day, measured at 212 GFLOP/s"
    slower = replace(snapshots.snapshot().hardware, devices=())
    welcome.on_snapshot(replace(snapshots.snapshot("paused"), hardware=slower))
    assert words.text() == "Measuring this computer…"


def test_no_shortcut_leads_around_the_screens(welcome: Welcome, presenter: Presenter) -> None:
    presenter.window.show_page("Log")
    assert screens(welcome).isVisible()


@pytest.mark.parametrize(
    "link", ["hivelet:", "hivelet://leave?x=1", "hivelet://join?" + "x" * 3000, "hivelet://\u202e"]
)
def test_bad_links_are_one_sentence(presenter: Presenter, bridge: SilentBridge, link: str) -> None:
    presenter.window.show()
    presenter.window.show_page("Overview")
    presenter.open_link(link)
    QApplication.processEvents()
    words = presenter.window.banner.text.text()
    assert "link" in words
    assert "\u202e" not in words
    assert bridge.asked == []
    presenter.window.banner.button.click()
    assert not presenter.window.banner.isVisible()


def test_the_first_start_tells_of_a_graphics_card_that_is_not_used(welcome: Welcome) -> None:
    screens = welcome.screens
    assert screens is not None
    welcome.on_snapshot(snapshots.snapshot())
    assert screens.unused_card.isHidden()
    reason = Reason("gpu_unused", "The graphics card T4 is not used.", holds=False)
    welcome.on_snapshot(replace(snapshots.snapshot(), reasons=(reason,)))
    assert not screens.unused_card.isHidden()
    assert screens.unused_card.text() == reason.text
