"""The window's tests run without a screen."""

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.garbage import collect_due
from app.presenter import Presenter
from app.theme import Theme
from tests.support import snapshots
from tests.support.qt_binding import complaint
from tests.support.screenshots import SilentBridge


@pytest.fixture(scope="session", autouse=True)
def _sound_binding() -> None:
    """Rather a clear failure than a dead interpreter in the middle of the run."""
    if problem := complaint():
        pytest.fail(problem, pytrace=False)


@pytest.fixture(autouse=True)
def _garbage_in_this_thread() -> Iterator[None]:
    """As in the window (app.garbage): threads of tests must not destroy other tests' widgets."""
    gc.disable()
    yield
    # Without an event loop nobody else does this, and every style sheet would be applied to all windows of the past.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    collect_due()
    gc.enable()


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """Not by the environment, which the processes of other tests would inherit."""
    return ["hivelet", "-platform", "offscreen"]


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The light appearance; the application is left without a style sheet."""
    qapp.setStyle("Fusion")
    result = Theme(qapp, "light")
    yield result
    qapp.styleHints().colorSchemeChanged.disconnect(result._on_system_changed)
    result.deleteLater()
    qapp.setStyleSheet("")


@pytest.fixture
def bridge() -> SilentBridge:
    """Remembers what was asked."""
    return SilentBridge()


@pytest.fixture
def presenter(theme: Theme, bridge: SilentBridge) -> Iterator[Presenter]:
    """A window at a fixed moment, before anything is known."""
    result = Presenter(theme, bridge, now=lambda: snapshots.NOW)
    yield result
    result.window.may_close = True
    result.window.close()
    result.window.deleteLater()
    result.deleteLater()
