"""Links that macOS brings as events."""

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from app.url_events import UrlEvents


def test_a_clicked_link_arrives_as_it_was_written(qapp: QApplication) -> None:
    got: list[str] = []
    events = UrlEvents(qapp, got.append)
    link = f"hivelet://join?project={'ab' * 32}&name=text&bootstrap=tcp://192.0.2.1:4800"
    try:
        for address in (link, "https://hivelet.example/", "file:///etc/passwd"):
            QCoreApplication.sendEvent(qapp, QFileOpenEvent(QUrl(address)))
    finally:
        qapp.removeEventFilter(events)
        events.deleteLater()
    assert got == [link]
