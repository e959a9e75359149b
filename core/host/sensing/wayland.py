"""Just enough of the Wayland protocol to hear from the compositor when nobody has typed for a while.

KWin and the compositors built on wlroots or Smithay offer `ext_idle_notifier_v1`; GNOME has its own way over D-Bus.
"""

import os
import select
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

WAIT_S = 1.0
QUIET_S = 60.0
"""The compositor tells after so long without input; before that, the computer counts as just used."""
_DISPLAY, _REGISTRY, _SYNC, _SEAT, _NOTIFIER, _NOTIFICATION = 1, 2, 3, 4, 5, 6
_MOST_BYTES = 1 << 20


class WaylandError(Exception):
    """The compositor cannot be asked. str() is one clause for people."""


class WaylandIdle:
    """One connection, made at the first question and again after a failure. Used by one thread.

    path: the compositor's socket; clock: monotonic seconds.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._socket: socket.socket | None = None
        self._buffer = b""
        self._globals: dict[str, tuple[int, int]] = {}
        self._synced = False
        self._idle_since: float | None = None

    def idle_s(self) -> float:
        """Seconds since the last input, 0 below a minute. Raises WaylandError."""
        if self._socket is None:
            self._connect()
        try:
            self._pump(0.0)
        except (OSError, struct.error) as error:
            self.close()
            raise WaylandError("the compositor has gone") from error
        return 0.0 if self._idle_since is None else self._clock() - self._idle_since

    def close(self) -> None:
        """Hang up; the next question connects again."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._buffer, self._synced, self._idle_since = None, b"", False, None
        self._globals = {}

    def _connect(self) -> None:
        if not hasattr(socket, "AF_UNIX"):
            raise WaylandError("this system has no Wayland")
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(WAIT_S)
        try:
            self._socket.connect(os.fspath(self._path))
            self._send(_DISPLAY, 1, struct.pack("<I", _REGISTRY))
            self._send(_DISPLAY, 0, struct.pack("<I", _SYNC))
            end = self._clock() + WAIT_S
            while not self._synced and self._clock() < end:
                self._pump(WAIT_S)
            self._subscribe()
        except WaylandError:
            self.close()
            raise
        except (OSError, struct.error) as error:
            self.close()
            raise WaylandError("no compositor answers") from error

    def _subscribe(self) -> None:
        if "ext_idle_notifier_v1" not in self._globals or "wl_seat" not in self._globals:
            raise WaylandError("the compositor does not tell programs how long nobody typed")
        self._bind("wl_seat", 1, _SEAT)
        # From version 2 on, films that keep the screen awake do not count as input.
        version = min(2, self._globals["ext_idle_notifier_v1"][1])
        self._bind("ext_idle_notifier_v1", version, _NOTIFIER)
        self._send(_NOTIFIER, version, struct.pack("<III", _NOTIFICATION, int(QUIET_S * 1000), _SEAT))

    def _bind(self, interface: str, version: int, new_id: int) -> None:
        name, _ = self._globals[interface]
        text = interface.encode() + b"\0"
        body = struct.pack("<II", name, len(text)) + text.ljust((len(text) + 3) // 4 * 4, b"\0")
        self._send(_REGISTRY, 0, body + struct.pack("<II", version, new_id))

    def _send(self, target: int, opcode: int, body: bytes) -> None:
        if self._socket is None:
            raise WaylandError("the compositor has gone")
        self._socket.sendall(struct.pack("<II", target, (8 + len(body)) << 16 | opcode) + body)

    def _pump(self, wait_s: float) -> None:
        """Take what the compositor has sent; wait at most so long for the first of it."""
        while self._socket is not None and select.select([self._socket], [], [], wait_s)[0]:
            wait_s = 0.0
            data = self._socket.recv(65536)
            self._buffer += data
            if not data or len(self._buffer) > _MOST_BYTES:
                raise OSError("the connection ended")
            while len(self._buffer) >= 8:
                target, word = struct.unpack_from("<II", self._buffer)
                size, opcode = word >> 16, word & 0xFFFF
                if size < 8:
                    raise OSError("nonsense was sent")
                if len(self._buffer) < size:
                    break
                body, self._buffer = self._buffer[8:size], self._buffer[size:]
                self._event(target, opcode, body)

    def _event(self, target: int, opcode: int, body: bytes) -> None:
        match target, opcode:
            case (1, 0):
                raise OSError("the compositor reports an error")
            case (2, 0):
                name, length = struct.unpack_from("<II", body)
                interface = body[8 : 8 + length - 1].decode(errors="replace")
                (version,) = struct.unpack_from("<I", body, 8 + (length + 3) // 4 * 4)
                if interface in ("wl_seat", "ext_idle_notifier_v1"):
                    self._globals.setdefault(interface, (name, version))
            case (3, 0):
                self._synced = True
            case (6, 0):
                self._idle_since = self._clock() - QUIET_S
            case (6, 1):
                self._idle_since = None
