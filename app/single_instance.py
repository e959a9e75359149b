"""One window for one home: a second start raises the first window, hands over its link, and leaves.

An installer that replaces the program asks the window by the same way to leave.
"""

import hashlib
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from shiboken6 import isValid

from core.paths import Home

ASK_MS = 500
MOST_BYTES = 4096
"""Of a message; a link is shorter than that."""
_OPEN = b"open "
_LEAVE = b"leave"


def server_name(home: Home, attach_only: bool) -> str:
    """A name that is the same for every start with that home, and short enough for every system."""
    kind = "attached" if attach_only else "window"
    return f"hivelet-{kind}-{hashlib.sha256(str(home.root).encode()).hexdigest()[:16]}"


def raise_other(name: str, link: str = "") -> bool:
    """Ask a window that already runs to come to the front, and to open a link. False when there is none."""
    return _tell(name, _OPEN + link.encode("utf-8", "replace")[: MOST_BYTES - len(_OPEN) - 1] + b"\n")


def ask_to_leave(name: str) -> bool:
    """Ask a window that runs to end; its engine stays. False when there is none."""
    return _tell(name, _LEAVE + b"\n")


def _tell(name: str, message: bytes) -> bool:
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(ASK_MS):
        return False
    socket.write(message)
    socket.waitForBytesWritten(ASK_MS)
    socket.disconnectFromServer()
    if socket.state() != QLocalSocket.LocalSocketState.UnconnectedState:
        socket.waitForDisconnected(ASK_MS)
    return True


class SingleInstance(QObject):
    """Listens for further starts. on_start(link): another one happened, "" without a link. on_leave: go, please."""

    def __init__(self, name: str, on_start: Callable[[str], object], on_leave: Callable[[], object]) -> None:
        super().__init__()
        self._on_start = on_start
        self._on_leave = on_leave
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
            connection.setReadBufferSize(2 * MOST_BYTES)
            connection.readyRead.connect(lambda connection=connection: self._on_more(connection))
            connection.disconnected.connect(lambda connection=connection: self._on_told(connection))

    @staticmethod
    def _on_more(connection: QLocalSocket) -> None:
        """Nobody of us says so much; a full buffer would also hide the end."""
        if connection.bytesAvailable() > MOST_BYTES:
            connection.abort()

    def _on_told(self, connection: QLocalSocket) -> None:
        """All was said. Connecting alone means: come to the front."""
        if not isValid(connection):
            return  # the server goes, and its connections with it
        said = bytes(connection.read(MOST_BYTES).data())
        connection.deleteLater()
        if said.split(b"\n")[0] == _LEAVE:
            self._on_leave()
            return
        link = said[len(_OPEN) :].split(b"\n")[0] if said.startswith(_OPEN) else b""
        self._on_start(link.decode("utf-8", "replace"))
