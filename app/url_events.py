"""Links that macOS hands to a program as events, where other systems start it with the link as an argument."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFileOpenEvent, QGuiApplication

LINK_SCHEME = "hivelet"


class UrlEvents(QObject):
    """on_link(link): somebody clicked a `hivelet:` link. Everything else that is to be opened is passed over."""

    def __init__(self, application: QGuiApplication, on_link: Callable[[str], object]) -> None:
        super().__init__(application)
        self._on_link = on_link
        application.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.FileOpen or not isinstance(event, QFileOpenEvent):
            return False
        url = event.url()
        if url.scheme().lower() == LINK_SCHEME:
            self._on_link(url.toString(url.ComponentFormattingOption.FullyEncoded))
        return True
