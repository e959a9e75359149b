"""A page as it is shown, and what can be wrong with how it looks.

`QT_SCALE_FACTOR=2 python -m tests.support.looks [LANGUAGE]` prints what is cut off, page by page.
"""

import json
import sys
from dataclasses import replace

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

from app.presenter import Presenter
from app.said import learn
from app.supervision import EngineStatus
from app.theme import Theme
from app.translation import Languages
from app.views.widgets import ElidedLabel, Paragraph
from app.views.window import MINIMUM_SIZE
from core.control.snapshot import EngineSnapshot
from net.words import glossary
from tests.support import snapshots
from tests.support.screenshots import PAGES, RUNNING, SilentBridge, fill_pages

__all__ = ("PAGES", "cut_off", "show", "texts")


def show(
    presenter: Presenter, page: str, shown: EngineSnapshot | None, engine: EngineStatus = RUNNING, theme: str = "light"
) -> None:
    """Bring a page to the front of the smallest window, with this state of the engine."""
    if shown is not None:
        learn(glossary(shown.to_dict()))
    presenter.on_engine(engine)
    if shown is not None:
        presenter.on_history(snapshots.history())
        presenter.on_log(snapshots.log_lines())
        presenter.on_preferences({**snapshots.PREFERENCES, "theme": theme})
        presenter.on_snapshot(shown)
    presenter.window.resize(*MINIMUM_SIZE)
    presenter.window.show()
    presenter.window.show_page(page)
    if shown is not None:
        fill_pages(presenter)
    for _ in range(5):
        QApplication.processEvents()
    presenter.refresh()
    for _ in range(5):
        QApplication.processEvents()


def texts(window: QWidget) -> list[str]:
    """All visible words."""
    found: list[str] = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible():
            continue
        if isinstance(widget, ElidedLabel):
            found.append(widget.full)
        elif isinstance(widget, QLabel | QAbstractButton | QLineEdit):
            found.append(widget.text())
    return found


def cut_off(window: QWidget) -> list[str]:
    """Visible words that do not fit where they stand."""
    problems: list[str] = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, QLabel | QAbstractButton) or not widget.text():
            continue
        if isinstance(widget, Paragraph):
            if widget.heightForWidth(widget.width()) > widget.height():
                problems.append(f"lower than its text: {widget.text()!r}")
        elif not isinstance(widget, ElidedLabel) and widget.width() < widget.minimumSizeHint().width():
            problems.append(f"narrower than its text: {widget.text()!r}")
        elif widget.contentsRect().height() < _text_height(widget):
            problems.append(f"lower than its letters: {widget.text()!r}")
        right = widget.mapTo(window, QPoint(widget.width(), 0)).x()
        if right > window.width():
            problems.append(f"beyond the window: {widget.text()!r}")
    return problems


def _text_height(widget: QLabel | QAbstractButton) -> int:
    """What the widget's words need in height, at the width that it has."""
    if isinstance(widget, QLabel) and widget.wordWrap():
        bounds = QRect(0, 0, widget.contentsRect().width(), 10_000)
        return widget.fontMetrics().boundingRect(bounds, int(Qt.TextFlag.TextWordWrap), widget.text()).height()
    return widget.fontMetrics().tightBoundingRect(widget.text()).height()


def main() -> None:
    """One JSON object: the device pixels for each of ours, and for each page what is cut off."""
    qt = QApplication(["hivelet", "-platform", "offscreen"])
    qt.setStyle("Fusion")
    languages = Languages(qt)
    languages.choose(sys.argv[1] if len(sys.argv) > 1 else "en")
    theme = Theme(qt, "light")
    presenter = Presenter(theme, SilentBridge(), now=lambda: snapshots.NOW)
    found: dict[str, list[str]] = {}
    for state in ("working", "guarded"):
        for page in PAGES:
            shown = snapshots.snapshot("working" if state == "working" else "guarded")
            if state == "guarded":
                shown = replace(shown, update=snapshots.UPDATE)
            show(presenter, page, shown)
            found[f"{page}, {state}"] = cut_off(presenter.window)
    sys.stdout.write(json.dumps({"scale": presenter.window.devicePixelRatio(), "cut_off": found}))
    sys.stdout.flush()
    presenter.window.may_close = True
    presenter.window.close()


if __name__ == "__main__":
    main()
