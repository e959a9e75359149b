"""How windows and scripts talk to the engine of one home. Blocking and light to import.

A `ControlClient` connects anew for each call, from any thread: right for a script that asks once. A `ControlSession`
keeps its connection from call to call, for one thread that asks again and again; an engine that was restarted
meanwhile, with another address and other keys, is noticed by its key file.
"""

import itertools
import math
import time
from collections.abc import Callable
from typing import Any

import msgpack
import zmq

from core.control.commands import MAX_REPLY_BYTES, MAX_REQUEST_BYTES, WORDS
from core.control.key_file import KeyFile
from core.errors import ControlError, NotRunning
from core.paths import Home

_LOST = zmq.EVENT_CONNECT_RETRIED | zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
_LOST |= zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_AUTH
_LAST_WORDS_MS = 50


class ControlSession:
    """One connection to the engine that works in `home`, made when it is needed. Belongs to one thread."""

    def __init__(self, home: Home, hear: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
        """hear: is given what it takes to say the engine's sentences in another language; see `net.words.glossary`."""
        self._home = home
        self._hear = hear
        self._ids = itertools.count(1)
        self._key: KeyFile | None = None  # of the engine that the connection leads to
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None

    def call(self, name: str, timeout: float = 5.0, **arguments: Any) -> dict[str, Any]:
        """Send one command of `core.control.commands` and wait for its answer at most `timeout` seconds.

        Raises NotRunning when no engine works in this home, and ControlError with the engine's own sentence and code
        when it refuses, or when it does not answer in time (code "no_answer").
        """
        request_id = next(self._ids)
        request = msgpack.packb([request_id, name, arguments])
        if len(request) > MAX_REQUEST_BYTES:
            raise ControlError(f"{name} was given more than {MAX_REQUEST_BYTES // 1024} KiB.", "too_large")
        deadline = time.monotonic() + timeout
        key = self._follow()
        self._socket.send(request)
        while (left := deadline - time.monotonic()) > 0:
            lost = dict(self._poller.poll(math.ceil(left * 1000))).get(self._monitor)
            # An engine that stops answers first, and both may be seen in the wrong order.
            while self._socket.poll(_LAST_WORDS_MS if lost else 0):
                result = _result(self._socket.recv(), request_id, self._hear)
                if result is not None:
                    return result
            if lost:
                # Nobody listens at that address any more, or it belongs to another program now.
                self.close()
                raise self._not_running()
        raise ControlError(
            f"The engine in {self._home.root} (process {key.pid}) did not answer within {timeout:g} s. "
            "It may be busy; try again.",
            "no_answer",
        )

    def close(self) -> None:
        """Let go of the connection; the next call makes a new one."""
        context, self._context, self._key = self._context, None, None
        if context is not None:
            # Every socket is closed before the context ends, or the context would wait for it forever.
            self._socket.disable_monitor()
            self._monitor.close()
            self._socket.close()
            context.term()

    def __enter__(self) -> "ControlSession":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _follow(self) -> KeyFile:
        """Be connected to the engine that the key file names now."""
        key = self._read_key()
        if key != self._key:
            self.close()
            self._connect(key)
        return key

    def _connect(self, key: KeyFile) -> None:
        self._context = zmq.Context()
        socket = self._socket = self._context.socket(zmq.DEALER)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.MAXMSGSIZE, MAX_REPLY_BYTES)
        self._monitor = socket.get_monitor_socket(_LOST)
        try:
            socket.setsockopt(zmq.CURVE_SERVERKEY, key.server_public.encode())
            socket.setsockopt(zmq.CURVE_PUBLICKEY, key.client_public.encode())
            socket.setsockopt(zmq.CURVE_SECRETKEY, key.client_secret.encode())
            socket.connect(key.address)
        except zmq.ZMQError as error:
            self.close()
            raise self._not_running() from error
        self._poller = zmq.Poller()
        self._poller.register(socket, zmq.POLLIN)
        self._poller.register(self._monitor, zmq.POLLIN)
        self._key = key

    def _read_key(self) -> KeyFile:
        try:
            return KeyFile.read(self._home.control_key)
        except PermissionError as error:
            raise ControlError(f"{self._home.control_key} belongs to another user.") from error
        except (OSError, ValueError) as error:
            self.close()
            raise self._not_running() from error

    def _not_running(self) -> NotRunning:
        return NotRunning(f"No engine runs in {self._home.root}. Start one with `hivelet engine`, or open `hivelet`.")


class ControlClient:
    """Sends commands to the engine that works in `home`, from any thread; each call makes its own connection."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def call(self, name: str, timeout: float = 5.0, **arguments: Any) -> dict[str, Any]:
        """As `ControlSession.call`."""
        with ControlSession(self._home) as session:
            return session.call(name, timeout, **arguments)


def _result(answer: bytes, request_id: int, hear: Callable[[dict[str, Any]], None]) -> dict[str, Any] | None:
    """The result in an answer, or None when it answers something else. Raises ControlError when it is a refusal."""
    try:
        number, done, body = msgpack.unpackb(answer, strict_map_key=False)
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        raise ControlError("The engine's answer cannot be read; is it of another version?", "bad_answer") from error
    if number != request_id:
        return None
    if not isinstance(body, dict):
        raise ControlError("The engine's answer cannot be read; is it of another version?", "bad_answer")
    words = body.pop(WORDS, None)
    if isinstance(words, dict):
        hear(words)
    if not done:
        raise ControlError(str(body.get("text", "The engine refused.")), str(body.get("code", "")))
    return body
