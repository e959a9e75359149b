"""PySide6 6.12 loses a reference to None, True or False with each one that Python hands to Qt. Before Python 3.12 these
objects are counted, so a window on such a pair dies after a few thousand table cells."""

import sys

import pytest
from PySide6 import __version__
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex
from PySide6.QtWidgets import QApplication

ROUNDS = 200


class Nothing(QAbstractListModel):
    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 1

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> object:
        return None


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal here")
def test_the_binding_keeps_references_to_none(qapp: QApplication) -> None:
    model = Nothing()
    index = model.index(0, 0)
    before = sys.getrefcount(None)
    for _ in range(ROUNDS):
        index.data(0)
    lost = before - sys.getrefcount(None)
    assert lost < ROUNDS / 2, f"PySide6 {__version__} loses references on this Python; install PySide6-Essentials<6.12"
