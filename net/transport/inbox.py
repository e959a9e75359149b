"""Links over ZeroMQ to peers that dialled us: one ROUTER for each plane, and a queue for each peer."""

from collections import OrderedDict
from collections.abc import Callable

import zmq
from zmq.utils.monitor import parse_monitor_message

from net.descriptors import share_of_descriptors
from net.errors import PeerUnreachable, TransportError
from net.transport.base import Frames, Receiver
from net.transport.borrowed import source_of
from net.transport.door import Door, DoorKeeper
from net.transport.line import Line
from net.transport.links import QueuedLink
from net.transport.sockets import Frame, LoopSocket
from net.wire.limits import MAX_INBOUND, MAX_SESSIONS, MAX_UNPROVEN
from net.wire.messages import Plane

_RETRY_S = 0.05  # a ROUTER does not say which of its peers has room again


class InboundLink(QueuedLink):
    """One connection to our ROUTER, named by its routing id; it lives as long as that can be answered."""

    outbound = False

    def __init__(self, inbox: "Inbox", routing_id: bytes, key: bytes, address: str, descriptor: int) -> None:
        super().__init__(inbox.plane, key, address, inbox.line)
        self._inbox = inbox
        self.routing_id = routing_id
        self.key_hex = key.hex()  # as the User-Id says it
        self.descriptor = descriptor

    def close(self) -> None:
        """See Link. The connection itself stays open; what else comes over it makes a new link."""
        if self.open:
            self.open = False
            self.queue.clear()
            self._inbox.forget(self)

    def _push(self, frames: Frames) -> bool:
        if not self._inbox.push(self.routing_id, frames):
            return False
        self.sent(frames)
        return True

    def _may_send(self) -> None:
        if self.ready:
            self._inbox.tell_writable(self)

    def _wait(self) -> None:
        self._inbox.wait_for(self)


class Inbox:
    """One plane's ROUTER and the links of everyone who has dialled it.

    It is MANDATORY, so that a peer that is gone or full is known; what waits for a full peer waits in that peer's
    own queue and delays nobody else.
    """

    def __init__(self, socket: "zmq.Socket[bytes]", plane: Plane, receiver: Callable[[], Receiver], line: Line) -> None:
        self.plane = plane
        self.line = line
        self._receiver = receiver
        self._links: OrderedDict[bytes, InboundLink] = OrderedDict()
        self._by_descriptor: dict[int, InboundLink] = {}
        self._waiting: set[InboundLink] = set()
        self._watch = line.watch
        self._door = DoorKeeper(Door(share_of_descriptors(MAX_INBOUND), MAX_UNPROVEN))
        self._monitor = LoopSocket(
            socket.get_monitor_socket(zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED), self._on_event
        )
        self._socket = LoopSocket(socket, self._on_message, self._on_progress, throttle=line.reading(plane))

    def push(self, routing_id: bytes, frames: Frames) -> bool:
        """Hand one message to the ROUTER; False where that peer's pipe is full. Raises PeerUnreachable."""
        try:
            return self._socket.send([routing_id, *frames])
        except zmq.ZMQError as error:
            link = self._links.get(routing_id)
            if link is not None:
                link.close()
                gone = PeerUnreachable(f"{link.address} has gone.")
                self._socket.soon(lambda: self._receiver().lost(link, gone))
            raise PeerUnreachable("The peer has gone.") from error

    def wait_for(self, link: InboundLink) -> None:
        """Try this link again whenever something has left."""
        self._waiting.add(link)
        self._socket.look_later(_RETRY_S)

    def tell_writable(self, link: InboundLink) -> None:
        """This link may be used again."""
        self._receiver().writable(link)

    def forget(self, link: InboundLink) -> None:
        """This link is of no more use."""
        self._waiting.discard(link)
        if self._links.get(link.routing_id) is link:
            del self._links[link.routing_id]
        if self._by_descriptor.get(link.descriptor) is link:
            del self._by_descriptor[link.descriptor]

    def close(self) -> None:
        """Stop listening."""
        for link in list(self._links.values()):
            link.close()
        self._door.close()
        self._socket.raw.disable_monitor()  # first: libzmq waits for room at its other end
        self._monitor.close()
        self._socket.close()

    def _on_message(self, frames: list[Frame]) -> None:
        if len(frames) < 2:
            return
        link = self._link(frames[0].bytes, frames[1])
        if link is None:
            return
        self._watch.delivered(link.descriptor)
        if not link.received_bytes:
            self._door.heard(link.descriptor)
        received: list[memoryview] = [frame.buffer for frame in frames[1:]]
        link.received(received)
        self._receiver().received(link, received)

    def _on_event(self, frames: list[Frame]) -> None:
        message = parse_monitor_message([frame.bytes for frame in frames])
        if message["event"] == zmq.EVENT_ACCEPTED:
            self._watch.begun(message["value"])
            self._door.accepted(message["value"])
        else:
            self._watch.ended(message["value"])
            self._door.ended(message["value"])
            self._ended(message["value"])

    def _link(self, routing_id: bytes, frame: Frame) -> InboundLink | None:
        """The link that this message came over. Who sent it is what the ZAP handler said, not the routing id."""
        link = self._links.get(routing_id)
        try:
            user_id = str(frame.get("User-Id"))
            if link is not None and link.key_hex == user_id:
                self._links.move_to_end(routing_id)
                return link
            key = bytes.fromhex(user_id)
        except (zmq.ZMQError, ValueError):
            return None
        if link is not None:
            self._drop(link)
        self._monitor.look()  # an earlier connection with this descriptor has ended: that must be known first
        while len(self._links) >= MAX_SESSIONS:
            self._drop(next(iter(self._links.values())))
        link = InboundLink(self, routing_id, key, _address_of(frame), source_of(frame))
        self._links[routing_id] = link
        if link.descriptor >= 0:
            self._by_descriptor[link.descriptor] = link
        return link

    def _ended(self, descriptor: int) -> None:
        """A connection broke: what is being done for its peer need not be done any longer."""
        link = self._by_descriptor.pop(descriptor, None)
        if link is not None and link.open:
            link.close()
            self._receiver().lost(link, PeerUnreachable(f"The connection from {link.address} broke."))

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
    host = host.removeprefix("::ffff:")  # an IPv4 peer at a listener for both families
    return f"tcp://[{host}]:0" if ":" in host else f"tcp://{host}:0"
