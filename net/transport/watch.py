"""Ends connections that send and send without ever finishing a message.

libzmq bounds every frame and the number of finished messages, but not the frames of one message, which it keeps out
of sight until the last has come. So the transport asks the system how many bytes every connection has brought since
the last message that arrived whole over it. Systems other than Linux do not tell; there this does nothing.
"""

import asyncio
import logging
import socket
import struct
import sys

logger = logging.getLogger(__name__)

UNFINISHED_BYTES = 32 * 1024 * 1024  # more than a whole message, libzmq's queue and the system's buffer together
EVERY_S = 0.5  # seconds between looks
_TCP_INFO_BYTES = 136
_BYTES_RECEIVED_AT = 128  # tcpi_bytes_received in struct tcp_info


class FloodWatch:
    """Watches connections by their descriptors. It must be told when one begins, ends, or brings a whole message."""

    def __init__(self) -> None:
        self._received: dict[int, int] = {}  # by descriptor: bytes when the last whole message came
        self._delivered: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None

    def begun(self, descriptor: int) -> None:
        """A connection stands."""
        if sys.platform != "linux":
            return
        self._received[descriptor] = 0
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(EVERY_S, self._look)

    def delivered(self, descriptor: int) -> None:
        """A whole message came over the connection with this descriptor."""
        self._delivered.add(descriptor)

    def ended(self, descriptor: int) -> None:
        """A connection is gone."""
        self._received.pop(descriptor, None)

    def close(self) -> None:
        """Stop watching."""
        if self._timer is not None:
            self._timer.cancel()
        self._received.clear()

    def _look(self) -> None:
        self._timer = None
        for descriptor, before in list(self._received.items()):
            self._look_at(descriptor, before)
        self._delivered.clear()
        if self._received:
            self._timer = asyncio.get_running_loop().call_later(EVERY_S, self._look)

    def _look_at(self, descriptor: int, before: int) -> None:
        connection: socket.socket | None = None
        try:
            connection = socket.socket(fileno=descriptor)  # libzmq's own, borrowed
            received = _bytes_received(connection)
            if descriptor in self._delivered:
                self._received[descriptor] = received
            elif received - before > UNFINISHED_BYTES:
                logger.warning("A peer that never finishes its message was cut off.")
                self._received.pop(descriptor)
                connection.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            logger.debug("A connection ended while it was looked at: %s", error)
        finally:
            if connection is not None:
                connection.detach()


def _bytes_received(connection: socket.socket) -> int:
    if sys.platform != "linux":
        return 0
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    return int(struct.unpack_from("Q", info, _BYTES_RECEIVED_AT)[0]) if len(info) == _TCP_INFO_BYTES else 0
