"""Authentication of incoming CURVE connections: who proves a key is let in, under the name of that key.

libzmq asks this handler (ZAP, RFC 27) once for every connection. An error here would end all authentication of the
process, so nothing may be raised. Which peer a key belongs to is decided later, by the Hello.
"""

import logging

import zmq

from net.transport.sockets import Frame, LoopSocket

logger = logging.getLogger(__name__)

DOMAIN = b"hivelet"
_ENDPOINT = "inproc://zeromq.zap.01"


class ZapHandler:
    """Answers every authentication request of one Context. Must exist before the Context's servers bind."""

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]") -> None:
        # Not a REP, which would be stuck for ever after one answer that fails.
        socket = context.socket(zmq.ROUTER)
        socket.bind(_ENDPOINT)
        self._socket = LoopSocket(socket, self._answer)

    def close(self) -> None:
        """Stop answering; connections that begin now are refused."""
        self._socket.close()

    def _answer(self, frames: list[Frame]) -> None:
        asker, delimiter, *request = [frame.bytes for frame in frames]
        version, request_id = (*request, b"", b"")[:2]
        try:
            verdict = judge(request)
        except Exception:
            logger.exception("An authentication request could not be judged.")
            verdict = b"500", b"Internal error", b""
        answer = [version, request_id, *verdict, b""]
        try:
            self._socket.raw.send_multipart([asker, delimiter, *answer], zmq.NOBLOCK)
        except zmq.ZMQError:
            logger.exception("An authentication request could not be answered.")


def judge(request: list[bytes]) -> tuple[bytes, bytes, bytes]:
    """Status code, status text and User-Id (the client's key in hexadecimal) for one ZAP request."""
    if len(request) != 7:
        return b"400", b"CURVE only", b""
    version, _, domain, _, _, mechanism, key = request
    if version != b"1.0" or domain != DOMAIN or mechanism != b"CURVE" or len(key) != 32:
        return b"400", b"CURVE only", b""
    return b"200", b"OK", key.hex().encode()
