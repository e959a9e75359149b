"""Whether the window tells of a newer Hivelet, and what its buttons do."""

from collections.abc import Callable

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from app.presenters.scene import Scene
from app.viewmodels.update import is_page, update_card
from app.views.update import UpdateNotice


def browse(page: str) -> None:
    """Show a page in the person's browser."""
    QDesktopServices.openUrl(QUrl(page, QUrl.ParsingMode.StrictMode))


class UpdatePresenter:
    """browse: how a page is opened."""

    def __init__(self, scene: Scene, browse: Callable[[str], object] = browse) -> None:
        self.notice: UpdateNotice | None = None
        self._scene = scene
        self._browse = browse
        self._put_away = ""

    def attach(self, notice: UpdateNotice) -> None:
        """The card was built."""
        self.notice = notice
        notice.opened.connect(self._open)
        notice.put_away.connect(self._later)

    def show(self) -> None:
        """Bring the card up to date."""
        if self.notice is not None:
            self.notice.show_card(update_card(self._scene.snapshot, self._put_away))

    def bring_forward(self) -> None:
        """Show it even where it was put away: nothing is opened that was not shown before."""
        self._put_away = ""
        self.show()
        if self.notice is not None:
            self.notice.open.setFocus()

    def _open(self, page: str) -> None:
        if is_page(page):
            self._browse(page)

    def _later(self, version: str) -> None:
        self._put_away = version
        self.show()
