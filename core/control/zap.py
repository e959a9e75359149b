"""Who may connect to the control socket: holders of one CURVE key, nobody else.

ZeroMQ asks this handler (ZAP, RFC 27) about every connection of its Context before any message passes.
"""

import logging

import zmq
import zmq.asyncio

log = logging.getLogger(__name__)

_ENDPOINT = "inproc://zeromq.zap.01"
_FRAMES = 7  # version, request id, domain, address, identity, mechanism, credentials
_MAX_BYTES = 4096


class SingleKeyZap:
    """Answers ZAP requests of one Context; lets in `client_key` (raw, 32 bytes) for `domain` alone."""

    def __init__(self, context: zmq.asyncio.Context, domain: bytes, client_key: bytes) -> None:
        self._domain = domain
        self._client_key = client_key
        self._socket = context.socket(zmq.REP)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.MAXMSGSIZE, _MAX_BYTES)
        self._socket.bind(_ENDPOINT)

    async def run(self) -> None:
        """Answer until cancelled."""
        while True:
            request = await self._socket.recv_multipart()
            await self._socket.send_multipart(self.decide(request))

    def decide(self, request: list[bytes]) -> list[bytes]:
        """The reply to one request; refuses whatever it does not understand, and never raises."""
        request_id = request[1] if len(request) > 1 else b""
        allowed = (
            len(request) == _FRAMES
            and request[0] == b"1.0"
            and request[2] == self._domain
            and request[5] == b"CURVE"
            and request[6] == self._client_key
        )
        if not allowed:
            log.warning("A connection to the control socket with a foreign key was refused.")
        status = [b"200", b"", b"volunteer"] if allowed else [b"400", b"refused", b""]
        return [b"1.0", request_id, *status, b""]

    def close(self) -> None:
        """Stop answering; later connections are refused."""
        self._socket.close()
