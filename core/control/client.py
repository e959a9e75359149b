"""How windows and scripts talk to the engine of one home. Blocking, usable from any thread, light to import.

Each call makes its own connection: an engine that was restarted meanwhile has another address and other keys, and a
slow command in one thread holds up none in another.
"""

import itertools
import math
import time
from typing import Any

import msgpack
import zmq

from core.control.commands import MAX_REPLY_BYTES, MAX_REQUEST_BYTES
from core.control.key_file import KeyFile
from core.errors import ControlError, NotRunning
from core.paths import Home

_LOST = zmq.EVENT_CONNECT_RETRIED | zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
_LOST |= zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_AUTH
_LAST_WORDS_MS = 50


class ControlClient:
    """Sends commands to the engine that works in `home`."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._ids = itertools.count(1)

    def call(self, name: str, timeout: float = 5.0, **arguments: Any) -> dict[str, Any]:
        """Send one command of `core.control.commands` and wait for its answer at most `timeout` seconds.

        Raises NotRunning when no engine works in this home, and ControlError with the engine's own sentence and code
        when it refuses, or when it does not answer in time (code "no_answer").
        """
        request_id = next(self._ids)
        request = msgpack.packb([request_id, name, arguments])
        if len(request) > MAX_REQUEST_BYTES:
            raise ControlError(f"{name} was given more than {MAX_REQUEST_BYTES // 1024} KiB.", "too_large")
        key = self._key()
        # Every socket is closed before the context ends, or the context would wait for it forever.
        with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
            return self._exchange(socket, key, request_id, request, timeout)

    def _exchange(
        self, socket: "zmq.Socket[bytes]", key: KeyFile, request_id: int, request: bytes, timeout: float
    ) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.MAXMSGSIZE, MAX_REPLY_BYTES)
        with socket.get_monitor_socket(_LOST) as monitor:
            try:
                socket.setsockopt(zmq.CURVE_SERVERKEY, key.server_public.encode())
                socket.setsockopt(zmq.CURVE_PUBLICKEY, key.client_public.encode())
                socket.setsockopt(zmq.CURVE_SECRETKEY, key.client_secret.encode())
                socket.connect(key.address)
            except zmq.ZMQError as error:
                raise self._not_running() from error
            socket.send(request)
            poller = zmq.Poller()
            poller.register(socket, zmq.POLLIN)
            poller.register(monitor, zmq.POLLIN)
            while (left := deadline - time.monotonic()) > 0:
                lost = dict(poller.poll(math.ceil(left * 1000))).get(monitor)
                # An engine that stops answers first, and both may be seen in the wrong order.
                while socket.poll(_LAST_WORDS_MS if lost else 0):
                    result = _result(socket.recv(), request_id)
                    if result is not None:
                        return result
                if lost:
                    # Nobody listens at that address any more, or it belongs to another program now.
                    raise self._not_running()
        raise ControlError(
            f"The engine in {self._home.root} (process {key.pid}) did not answer within {timeout:g} s. "
            "It may be busy; try again.",
            "no_answer",
        )

    def _key(self) -> KeyFile:
        try:
            return KeyFile.read(self._home.control_key)
        except PermissionError as error:
            raise ControlError(f"{self._home.control_key} belongs to another user.") from error
        except (OSError, ValueError) as error:
            raise self._not_running() from error

    def _not_running(self) -> NotRunning:
        return NotRunning(f"No engine runs in {self._home.root}. Start one with `hivelet engine`, or open `hivelet`.")


def _result(answer: bytes, request_id: int) -> dict[str, Any] | None:
    """The result in an answer, or None when it answers something else. Raises ControlError when it is a refusal."""
    try:
        number, done, body = msgpack.unpackb(answer, strict_map_key=False)
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        raise ControlError("The engine's answer cannot be read; is it of another version?", "bad_answer") from error
    if number != request_id:
        return None
    if not isinstance(body, dict):
        raise ControlError("The engine's answer cannot be read; is it of another version?", "bad_answer")
    if not done:
        raise ControlError(str(body.get("text", "The engine refused.")), str(body.get("code", "")))
    return body
