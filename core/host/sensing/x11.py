"""Just enough of the X11 protocol to ask an X server how long nobody typed, and whether a window fills the screen.

Xlib ends the whole process when the X server goes away, so the few requests are written here over a plain socket. Only
servers of this computer are asked.
"""

import os
import re
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

WAIT_S = 1.0
_FAMILY_LOCAL = 256
_FAMILY_WILD = 65535
_COOKIE = b"MIT-MAGIC-COOKIE-1"
_LONGEST = 1 << 20
_EVENT_WITH_LENGTH = 35
_NAME = re.compile(r"(?:unix)?(?:/[^:]*)?:(\d+)(?:\.(\d+))?")


class X11Error(Exception):
    """The X server cannot be asked. str() is one clause for people."""


@dataclass(frozen=True, slots=True)
class _Property:
    format: int
    values: tuple[int, ...]


class X11:
    """One connection, made at the first request and again after a failure. Used by one thread."""

    def __init__(self, display: str, authority: Path | None = None) -> None:
        """display: as in $DISPLAY; authority: the file of cookies, by default $XAUTHORITY or ~/.Xauthority."""
        self._display = display
        self._authority = authority or Path(os.environ.get("XAUTHORITY") or Path.home() / ".Xauthority")
        self._socket: socket.socket | None = None
        self._sequence = 0
        self._root = 0
        self._saver = 0
        self._atoms: dict[str, int] = {}

    def idle_s(self) -> float:
        """Seconds since the last input. Raises X11Error."""
        self._connect()
        if not self._saver:
            name = b"MIT-SCREEN-SAVER"
            reply = self._ask(98, 0, struct.pack("<HH", len(name), 0) + _padded(name))
            if not reply[8]:
                self.close()
                raise X11Error("the X server lacks the extension MIT-SCREEN-SAVER")
            self._saver = reply[9]
        reply = self._ask(self._saver, 1, struct.pack("<I", self._root))
        return float(struct.unpack_from("<I", reply, 16)[0]) / 1000

    def fullscreen(self) -> bool | None:
        """Whether the active window fills the screen; None when no window manager tells. Raises X11Error."""
        self._connect()
        if self._property(self._root, "_NET_SUPPORTING_WM_CHECK") is None:
            return None
        active = self._property(self._root, "_NET_ACTIVE_WINDOW")
        if active is None or not active.values or not active.values[0]:
            return False
        state = self._property(active.values[0], "_NET_WM_STATE")
        return state is not None and self._atom("_NET_WM_STATE_FULLSCREEN") in state.values

    def close(self) -> None:
        """Hang up; the next question connects again."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._sequence, self._saver = None, 0, 0
        self._atoms = {}

    # --- requests -------------------------------------------------------------------------------------------

    def _atom(self, name: str) -> int:
        if name not in self._atoms:
            encoded = name.encode()
            reply = self._ask(16, 0, struct.pack("<HH", len(encoded), 0) + _padded(encoded))
            self._atoms[name] = int(struct.unpack_from("<I", reply, 8)[0])
        return self._atoms[name]

    def _property(self, window: int, name: str) -> _Property | None:
        """A property of 32-bit numbers, or None when the window, or its property, is not there."""
        body = struct.pack("<IIIII", window, self._atom(name), 0, 0, 256)
        try:
            reply = self._ask(20, 0, body)
        except _RefusedError:
            return None  # the window was closed meanwhile
        bits, count = reply[1], struct.unpack_from("<I", reply, 16)[0]
        if bits != 32 or len(reply) < 32 + 4 * count:
            return None
        return _Property(bits, struct.unpack_from(f"<{count}I", reply, 32))

    def _ask(self, opcode: int, detail: int, body: bytes) -> bytes:
        """Send one request and return its reply. Raises X11Error; _RefusedError for an error of the server."""
        self._connect()
        self._sequence = (self._sequence + 1) & 0xFFFF
        try:
            self._send(struct.pack("<BBH", opcode, detail, 1 + len(body) // 4) + body)
            reply = self._reply()
        except (OSError, X11Error) as error:
            self.close()
            raise X11Error(str(error) or "the X server does not answer") from error
        if not reply[0]:
            raise _RefusedError(f"the X server refuses request {opcode}")
        return reply

    def _reply(self) -> bytes:
        """What answers the last request: a reply, or an error, whose first byte is 0. Events are passed over."""
        while True:
            reply = self._receive(32)
            kind, sequence = reply[0] & 0x7F, struct.unpack_from("<H", reply, 2)[0]
            if kind in (1, _EVENT_WITH_LENGTH):
                length = 4 * struct.unpack_from("<I", reply, 4)[0]
                if length > _LONGEST:
                    raise X11Error("the X server answers nonsense")
                reply += self._receive(length)
            if sequence == self._sequence and kind in (0, 1):
                return reply

    # --- connecting -----------------------------------------------------------------------------------------

    def _connect(self) -> None:
        if self._socket is not None:
            return
        found = _NAME.fullmatch(self._display)
        if not found or not hasattr(socket, "AF_UNIX"):
            raise X11Error(f"the display {self._display[:40]!r} is not one of this computer")
        number = int(found[1])
        path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where X servers listen
        problem: OSError | None = None
        for address in (f"\0{path}", path):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(WAIT_S)
            try:
                connection.connect(address)
            except OSError as error:
                connection.close()
                problem = error
                continue
            self._socket = connection
            break
        if self._socket is None:
            raise X11Error(f"no X server listens for {self._display} ({problem.strerror if problem else ''})")
        try:
            self._greet(number)
        except X11Error:
            self.close()
            raise
        except (OSError, struct.error, IndexError) as error:
            self.close()
            raise X11Error("the X server does not greet back") from error

    def _greet(self, number: int) -> None:
        cookie = _cookie(self._authority, number)
        name = _COOKIE if cookie else b""
        self._send(struct.pack("<BxHHHHxx", 0x6C, 11, 0, len(name), len(cookie)) + _padded(name) + _padded(cookie))
        status, _, _, length = struct.unpack("<BxHHH", self._receive(8))
        setup = self._receive(4 * length)
        if status != 1:
            raise X11Error("the X server does not admit this program")
        vendor, formats = struct.unpack_from("<H", setup, 16)[0], setup[21]
        (self._root,) = struct.unpack_from("<I", setup, 32 + _up(vendor) + 8 * formats)

    def _send(self, data: bytes) -> None:
        if self._socket is None:
            raise X11Error("the X server has gone")
        self._socket.sendall(data)

    def _receive(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self._socket.recv(count - len(data)) if self._socket else b""
            if not part:
                raise X11Error("the X server has gone")
            data += part
        return data


class _RefusedError(X11Error):
    pass


def _cookie(path: Path, display: int) -> bytes:
    """The display's cookie from an Xauthority file, b"" when there is none."""
    try:
        data = path.read_bytes()[:_LONGEST]
    except OSError:
        return b""
    fallback, at = b"", 0
    while at + 2 <= len(data):
        (family,) = struct.unpack_from(">H", data, at)
        at += 2
        fields = []
        for _ in range(4):
            if at + 2 > len(data):
                return fallback
            (size,) = struct.unpack_from(">H", data, at)
            fields.append(data[at + 2 : at + 2 + size])
            at += 2 + size
        _, number, name, value = fields
        if name == _COOKIE and number in (b"", str(display).encode()):
            if family in (_FAMILY_LOCAL, _FAMILY_WILD):
                return value
            fallback = fallback or value
    return fallback


def _up(size: int) -> int:
    return (size + 3) // 4 * 4


def _padded(data: bytes) -> bytes:
    return data.ljust(_up(len(data)), b"\0")
