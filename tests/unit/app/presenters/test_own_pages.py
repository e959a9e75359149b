"""Pages that ask the engine themselves: what they ask, what becomes of answers, and what of refusals."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from app.presenter import Presenter
from app.supervision import EngineStatus
from core.control.snapshot import Action, UpdateView
from tests.support import snapshots
from tests.support.screenshots import PAGES, RUNNING, SilentBridge, fill_pages

NASTY = "<b>bold</b><img src=x>\u202egnihtyna\u0000 " + "W" * 500


class Memory(SilentBridge):
    """Remembers everything that is asked."""

    def ask(self, name: str, tag: str = "", **arguments: object) -> None:
        self.asked.append((name, arguments))

    def count(self, name: str) -> int:
        return sum(asked == name for asked, _ in self.asked)


@pytest.fixture
def bridge() -> Memory:
    return Memory()


@pytest.fixture
def running(presenter: Presenter) -> Presenter:
    presenter.on_engine(RUNNING)
    presenter.on_preferences(dict(snapshots.PREFERENCES))
    presenter.on_snapshot(snapshots.snapshot())
    presenter.window.show()
    return presenter


def show(presenter: Presenter, page: str) -> None:
    presenter.window.show_page(page)
    QApplication.processEvents()


def press(presenter: Presenter, words: str) -> None:
    QApplication.processEvents()
    found = [part for part in presenter.window.findChildren(QPushButton) if part.text() == words and part.isVisible()]
    assert found, words
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)
    QApplication.processEvents()


# Reasons


def test_a_reason_s_button_does_what_it_says(running: Presenter, bridge: Memory) -> None:
    show(running, "Overview")
    running.on_snapshot(snapshots.snapshot("guarded"))
    press(running, "Work on battery too")
    assert bridge.asked[-1] == ("preferences_set", {"values": {"run_on_battery": True}})
    running.resolve(Action("quit", {}, "never offered"))
    assert bridge.count("quit") == 0


# Activity


def test_a_span_is_asked_once_and_again_when_it_is_stale(running: Presenter, bridge: Memory) -> None:
    show(running, "Activity")
    running.refresh()
    assert bridge.count("activity") == 1
    press(running, "Week")
    assert bridge.asked[-1] == ("activity", {"span": "week"})


def test_export_writes_what_is_shown_or_says_why_not(running: Presenter, tmp_path: Path) -> None:
    show(running, "Activity")
    running.on_done("activity", snapshots.activity_answer("day"), "day")
    page = running.activity.page
    assert page is not None
    page.export_asked.emit(str(tmp_path / "a.csv"))
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").count("\n") == 289
    page.export_asked.emit(str(tmp_path / "missing" / "a.csv"))
    assert "could not be written" in page.note.text()


@pytest.mark.parametrize("page", ["Activity", "Trust"])
def test_what_cannot_be_read_is_said_and_nothing_breaks(running: Presenter, page: str) -> None:
    show(running, page)
    running.on_done(page.lower(), {"rows": [1]}, "day")
    QApplication.processEvents()
    words = [label.text() for label in running.window.findChildren(QLabel) if label.isVisible()]
    assert "The engine's answer cannot be read. Is it another version?" in words


# Trying the model


def test_a_text_is_begun_fetched_and_ends(running: Presenter, bridge: Memory) -> None:
    show(running, "Try it")
    page = running.trial.page
    assert page is not None
    page.prompt.setText("To b")
    press(running, "Write")
    assert bridge.asked[-1] == ("generate_start", {"prompt": "To b", "length": 300})
    running.on_done("generate_start", {"id": 7}, "")
    assert bridge.asked[-1] == ("generate_read", {"id": 7, "after": 0})
    half = {"pieces": snapshots.written_answer()["pieces"][:3], "done": False, "problem": ""}
    running.on_done("generate_read", half, "")
    assert page.text.toPlainText() == "To be, "
    press(running, "Stop")
    assert bridge.asked[-1] == ("generate_stop", {"id": 7})
    running.on_done("generate_read", {"pieces": [["x", []]], "done": True, "problem": ""}, "")
    assert page.text.toPlainText() == "To be, x"
    assert page.go.text() == "Write"


def test_a_refused_text_says_why(running: Presenter) -> None:
    show(running, "Try it")
    page = running.trial.page
    assert page is not None
    press(running, "Write")
    running.on_failed("generate_start", "Another text is being written; wait for its end, or stop it.", "")
    assert page.problem.text().startswith("Another text")
    assert page.go.text() == "Write"
    running.on_failed("generate_stop", "This text is no longer kept.", "")
    assert page.problem.text().startswith("Another text")


def test_pointing_at_a_letter_names_its_experts(running: Presenter) -> None:
    show(running, "Try it")
    page = running.trial.page
    assert page is not None
    page.text.begin("")
    running.trial.start("", 100)
    running.on_done("generate_start", {"id": 1}, "")
    running.on_done("generate_read", snapshots.written_answer(), "")
    QApplication.processEvents()
    QTest.mouseMove(page.text.viewport(), QPoint(12, 12))
    QApplication.processEvents()
    assert "here · ffn1." in page.pointed.text()


# Projects


def test_a_project_is_read_about_then_joined_then_the_engine_is_restarted(running: Presenter, bridge: Memory) -> None:
    retried: list[bool] = []
    running.retry_asked.connect(lambda: retried.append(True))
    show(running, "Projects")
    page = running.projects.page
    assert page is not None
    page.bar.field.setText("  /x/p.toml ")
    press(running, "Look at it")
    assert bridge.asked[-1] == ("project_show", {"what": "/x/p.toml"})
    assert bridge.count("project_join") == 0
    running.on_done("project_show", snapshots.project(), "/x/p.toml")
    words = [label.text() for label in page.offer.findChildren(QLabel)]
    assert "CC0-1.0" in words
    press(running, "Join")
    assert bridge.asked[-1] == ("project_join", {"what": "/x/p.toml"})
    running.on_done("project_join", snapshots.project(joined=True), "/x/p.toml")
    assert not page.offer.isVisible()
    press(running, "Restart it now")
    assert bridge.asked[-1][0] == "quit"
    running.on_engine(EngineStatus("stopped", "The engine is stopped."))
    QApplication.processEvents()
    assert retried == [True]


def test_another_project_at_work_begins_charts_anew_and_is_listed_so(running: Presenter, bridge: Memory) -> None:
    show(running, "Projects")
    running.on_history(snapshots.history())
    now = snapshots.snapshot()
    assert now.project is not None
    asked = bridge.count("projects")
    running.on_snapshot(now)
    assert bridge.count("projects") == asked
    running.on_snapshot(replace(now, project=replace(now.project, project_id="77" * 32)))
    assert bridge.count("projects") == asked + 1
    assert running.history.model_chart(snapshots.NOW, "").empty


def test_leaving_asks_for_the_whole_id(running: Presenter, bridge: Memory) -> None:
    show(running, "Projects")
    running.on_done("projects", {"projects": snapshots.projects()}, "")
    press(running, "Leave")
    assert bridge.asked[-1] == ("project_leave", {"project_id": "9f" * 32})
    running.on_done("project_leave", {}, "9f" * 32)
    page = running.projects.page
    assert page is not None
    assert page.bar.note.text() == "Left Protein sketches."


def test_a_bad_link_is_answered_beside_the_field_and_joins_nothing(running: Presenter, bridge: Memory) -> None:
    show(running, "Projects")
    page = running.projects.page
    assert page is not None
    page.bar.asked.emit("hivelet://join?project=zz")
    running.on_failed("project_show", "The join link is damaged: its project id or name cannot be read.", "")
    assert page.bar.problem.text().startswith("The join link is damaged")
    assert not page.offer.isVisible()
    assert bridge.count("project_join") == 0


def drop(presenter: Presenter, *urls: str) -> None:
    data = QMimeData()
    data.setUrls([QUrl(url) for url in urls])
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                       Qt.KeyboardModifier.NoModifier)  # fmt: skip
    assert presenter.projects.page is not None
    presenter.projects.page.dropEvent(event)


def test_a_dropped_file_is_shown_and_a_dropped_web_page_is_not(running: Presenter, bridge: Memory) -> None:
    show(running, "Projects")
    drop(running, "https://example.org/p.toml")
    assert bridge.count("project_show") == 0
    drop(running, "file:///x/p.toml")
    assert bridge.asked[-1] == ("project_show", {"what": "/x/p.toml"})


# Log


@pytest.mark.parametrize("addresses", [False, True])
def test_diagnostics_are_written_where_the_volunteer_says(running: Presenter, tmp_path: Path, addresses: bool) -> None:
    show(running, "Log")
    running.on_log(snapshots.log_lines())
    assert running.log.page is not None
    running.log.page.diagnostics_asked.emit(str(tmp_path / "d.txt"), addresses)
    text = (tmp_path / "d.txt").read_text(encoding="utf-8")
    assert "Joined Reference text" in text
    assert ("192.168.1.40" in text) is addresses
    running.log.page.diagnostics_asked.emit(str(tmp_path / "missing" / "d.txt"), addresses)
    assert "could not be written" in running.window.banner.text.text()


# Everything at once, from a hostile swarm


def hostile_answers(presenter: Presenter) -> None:
    nasty: dict[str, Any] = snapshots.project(NASTY[:40], NASTY, publisher=NASTY, licence=NASTY, description=NASTY)
    trust = snapshots.trust_answer(3)
    trust["projects"] = dict.fromkeys(trust["projects"], NASTY)
    fill_pages(presenter)
    presenter.on_done("trust", trust, "")
    presenter.on_done("projects", {"projects": [nasty, {**nasty, "project_id": "00" * 32}]}, "")
    presenter.on_done("project_show", nasty, NASTY)
    presenter.on_log([[n, snapshots.NOW, NASTY, NASTY, NASTY] for n in range(50)])
    presenter.trial.start(NASTY, 100)
    presenter.on_done("generate_start", {"id": 1}, "")
    presenter.on_done("generate_read", {"pieces": [[NASTY, [[NASTY, NASTY]]]] * 9, "done": True, "problem": NASTY}, "")
    presenter.on_snapshot(snapshots.hostile(snapshots.snapshot("guarded")))


@pytest.mark.parametrize("page", PAGES)
def test_hostile_words_are_plain_and_stay_inside_on_every_page(running: Presenter, page: str) -> None:
    show(running, page)
    hostile_answers(running)
    for _ in range(4):
        QApplication.processEvents()
    running.refresh()
    for label in running.window.findChildren(QLabel):
        if label.isVisible() and label.text():
            assert label.textFormat() == Qt.TextFormat.PlainText, label.text()
            right = label.mapTo(running.window, QPoint(label.width(), 0)).x()
            assert right <= running.window.width()
    if page == "Try it":
        assert running.trial.page is not None
        shown = running.trial.page.text.toPlainText()
        assert "<b>bold</b>" in shown
        assert not set(shown) & {"\u202e", "\u0000"}


# A newer version


def test_a_newer_version_is_shown_and_its_page_opened_by_a_click_alone(running: Presenter) -> None:
    opened: list[str] = []
    running.overview.update._browse = opened.append
    show(running, "Overview")
    notice = running.overview.update.notice
    assert notice is not None
    assert not notice.isVisible()
    page = "https://hivelet.example/news"
    update = UpdateView("0.2.0", "2026-11-29", page, NASTY[:20])
    running.on_snapshot(replace(snapshots.snapshot(), update=update))
    assert notice.isVisible()
    assert notice.page.full == page
    assert notice.notes.textFormat() == Qt.TextFormat.PlainText
    assert opened == []
    press(running, "Not now")
    assert not notice.isVisible()
    running.resolve(Action("open_update", {}, "See the new version"))
    assert notice.isVisible()
    assert opened == []
    press(running, "Open the page")
    assert opened == [page]
    running.resolve(Action("open_projects", {}, "Choose another project"))
    assert running.pages.front == "Projects"


def test_version_and_build_are_shown_and_copied(running: Presenter) -> None:
    show(running, "Preferences")
    about = running.preferences.page.about  # type: ignore[union-attr]
    assert about.isVisible()
    about.copy.click()
    assert QApplication.clipboard().text().startswith("Hivelet: 0.1.0\nBuild: linux-deb")
