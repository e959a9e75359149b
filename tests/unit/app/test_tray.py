from PySide6.QtWidgets import QApplication

from app.supervision import EngineStatus
from app.tray import Tray
from app.viewmodels.tray import tray
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
