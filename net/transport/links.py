"""The two kinds of ZeroMQ links: a DEALER for each peer that we dialled, one ROUTER for all that dialled us."""

import logging
from abc import ABC, abstractmethod
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import zmq
from zmq.utils.monitor import parse_monitor_message

from net.errors import ClosedError, PeerUnreachable, QueueFull, TransportError
from net.transport.base import Frames
from net.transport.sockets import Frame, LoopSocket
from net.transport.watch import FloodWatch
from net.wire.limits import MAX_SESSIONS, PEER_SEND_QUEUE
from net.wire.messages import Plane

if TYPE_CHECKING:
    from net.transport.base import Receiver

logger = logging.getLogger(__name__)

_BROKEN = (
    zmq.EVENT_DISCONNECTED
    | zmq.EVENT_CLOSED
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
)
_RETRY_S = 0.05


class _QueuedLink(ABC):
    """What both kinds share: a bounded queue before a socket that may be full."""

    def __init__(self, plane: Plane, key: bytes, address: str) -> None:
        self.plane = plane
        self.key = key
        self.address = address
        self.sent_bytes = 0
        self.received_bytes = 0
        self.open = True
        self.queue: deque[Frames] = deque()

    @property
    def ready(self) -> bool:
        """See Link."""
        return self.open and not self.queue

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

    @abstractmethod
    def _push(self, frames: Frames) -> bool:
        """Hand one message to the socket; False where it is full. Raises PeerUnreachable where the peer is gone."""

    @abstractmethod
    def _wait(self) -> None:
        """Something began to wait: see to it that `flush` is called when the socket may take it."""


