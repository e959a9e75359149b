"""The preferences page with its presenter: what is asked of the engine, and what its answers show."""

from pathlib import Path

from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.presenter import Presenter
from app.views.preference_row import PreferenceRow
from app.views.preferences import PreferencesPage
from core.preferences import PREFERENCES, PRESETS
from tests.support import snapshots
from tests.support.screenshots import RUNNING, SilentBridge

OUTCOME = {"worked_h": 80.0, "share": 0.5, "full_h": 40.0, "gflop_hours": 22.4, "kwh": 1.4, "held_h": {"on_battery": 9}}


def opened(presenter: Presenter, bridge: SilentBridge) -> PreferencesPage:
    presenter.on_engine(RUNNING)
    presenter.on_preferences({p.name: p.default for p in PREFERENCES})
    presenter.on_snapshot(snapshots.snapshot())
    presenter.window.show()
    presenter.window.show_page("Preferences")
    assert presenter.preferences.page is not None
    assert bridge.asked == [("detectors", {})]
    bridge.asked.clear()
    return presenter.preferences.page


def words(page: PreferencesPage) -> list[str]:
    QApplication.processEvents()  # new labels appear with the next layout
    return [part.text() for part in page.findChildren(QLabel) if part.isVisible()]


def test_a_preset_is_asked_for_whole_and_shown_when_it_holds(presenter: Presenter, bridge: SilentBridge) -> None:
    page = opened(presenter, bridge)
    page.presets.chosen.emit("gentle")
    assert bridge.asked == [("preferences_set", {"values": dict(PRESETS["gentle"])})]
    assert page.presets._buttons["gentle"].isChecked()
    page.rows["ramp_min"].changed.emit("ramp_min", 119)
    assert not any(part.isChecked() for part in page.presets._buttons.values())


def test_looking_back_compares_the_present_settings_with_every_preset(
    presenter: Presenter, bridge: SilentBridge
) -> None:
    page = opened(presenter, bridge)
    page.simulation.button.click()
    assert [name for name, _ in bridge.asked] == ["preferences_simulate"] * len(PRESETS)
    for name in PRESETS:
        answer = {"since": 0.0, "hours": 160.0, "now": OUTCOME, "then": {**OUTCOME, "worked_h": 99.0}}
        presenter.on_done("preferences_simulate", answer, name)
    found = words(page)
    assert {"As set now", "80.0 h", "22.4 GFLOP·h", "1.40 kWh", "held: on battery 9.0 h"} <= set(found)
    assert found.count("99.0 h") == len(PRESETS)


def test_an_answer_of_another_version_is_said(presenter: Presenter, bridge: SilentBridge) -> None:
    page = opened(presenter, bridge)
    presenter.on_done("preferences_simulate", {"hours": 3}, "gentle")
    presenter.on_done("detectors", {}, "")
    assert "The engine's answer cannot be read." in words(page)


def test_detectors_say_whether_they_work_and_how_to_see_it(presenter: Presenter, bridge: SilentBridge) -> None:
    page = opened(presenter, bridge)
    views = [
        {"name": "idle", "title": "Idle", "works": True, "reading": "idle for 3 s", "sentence": "X11 tells."},
        {"name": "metered", "title": "Metered", "works": False, "reading": "unknown", "sentence": "Nobody tells."},
    ]
    presenter.on_done("detectors", {"detectors": views}, "")
    assert {"works here", "X11 tells.", "cannot tell here", "Nobody tells."} <= set(words(page))
    page.detectors.button.click()
    assert bridge.asked == [("detectors", {})]
    presenter.on_done("detectors", {"detectors": views}, "")
    assert "Take your hands off mouse and keyboard: the seconds must count up." in words(page)


def test_export_and_import_go_through_files(presenter: Presenter, bridge: SilentBridge, tmp_path: Path) -> None:
    page = opened(presenter, bridge)
    page.export_asked.emit(tmp_path / "mine.toml")
    presenter.on_done("preferences_export", {"text": "cpu_percent = 10\n"}, "")
    assert (tmp_path / "mine.toml").read_text() == "cpu_percent = 10\n"
    page.import_asked.emit(tmp_path / "mine.toml")
    assert bridge.asked[-1] == ("preferences_import", {"text": "cpu_percent = 10\n"})
    presenter.on_done("preferences_import", {"values": {}, "problems": ["There is no preference x."]}, "")
    assert page.note.text() == "The file's preferences are in force. There is no preference x."
    page.export_asked.emit(tmp_path / "no" / "folder.toml")
    presenter.on_done("preferences_export", {"text": ""}, "")
    assert "cannot be written" in page.note.text()
    (tmp_path / "picture.toml").write_bytes(b"\xff\xfe")
    page.import_asked.emit(tmp_path / "picture.toml")
    assert "is no file of preferences" in page.note.text()


def test_searching_leaves_the_cards_with_hits(presenter: Presenter, bridge: SilentBridge, qtbot: QtBot) -> None:
    page = opened(presenter, bridge)
    page.search.setText("battery")
    assert page.rows["run_on_battery"].isVisible()
    assert not page.rows["theme"].isVisible()
    assert not page.simulation.isVisible()
    page.search.setText("no such words")
    assert page.nothing.isVisible()
    assert page.focus_preference("theme") is not None
    assert page.rows["theme"].isVisible()


def test_what_is_typed_is_checked_before_the_engine_is_asked(presenter: Presenter, bridge: SilentBridge) -> None:
    page = opened(presenter, bridge)
    row = page.rows["cpu_percent"]
    assert isinstance(row, PreferenceRow)
    assert row.field is not None
    row.field.given.emit("a lot")
    assert row.error.isVisible()
    assert bridge.asked == []
    row.field.given.emit("35 %")
    assert not row.error.isVisible()
    assert bridge.asked == [("preferences_set", {"values": {"cpu_percent": 35}})]
