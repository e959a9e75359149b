"""A page as it is shown, and what can be wrong with how it looks."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

from app.presenter import Presenter
from app.supervision import EngineStatus
from app.views.widgets import ElidedLabel, Paragraph
from app.views.window import MINIMUM_SIZE
from core.control.snapshot import EngineSnapshot
from tests.support import snapshots
from tests.support.screenshots import PAGES, RUNNING, fill_pages

__all__ = ("PAGES", "cut_off", "show", "texts")


def show(
    presenter: Presenter, page: str, shown: EngineSnapshot | None, engine: EngineStatus = RUNNING, theme: str = "light"
) -> None:
    """Bring a page to the front of the smallest window, with this state of the engine."""
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
        right = widget.mapTo(window, QPoint(widget.width(), 0)).x()
        if right > window.width():
            problems.append(f"beyond the window: {widget.text()!r}")
    return problems