class OutboundLink(_QueuedLink):
    """A DEALER of its own to one peer, and a monitor that tells at once when the connection breaks."""

    outbound = True

    def __init__(
        self,
        socket: "zmq.Socket[bytes]",
        plane: Plane,
        key: bytes,
        address: str,
        receiver: "Receiver",
        watch: FloodWatch,
    ) -> None:
        super().__init__(plane, key, address)
        self._receiver = receiver
        self._watch = watch
        self._descriptor = -1
        self._stood = False
        monitor = socket.get_monitor_socket(_BROKEN | zmq.EVENT_CONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
        self._monitor = LoopSocket(monitor, self._on_event)
        self._socket = LoopSocket(
            socket, self._on_message, self._on_progress, lambda _: self._lose("it sends nonsense")
        )
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
            self._monitor.close()
            self._socket.raw.disable_monitor()
            self._socket.close()

    def _push(self, frames: Frames) -> bool:
        try:
            self._socket.raw.send_multipart(frames, zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return False
        self.sent_bytes += sum(map(len, frames))
        self._socket.check()
        return True

    def _wait(self) -> None:
        self._socket.wants_room = True
        self._socket.check()  # the attempt that failed may have swallowed the news that there is room now

    def _on_message(self, frames: list[Frame]) -> None:
        self._watch.delivered(self._descriptor)
        received: list[memoryview] = [frame.buffer for frame in frames]
        self.received_bytes += sum(map(len, received))
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
            self._lose("another peer answers there, or it has restarted")

    def _lose(self, why: str) -> None:
        if self.open:
            self.close()
            self._receiver.lost(self, PeerUnreachable(f"{self.address} cannot be reached: {why}."))


class InboundLink(_QueuedLink):
    """One connection to our ROUTER, named by its routing id; it lives as long as that can be answered."""

    outbound = False

    def __init__(self, inbox: "Inbox", routing_id: bytes, key: bytes, frame: Frame) -> None:
        super().__init__(inbox.plane, key, _address_of(frame))
        self._inbox = inbox
        self.routing_id = routing_id
        self.descriptor = int(frame.get(zmq.SRCFD))

    def close(self) -> None:
        """See Link. The connection itself stays open; what else comes over it makes a new link."""
        if self.open:
            self.open = False
            self.queue.clear()
            self._inbox.forget(self)

    def _push(self, frames: Frames) -> bool:
        if not self._inbox.push(self.routing_id, frames):
            return False
        self.sent_bytes += sum(map(len, frames))
        return True

    def _wait(self) -> None:
        self._inbox.wait_for(self)


class Inbox:
    """One plane's ROUTER and the links of everyone who has dialled it.

    It is MANDATORY, so that a peer that is gone or full is known; what waits for a full peer waits in that peer's
    own queue and delays nobody else.
    """

    def __init__(
        self, socket: "zmq.Socket[bytes]", plane: Plane, receiver: Callable[[], "Receiver"], watch: FloodWatch
    ) -> None:
        self.plane = plane
        self._receiver = receiver
        self._links: OrderedDict[bytes, InboundLink] = OrderedDict()
        self._waiting: set[InboundLink] = set()
        self._watch = watch
        self._monitor = LoopSocket(
            socket.get_monitor_socket(zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED), self._on_event
        )
        self._socket = LoopSocket(socket, self._on_message, self._on_progress)

    def push(self, routing_id: bytes, frames: Frames) -> bool:
        """Hand one message to the ROUTER; False where that peer's pipe is full. Raises PeerUnreachable."""
        try:
            self._socket.raw.send_multipart([routing_id, *frames], zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return False
        except zmq.ZMQError as error:
            link = self._links.get(routing_id)
            if link is not None:
                link.close()
                gone = PeerUnreachable(f"{link.address} has gone.")
                self._socket.soon(lambda: self._receiver().lost(link, gone))
            raise PeerUnreachable("The peer has gone.") from error
        self._socket.check()
        return True

    def wait_for(self, link: InboundLink) -> None:
        """Try this link again whenever something has left."""
        self._waiting.add(link)
        self._socket.look_later(_RETRY_S)

    def forget(self, link: InboundLink) -> None:
        """This link is of no more use."""
        self._waiting.discard(link)
        if self._links.get(link.routing_id) is link:
            del self._links[link.routing_id]

    def close(self) -> None:
        """Stop listening."""
        for link in list(self._links.values()):
            link.close()
        self._monitor.close()
        self._socket.raw.disable_monitor()
        self._socket.close()

    def _on_message(self, frames: list[Frame]) -> None:
        if len(frames) < 2:
            return
        link = self._link(frames[0].bytes, frames[1])
        if link is None:
            return
        self._watch.delivered(link.descriptor)
        received: list[memoryview] = [frame.buffer for frame in frames[1:]]
        link.received_bytes += sum(map(len, received))
        self._receiver().received(link, received)

    def _on_event(self, frames: list[Frame]) -> None:
        message = parse_monitor_message([frame.bytes for frame in frames])
        if message["event"] == zmq.EVENT_ACCEPTED:
            self._watch.begun(message["value"])
        else:
            self._watch.ended(message["value"])

    def _link(self, routing_id: bytes, frame: Frame) -> InboundLink | None:
        """The link that this message came over. Who sent it is what the ZAP handler said, not the routing id."""
        try:
            user = str(frame.get("User-Id"))
            key = bytes.fromhex(user)
        except (zmq.ZMQError, ValueError):
            return None
        link = self._links.get(routing_id)
        if link is not None and link.key == key:
            self._links.move_to_end(routing_id)
            return link
        if link is not None:
            self._drop(link)
        while len(self._links) >= MAX_SESSIONS:
            self._drop(next(iter(self._links.values())))
        link = InboundLink(self, routing_id, key, frame)
        self._links[routing_id] = link
        return link

    def _drop(self, link: InboundLink) -> None:
        link.close()
        self._receiver().lost(link, PeerUnreachable(f"{link.address} was let go to make room."))

    def _on_progress(self) -> None:
        for link in list(self._waiting):
            try:
                drained = link.flush()
            except TransportError:
                continue
            if drained:
                self._waiting.discard(link)
                self._receiver().writable(link)
        if self._waiting:
            self._socket.look_later(_RETRY_S)


def _address_of(frame: Frame) -> str:
    """tcp://IP:0 of the connection; libzmq does not tell the port."""
    try:
        host = str(frame.get("Peer-Address"))
    except zmq.ZMQError:
        host = "unknown"
    return f"tcp://[{host}]:0" if ":" in host else f"tcp://{host}:0"
