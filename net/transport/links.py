"""Links over ZeroMQ to peers that we dialled: a DEALER for each. (For those that dialled us: `inbox`.)"""

from abc import ABC, abstractmethod
from collections import deque

import zmq
from zmq.utils.monitor import parse_monitor_message

from net.errors import ClosedError, PeerUnreachable, QueueFull
from net.transport.base import Frames, Receiver
from net.transport.line import Line
from net.transport.sockets import Frame, LoopSocket
from net.wire.limits import PEER_SEND_QUEUE
from net.wire.messages import Plane

_BROKEN = (
    zmq.EVENT_DISCONNECTED
    | zmq.EVENT_CLOSED
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
)


class QueuedLink(ABC):
    """What both kinds share: a bounded queue before a socket that may be full."""

    def __init__(self, plane: Plane, key: bytes, address: str, line: Line) -> None:
        self.plane = plane
        self.line = line
        self.key = key
        self.address = address
        self.sent_bytes = 0
        self.received_bytes = 0
        self.open = True
        self.queue: deque[Frames] = deque()

    @property
    def ready(self) -> bool:
        """See Link."""
        if not self.open or self.queue:
            return False
        if self.plane is Plane.CONTROL or self.line.up.open:
            return True
        self.line.up.wait(self._may_send)
        return False

    def send(self, frames: Frames) -> None:
        """See Link."""
        if not self.open:
            raise ClosedError(f"The link to {self.address} is closed.")
        if len(self.queue) >= PEER_SEND_QUEUE:
            raise QueueFull(f"{PEER_SEND_QUEUE} messages wait for {self.address} already.")
        if self.queue or not self._push(frames):
            self.queue.append(frames)
            self._wait()

    def flush(self) -> bool:
        """Send what waits as far as the socket takes it; True when that emptied the queue."""
        if not self.queue:
            return False
        while self.queue and self._push(self.queue[0]):
            self.queue.popleft()
        return not self.queue

    def sent(self, frames: Frames) -> None:
        """Count a message that has left."""
        size = sum(map(len, frames))
        self.sent_bytes += size
        self.line.up.count(size)

    def received(self, frames: Frames) -> None:
        """Count a message that came."""
        size = sum(map(len, frames))
        self.received_bytes += size
        self.line.down.count(size)

    @abstractmethod
    def _may_send(self) -> None:
        """The cap allows something again: tell the receiver."""

    @abstractmethod
    def _push(self, frames: Frames) -> bool:
        """Hand one message to the socket; False where it is full. Raises PeerUnreachable where the peer is gone."""

    @abstractmethod
    def _wait(self) -> None:
        """Something began to wait: see to it that `flush` is called when the socket may take it."""


class OutboundLink(QueuedLink):
    """A DEALER of its own to one peer, and a monitor that tells at once when the connection breaks."""

    outbound = True

    def __init__(
        self,
        socket: "zmq.Socket[bytes]",
        plane: Plane,
        key: bytes,
        address: str,
        receiver: Receiver,
        line: Line,
    ) -> None:
        super().__init__(plane, key, address, line)
        self._receiver = receiver
        self._watch = line.watch
        self._descriptor = -1
        self._stood = False
        monitor = socket.get_monitor_socket(_BROKEN | zmq.EVENT_CONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
        self._monitor = LoopSocket(monitor, self._on_event)
        self._socket = LoopSocket(socket, self._on_message, self._on_progress, self._on_flood, line.reading(plane))
        try:
            socket.connect(address)
        except zmq.ZMQError as error:
            self.close()
            raise PeerUnreachable(f"{address} cannot be dialled ({error.strerror}).") from error

    def close(self) -> None:
        """See Link."""
        if self.open:
            self.open = False
            self.queue.clear()
            self._watch.ended(self._descriptor)
            self._socket.raw.disable_monitor()  # first: libzmq waits for room at its other end
            self._monitor.close()
            self._socket.close()

    def _push(self, frames: Frames) -> bool:
        if not self._socket.send(frames):
            return False
        self.sent(frames)
        return True

    def _may_send(self) -> None:
        if self.ready:
            self._receiver.writable(self)

    def _wait(self) -> None:
        self._socket.wants_room = True
        self._socket.check()  # the attempt that failed may have swallowed the news that there is room now

    def _on_message(self, frames: list[Frame]) -> None:
        self._watch.delivered(self._descriptor)
        received: list[memoryview] = [frame.buffer for frame in frames]
        self.received(received)
        self._receiver.received(self, received)

    def _on_progress(self) -> None:
        if self.flush() and self.open:
            self._socket.wants_room = False
            self._receiver.writable(self)

    def _on_flood(self, frames: list[Frame]) -> None:  # noqa: ARG002
        self._lose("it sends endless messages")

    def _on_event(self, frames: list[Frame]) -> None:
        message = parse_monitor_message([frame.bytes for frame in frames])
        event = message["event"]
        if event == zmq.EVENT_CONNECTED:
            self._descriptor = message["value"]
            self._watch.begun(self._descriptor)
            return
        if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self._stood = True
            return
        self._socket.look()  # answers that came before the end still count
        if self._stood:
            self._lose("the connection broke")
        elif event == zmq.EVENT_CLOSED:
            self._lose("nobody answers there")
        else:
            self._lose("the handshake failed, as when it has restarted with new keys")

    def _lose(self, why: str) -> None:
        if self.open:
            self.close()
            self._receiver.lost(self, PeerUnreachable(f"{self.address} cannot be reached: {why}."))
