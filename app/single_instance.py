"""One window for one home: a second start raises the first window and leaves."""

import hashlib
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from core.paths import Home

ASK_MS = 500
_RAISE = b"raise\n"


def server_name(home: Home, attach_only: bool) -> str:
    """A name that is the same for every start with that home, and short enough for every system."""
    kind = "attached" if attach_only else "window"
    return f"hivelet-{kind}-{hashlib.sha256(str(home.root).encode()).hexdigest()[:16]}"


def raise_other(name: str) -> bool:
    """Ask a window that already runs to come to the front. False when there is none."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(ASK_MS):
        return False
    socket.write(_RAISE)
    socket.waitForBytesWritten(ASK_MS)
    socket.disconnectFromServer()
    return True


class SingleInstance(QObject):
    """Listens for further starts."""

    def __init__(self, name: str, on_raise: Callable[[], object]) -> None:
        super().__init__()
        self._on_raise = on_raise
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        if not self._server.listen(name):
            # What a crashed window left behind; `raise_other` has just found nobody there.
            QLocalServer.removeServer(name)
            self._server.listen(name)

    def close(self) -> None:
        """Let the next start be the first."""
        self._server.close()

    def _on_connection(self) -> None:
        while (connection := self._server.nextPendingConnection()) is not None:
            connection.disconnected.connect(connection.deleteLater)
            # Connecting is the whole message: what is sent, by whomever of this user, means the same.
            self._on_raise()
