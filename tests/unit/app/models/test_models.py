from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester

from app.models.experts import experts_model
from app.models.log import LogFilter, LogModel
from app.models.peers import peers_model
from app.models.table import MOOD_ROLE, SORT_ROLE
from tests.support.snapshots import NOW, hostile, log_lines, snapshot


@pytest.fixture
def owner(qapp: QApplication) -> Iterator[QObject]:
    """Models die with their owner, in Qt's order, not in the garbage collector's."""
    result = QObject()
    yield result
    result.deleteLater()
    QApplication.sendPostedEvents(result, QEvent.Type.DeferredDelete)


DISPLAY = int(Qt.ItemDataRole.DisplayRole)


def column(model: object, section: int) -> list[str]:
    return [model.index(i, section).data(DISPLAY) for i in range(model.rowCount())]  # type: ignore[attr-defined]


def test_experts_model_keeps_qts_rules_while_rows_come_change_and_go(
    owner: QObject, qtmodeltester: ModelTester
) -> None:
    model = experts_model(owner)
    qtmodeltester.check(model, force_py=True)
    s = snapshot()
    model.set_rows(s.experts)
    model.set_rows(s.experts[3:])
    model.set_rows(tuple(replace(expert, step=expert.step + 1) for expert in s.experts[3:]) + s.experts[:2])
    assert model.rowCount() == 13
    qtmodeltester.check(model, force_py=True)


def test_unchanged_rows_are_not_told_again(owner: QObject) -> None:
    model = experts_model(owner)
    rows = snapshot().experts
    model.set_rows(rows)
    told: list[int] = []
    model.dataChanged.connect(lambda first, _last, _roles: told.append(first.row()))
    model.set_rows(rows)
    assert told == []
    model.set_rows((*rows[:4], replace(rows[4], step=1), *rows[5:]))
    assert told == [4]


def test_experts_are_read_and_sorted_as_people_do(owner: QObject) -> None:
    model = experts_model(owner)
    model.set_rows(tuple(replace(snapshot().experts[0], uid=uid, served_today=n) for uid, n in
                         (("ffn0.10", 9), ("ffn0.2", 1000), ("ffn0.1", 20))))  # fmt: skip
    model.sort(0)
    assert column(model, 0) == ["ffn0.1", "ffn0.2", "ffn0.10"]
    model.sort(2, Qt.SortOrder.DescendingOrder)
    assert column(model, 2) == ["1,000", "20", "9"]
    assert model.index(0, 2).data(SORT_ROLE) == 1000
    assert model.index(0, 2).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert model.headerData(2, Qt.Orientation.Horizontal) == "Today"


def test_status_is_a_dot_and_words(owner: QObject) -> None:
    model = experts_model(owner)
    model.set_rows(snapshot().experts)
    assert model.index(0, 0).data(MOOD_ROLE) == "good"
    assert model.index(13, 0).data(MOOD_ROLE) == "off"
    assert model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "ffn0.0.0, serving"


def test_peers_model(owner: QObject, qtmodeltester: ModelTester) -> None:
    model = peers_model(owner, now=lambda: NOW)
    model.set_rows(snapshot().peers)
    qtmodeltester.check(model, force_py=True)
    assert column(model, 1)[0] == "192.168.1.40:41000"
    assert column(model, 7)[-1] == "3 min ago"
    assert model.index(8, 0).data(MOOD_ROLE) == "off"
    model.set_rows(hostile(snapshot()).peers)
    assert all("\u202e" not in text and len(text) <= 60 for text in column(model, 1))


def test_log_is_a_bounded_ring(owner: QObject, qtmodeltester: ModelTester) -> None:
    model = LogModel(owner, limit=30)
    qtmodeltester.check(model, force_py=True)
    model.add(log_lines())
    assert model.rowCount() == 30
    assert model.lines[29].text == log_lines()[-1][4]
    model.add([[99, NOW, "INFO", "x", "newest"]])
    assert model.rowCount() == 30
    assert model.lines[29].text == "newest"
    qtmodeltester.check(model, force_py=True)


def test_log_filters_by_level_and_words(owner: QObject) -> None:
    model = LogModel(owner)
    model.add(log_lines())
    view = LogFilter(owner)
    view.setSourceModel(model)
    assert view.rowCount() == 40
    view.set_level(30)
    assert set(column(view, 1)) == {"warning", "error"}
    view.set_level(0)
    view.set_words("  WRONG shape ")
    assert view.rowCount() == 4
    view.set_words("no such words")
    assert view.rowCount() == 0


@pytest.mark.parametrize("row", [[], [1, 2], [1, "x", "INFO", "a", "b"], None])
def test_malformed_lines_are_left_out(owner: QObject, row: object) -> None:
    model = LogModel(owner)
    model.add([row])  # type: ignore[list-item]
    assert model.rowCount() == 0


def test_log_text_cannot_turn_or_hide(owner: QObject) -> None:
    model = LogModel(owner)
    model.add([[1, NOW, "info", "net\u202e", "a\x1b[2Jb\nc" + "d" * 5000]])
    line = model.lines[0]
    assert line.logger == "net\ufffd"
    assert line.text.startswith("a\ufffd[2Jb c")
    assert len(line.text) == 2000


def test_the_chosen_order_holds_while_rows_change_and_selections_move_along(owner: QObject) -> None:
    one = snapshot().experts[0]
    model = experts_model(owner)
    model.sort(2)
    model.set_rows([replace(one, uid=uid, served_today=n) for uid, n in (("a", 3), ("b", 1), ("c", 2))])
    assert column(model, 0) == ["b", "c", "a"]
    selected = QPersistentModelIndex(model.index(0, 0))
    model.set_rows([replace(one, uid=uid, served_today=n) for uid, n in (("a", 3), ("b", 9), ("d", 5))])
    assert column(model, 0) == ["a", "d", "b"]
    assert selected.row() == 2
    model.set_rows([replace(one, uid="a", served_today=3)])
    assert not selected.isValid()


def test_a_thousand_changed_rows_are_told_in_one_signal(owner: QObject) -> None:
    one = snapshot().experts[0]
    model = experts_model(owner)
    model.set_rows([replace(one, uid=f"ffn0.{i}") for i in range(1000)])
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last, _roles: told.append((first.row(), last.row())))
    model.set_rows([replace(one, uid=f"ffn0.{i}", step=one.step + i) for i in range(1000)])
    assert told == [(1, 999)]
