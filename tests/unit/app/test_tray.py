from dataclasses import replace

from PySide6.QtWidgets import QApplication

from app.supervision import EngineStatus
from app.theme import Theme
from app.tray import COLOURS, Tray, tray_icon
from app.viewmodels.tray import tray
from app.views.mini import MiniWindow
from tests.support.snapshots import NOW, snapshot

RUNNING = EngineStatus(phase="running", sentence="")


def test_the_menu_offers_what_is_possible(qapp: QApplication) -> None:
    icon = Tray()
    icon.show_state(tray(snapshot("paused"), RUNNING, NOW))
    assert icon.resume.isEnabled()
    assert icon.icon.toolTip() == "Hivelet: paused until " + icon.icon.toolTip().split("until ")[1]
    assert [percent for percent, action in icon.budgets.items() if action.isChecked()] == [50]
    icon.show_state(tray(None, EngineStatus(), NOW))
    assert not icon.pause_menu.isEnabled()
    assert not icon.resume.isEnabled()
    assert not icon.budget_menu.isEnabled()


def test_choosing_tells(qapp: QApplication) -> None:
    icon = Tray()
    told: list[object] = []
    icon.paused.connect(told.append)
    icon.budget_chosen.connect(told.append)
    for action in icon.pause_menu.actions():
        action.trigger()
    icon.budgets[25].trigger()
    assert told == ["15min", "1h", "tomorrow", "resume", 25]


def test_the_ring_grows_with_what_is_allowed_now(qapp: QApplication) -> None:
    icon = Tray()
    icon.show_state(tray(snapshot("working"), RUNNING, NOW))
    half = icon.icon.icon().pixmap(64, 64).toImage()
    icon.show_state(tray(replace(snapshot("working"), budget_now=1.0), RUNNING, NOW))
    full = icon.icon.icon().pixmap(64, 64).toImage()
    left, right = (3, 32), (60, 32)
    assert half.pixelColor(*right).alpha() == full.pixelColor(*right).alpha() == 255
    assert half.pixelColor(*left).alpha() < 128 <= full.pixelColor(*left).alpha()


def test_every_state_differs_by_shape_even_without_colour(qapp: QApplication) -> None:
    pictures = [tray_icon(name, 0.0, monochrome=True).pixmap(32, 32).toImage() for name in COLOURS]
    shapes = {bytes(picture.constBits()) for picture in pictures}
    assert len(shapes) == len(COLOURS)


def test_a_pause_counts_down(qapp: QApplication) -> None:
    icon = Tray()
    icon.show_state(tray(snapshot("paused"), RUNNING, NOW))
    assert icon.state.text().endswith("30 min left")
    icon.show_state(tray(snapshot("paused"), RUNNING, NOW + 1200))
    assert icon.state.text().endswith("10 min left")


def test_the_mini_window_offers_the_same(theme: Theme, qapp: QApplication) -> None:
    mini = MiniWindow()
    told: list[str] = []
    mini.paused.connect(told.append)
    mini.resume_asked.connect(lambda: told.append("resume now"))
    mini.quit_asked.connect(lambda: told.append("quit"))
    mini.show_state(tray(snapshot("working"), RUNNING, NOW))
    mini.show()
    mini.menu.actions()[1].trigger()
    assert not mini.resume.isVisible()
    mini.show_state(tray(snapshot("paused"), RUNNING, NOW))
    mini.resume.click()
    mini.close()
    assert told == ["1h", "resume now", "quit"]
    mini.may_close = True
    mini.close()
    mini.deleteLater()
