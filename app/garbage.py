"""Python's cycle collector, kept on the thread that owns the widgets.

It runs in whatever thread happens to allocate. In the bridge's thread it would destroy dialogs and rows that lie in
reference cycles, and Qt objects that die outside their own thread take the process with them.
"""

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 2000


class GarbageCollector(QObject):
    """Collects by timer, in the thread that made it, what would have been collected by itself; until `stop`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(collect_due)
        self._timer.start(LOOK_MS)

    def stop(self) -> None:
        """Leave it to the interpreter again."""
        self._timer.stop()
        gc.enable()


def collect_due() -> int:
    """Collect the oldest generation whose threshold is passed. Returns it, -1 for none."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation] > 0:
            gc.collect(generation)
            return generation
    return -1
