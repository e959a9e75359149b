"""Ends connections that send and send without ever finishing a message.

libzmq bounds every frame and the number of finished messages, but not the frames of one message, which it keeps out
of sight until the last has come. So the transport asks the system how many bytes every connection has brought since
the last message that arrived whole over it. Where a system does not tell (other than Linux, macOS and Windows 10)
only the number of connections bounds what they take.
"""

import asyncio
import logging

from net.transport import borrowed

logger = logging.getLogger(__name__)

UNFINISHED_BYTES = 32 * 1024 * 1024  # more than a whole message, libzmq's queue and the system's buffer together
ALL_UNFINISHED_BYTES = 256 * 1024 * 1024  # the same of all connections together
EVERY_S = 0.1  # seconds between looks,
EACH_S = 0.002  # or, where that is more, so much for each connection, which costs some 15 µs to look at;
LONGEST_S = 1.0  # but never more than this


class FloodWatch:
    """Watches connections by their descriptors. It must be told when one begins, ends, or brings a whole message.

    unfinished_bytes: how much one may bring without finishing a message; UNFINISHED_BYTES by default.
    """

    def __init__(self, unfinished_bytes: int | None = None) -> None:
        self._unfinished_bytes = UNFINISHED_BYTES if unfinished_bytes is None else unfinished_bytes
        # By descriptor: the other side's address, and bytes when the last whole message came.
        self._received: dict[int, tuple[str, int]] = {}
        self._delivered: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None

    def begun(self, descriptor: int) -> None:
        """A connection stands."""
        self._received[descriptor] = (borrowed.peer_of(descriptor), 0)
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
        unfinished: list[tuple[int, int]] = []  # bytes, descriptor
        for descriptor, (peer, before) in list(self._received.items()):
            received = borrowed.bytes_received(descriptor)
            if received is None:
                continue  # it has just ended, or the system does not tell
            if descriptor in self._delivered:
                self._received[descriptor] = (peer, received)
            else:
                unfinished.append((received - before, descriptor))
        self._delivered.clear()
        self._cut_off(unfinished)
        if self._received:
            pause = min(max(EVERY_S, EACH_S * len(self._received)), max(EVERY_S, LONGEST_S))
            self._timer = asyncio.get_running_loop().call_later(pause, self._look)

    def _cut_off(self, unfinished: list[tuple[int, int]]) -> None:
        """End those that go too far, each or, the worst first, together.

        Heartbeats count too: an idle connection may be cut after many hours, and is dialled anew when it is needed.
        """
        together = sum(count for count, _ in unfinished)
        for count, descriptor in sorted(unfinished, reverse=True):
            if count <= self._unfinished_bytes and together <= ALL_UNFINISHED_BYTES:
                return
            together -= count
            peer, _ = self._received.pop(descriptor)
            if borrowed.shut(descriptor, peer):
                level = logging.WARNING if count > self._unfinished_bytes else logging.INFO
                logger.log(level, "A connection was cut off after %d bytes without a whole message.", count)
