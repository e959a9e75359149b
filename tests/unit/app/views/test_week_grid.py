import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.theme import Theme
from app.views.week_grid import WeekGrid
from core.preferences import WeekLevels

FULL_DAY = "F" * 24


@pytest.fixture
def grid(theme: Theme, qtbot: QtBot) -> WeekGrid:
    result = WeekGrid(theme)
    qtbot.addWidget(result)
    result.resize(700, result.sizeHint().height())
    result.show()
    return result


def place(grid: WeekGrid, day: int, hour: int) -> QPoint:
    return grid.cell(day, hour).center().toPoint()


def test_a_stroke_paints_every_hour_on_its_way_and_tells_once(grid: WeekGrid) -> None:
    told: list[str] = []
    grid.changed.connect(told.append)
    grid.brush = 2
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=place(grid, 1, 9))
    QTest.mouseMove(grid, place(grid, 1, 16))
    assert told == []
    QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=place(grid, 1, 16))
    assert told == [WeekLevels.parse("tue 9-17 20%").text]


def test_a_name_paints_its_day_and_a_number_its_hour(grid: WeekGrid) -> None:
    grid.brush = 0
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(3, place(grid, 2, 0).y()))
    assert grid.text.split() == [FULL_DAY, FULL_DAY, "0" * 24, FULL_DAY, FULL_DAY, FULL_DAY, FULL_DAY]
    grid.brush = 5
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(place(grid, 0, 23).x(), 3))
    assert all(word[23] == "5" for word in grid.text.split())


def test_the_keyboard_does_all_that_the_mouse_does(grid: WeekGrid) -> None:
    told: list[str] = []
    grid.changed.connect(told.append)
    grid.brush = 0
    QTest.keyClick(grid, Qt.Key.Key_Down)
    QTest.keyClick(grid, Qt.Key.Key_Space)
    QTest.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_7)
    assert grid.text.split()[1].startswith("007F")
    assert told[-1] == grid.text
    assert grid.accessibleDescription() == "Tue 02:00: 70 %"
    QTest.keyClick(grid, Qt.Key.Key_F)
    assert grid.text.split()[1].startswith("00FF")


def test_news_do_not_undo_a_stroke(grid: WeekGrid) -> None:
    grid.brush = 0
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=place(grid, 0, 0))
    grid.show_week("")
    assert grid.text.startswith("0F")
    QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=place(grid, 0, 0))
    grid.show_week("")
    assert grid.text == ""
