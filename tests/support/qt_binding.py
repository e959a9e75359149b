"""Is this pair of PySide6 and Python sound?

PySide6 6.12 loses a reference to None, True or False with each one that Python hands to Qt. Before Python 3.12 these
objects are counted, so that a window on such a pair dies after a few thousand table cells.
"""

import sys
from typing import Any

import PySide6
from PySide6.QtCore import QAbstractListModel, QModelIndex

ROUNDS = 200


class _Nothing(QAbstractListModel):
    def rowCount(self, _parent: Any = None) -> int:
        return 1

    def data(self, _index: Any, _role: int = 0) -> None:
        return None


def lost_references() -> int:
    """How many references to None a model of no data loses when it is asked `ROUNDS` times; 0 on a sound pair."""
    model = _Nothing()
    index = model.index(0, 0, QModelIndex())
    before = sys.getrefcount(None)
    for _ in range(ROUNDS):
        index.data(0)
    return max(0, before - sys.getrefcount(None) - ROUNDS // 4)


def complaint() -> str:
    """One sentence when the pair is unsound, else nothing."""
    if sys.version_info >= (3, 12) or not lost_references():
        return ""
    return (
        f"PySide6 {PySide6.__version__} loses references on Python {sys.version_info.major}.{sys.version_info.minor} "
        "and would crash; install 'PySide6-Essentials<6.12', or use Python 3.12 or newer."
    )
