"""The engine's end of the control socket: takes commands of this user's windows and scripts, on loopback alone."""

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgpack
import zmq
import zmq.asyncio
from zmq.utils import z85

from core.control.commands import (
    DEADLINES_S,
    DEFAULT_DEADLINE_S,
    MAX_REPLY_BYTES,
    MAX_REQUEST_BYTES,
    WORDS,
    Command,
)
from core.control.key_file import KeyFile
from core.control.zap import SingleKeyZap
from core.errors import ControlError, HiveletError
from core.paths import Home
from net.words import glossary, sentence_of

log = logging.getLogger(__name__)

Handler = Callable[[Command], Awaitable[dict[str, Any]]]

_DOMAIN = b"hivelet-control"
_MAX_AT_ONCE = 16
_HANDSHAKE_MS = 2000
_LINGER_MS = 500
_GRACE_S = 2.0
_QUEUE = 64


class ControlServer:
    """Answers commands through `handler`, several at once, each within its deadline.

    The handler raises HiveletError to refuse with its sentence; anything else that it raises is logged and answered
    as an internal error. Runs in the event loop that called `start`, which must be a selector loop.
    """

    def __init__(self, home: Home, handler: Handler) -> None:
        self._home = home
        self._handler = handler
        self._context: zmq.asyncio.Context | None = None
        self._serving: asyncio.Task[None] | None = None
        self._receiving: asyncio.Task[None] | None = None
        self._answering: set[asyncio.Task[None]] = set()
        self._key: KeyFile | None = None

    async def start(self) -> None:
        """Bind, then publish the key file. Raises HomeError or ControlError."""
        server_public, server_secret = zmq.curve_keypair()
        client_public, client_secret = zmq.curve_keypair()
        self._context = zmq.asyncio.Context()
        self._zap = SingleKeyZap(self._context, _DOMAIN, z85.decode(client_public))
        self._router = self._context.socket(zmq.ROUTER)
        for option, value in (
            (zmq.LINGER, _LINGER_MS),
            (zmq.MAXMSGSIZE, MAX_REQUEST_BYTES),
            (zmq.HANDSHAKE_IVL, _HANDSHAKE_MS),
            (zmq.RCVHWM, _QUEUE),
            (zmq.SNDHWM, _QUEUE),
            (zmq.CURVE_SERVER, 1),
            (zmq.ZAP_ENFORCE_DOMAIN, 1),
        ):
            self._router.setsockopt(option, value)
        self._router.setsockopt(zmq.CURVE_SECRETKEY, server_secret)
        self._router.setsockopt(zmq.ZAP_DOMAIN, _DOMAIN)
        self._serving = asyncio.create_task(self._serve(), name="control server")
        try:
            port = self._router.bind_to_random_port("tcp://127.0.0.1")
            self._key = KeyFile(
                f"tcp://127.0.0.1:{port}",
                server_public.decode(),
                client_public.decode(),
                client_secret.decode(),
                os.getpid(),
            )
            self._key.write(self._home.control_key)
        except zmq.ZMQError as error:
            await self.close()
            raise ControlError(f"The control socket cannot be opened on 127.0.0.1 ({error}).") from error
        except HiveletError:
            await self.close()
            raise

    @property
    def address(self) -> str:
        """Where it listens, "" before `start`."""
        return self._key.address if self._key else ""

    async def close(self) -> None:
        """Remove the key file, let running commands answer for a moment, then close. May be called twice.

        A handler cannot call it, since its own answer would have to be waited for.
        """
        if asyncio.current_task() in self._answering:
            raise RuntimeError("the control server cannot be closed by one of its commands")
        if self._serving is None or self._context is None:
            return
        serving, self._serving = self._serving, None
        self._remove_key()
        if self._receiving is not None:
            self._receiving.cancel()
        if self._answering:
            await asyncio.wait(self._answering, timeout=_GRACE_S)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        self._router.close()
        self._zap.close()
        self._context.term()

    def _remove_key(self) -> None:
        if self._key is None:
            return
        try:
            # The next engine of this home may have written its own already.
            if KeyFile.read(self._home.control_key) == self._key:
                self._home.control_key.unlink()
        except (OSError, ValueError) as error:
            log.info("The control key file could not be removed: %s", error)

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._zap.run(), name="control admission")
            self._receiving = tasks.create_task(self._receive(tasks), name="control requests")

    async def _receive(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            frames = await self._router.recv_multipart()
            if len(frames) != 2:
                continue  # only a client that is not ours sends this; it gets no answer
            sender, payload = frames
            if len(self._answering) >= _MAX_AT_ONCE:
                await self._send(sender, _request_id(payload), _failure("busy", "The engine has too much to answer."))
                continue
            task = tasks.create_task(self._answer(sender, payload))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _answer(self, sender: bytes, payload: bytes) -> None:
        request_id = _request_id(payload)
        try:
            command = _parse(payload)
        except ValueError as error:
            await self._send(sender, request_id, _failure("bad_request", str(error)))
            return
        deadline = DEADLINES_S.get(command.name, DEFAULT_DEADLINE_S)
        try:
            async with asyncio.timeout(deadline):
                answer = (True, _with_words(await self._handler(command)))
        except HiveletError as error:
            answer = _failure(_code(error), sentence_of(error))
        except TimeoutError:
            answer = _failure("deadline", f"{command.name} took longer than {deadline:g} s and was given up.")
        except Exception:  # a broken command must not end the engine; the log keeps the traceback
            log.exception("The command %s failed.", command.name)
            answer = _failure("internal", f"{command.name} failed inside the engine. The log says why.")
        await self._send(sender, request_id, answer)

    async def _send(self, sender: bytes, request_id: int, answer: tuple[bool, dict[str, Any]]) -> None:
        try:
            data = msgpack.packb([request_id, *answer])
        except (TypeError, ValueError, OverflowError):
            log.exception("An answer cannot be encoded.")
            data = msgpack.packb([request_id, *_failure("internal", "The answer cannot be sent. The log says why.")])
        if len(data) > MAX_REPLY_BYTES:
            text = f"The answer has {len(data)} bytes, more than fit in one message."
            data = msgpack.packb([request_id, *_failure("too_large", text)])
        # A ROUTER drops what a vanished client can no longer take, so this never waits.
        await self._router.send_multipart([sender, data])


def _failure(code: str, text: str) -> tuple[bool, dict[str, Any]]:
    return False, _with_words({"code": code, "text": text})


def _with_words(answer: dict[str, Any]) -> dict[str, Any]:
    """With what it takes to say its sentences in another language."""
    words = glossary(answer)
    return {**answer, WORDS: words} if words else answer


def _unpack(payload: bytes) -> Any:
    try:
        return msgpack.unpackb(payload)
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        raise ValueError("The request is not msgpack.") from error


def _request_id(payload: bytes) -> int:
    try:
        request = _unpack(payload)
    except ValueError:
        return 0
    valid = isinstance(request, list) and request and isinstance(request[0], int)
    return request[0] if valid else 0


def _parse(payload: bytes) -> Command:
    request = _unpack(payload)
    if not isinstance(request, list) or len(request) != 3:
        raise ValueError("A request is [id, name, arguments].")
    return Command.parse(request[1], request[2])


def _code(error: HiveletError) -> str:
    if isinstance(error, ControlError) and error.code:
        return error.code
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()
