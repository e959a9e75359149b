"""A real node that relays for others: targets that are not there, circuits in a ring, pieces that nobody asked for."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import zmq
import zmq.asyncio
from zmq.utils import z85

from net.identity import sign_contact
from net.nat.relay_carrier import relay_frame
from net.nat.relay_limits import RelayLimits
from net.wire.codec import decode
from net.wire.envelope import Envelope, Kind, pack, unpack
from net.wire.messages import Failure, Message
from net.wire.nat_messages import CircuitOpened, CloseCircuit, OpenCircuit, Reserve, Reserved
from tests.support.siege import Node, siege
from tests.support.strangers import Stranger, strangers


@pytest.fixture(scope="module")
def relay_node() -> Iterator[Node]:
    made = Node("--relay")
    yield made
    alive, errors = made.alive, made.close()
    assert alive, errors
    assert errors == ""


def reserve(stranger: Stranger) -> bytes:
    """A true reservation: the card names the key that the connection proves."""
    card = sign_contact(
        stranger.identity, curve_key=z85.decode(stranger.public), control="", bulk="", expires=time.time() + 600
    )
    return relay_frame(Reserve("hivelet", card))


async def told(stranger: Stranger) -> tuple[int, Message]:
    """The next message about circuits that comes, and the circuit."""
    frames: list[Any] = await stranger.socket.recv_multipart()
    envelope, body = unpack(frames[0])
    assert envelope.kind is Kind.RELAY
    return envelope.call, decode(envelope.code, body)


async def ask(stranger: Stranger, frame: bytes) -> Message:
    await stranger.socket.send(frame)
    return (await told(stranger))[1]


async def test_targets_that_are_not_there(relay_node: Node) -> None:
    """Unknown keys, the relay's own, the caller's own: a relay dials nobody, so nothing can be aimed."""
    async with siege(relay_node, "500 circuits to nowhere", grow_mb=16):
        with strangers() as context:
            stranger = Stranger(context, relay_node.contact)
            for number in range(500):
                targets = (number.to_bytes(32, "big"), relay_node.contact.curve_key, z85.decode(stranger.public))
                answer = await ask(stranger, relay_frame(OpenCircuit(targets[number % 3], bytes(96)), number + 1))
                assert isinstance(answer, CloseCircuit | Failure)


async def test_circuits_in_a_ring(relay_node: Node) -> None:
    """Two hidden peers call each other through the relay, and themselves, as often as they can: it says no in time."""
    async with siege(relay_node, "circuits in a ring", grow_mb=16):
        with strangers() as context:
            ring = [Stranger(context, relay_node.contact) for _ in range(2)]
            for stranger in ring:
                assert isinstance(await ask(stranger, reserve(stranger)), Reserved)
            opened = 0
            for number in range(200):
                caller, callee = ring[number % 2], ring[1 - number % 2]
                await caller.socket.send(relay_frame(OpenCircuit(z85.decode(callee.public), bytes(96)), number + 1))
                circuit, message = await told_either(caller, callee)
                if isinstance(message, CloseCircuit):
                    break
                assert isinstance(message, OpenCircuit)
                await callee.socket.send(relay_frame(CircuitOpened(bytes(48)), circuit))
                await told(caller)
                opened += 1
            assert 1 <= opened <= 2 * RelayLimits().circuits_per_caller


async def told_either(caller: Stranger, callee: Stranger) -> tuple[int, Message]:
    """What the relay says first: to the callee that it is called, or to the caller that it is not."""
    poller = zmq.asyncio.Poller()
    poller.register(caller.socket, zmq.POLLIN)
    poller.register(callee.socket, zmq.POLLIN)
    ready = dict(await poller.poll(5000))
    assert ready
    return await told(callee if callee.socket in ready else caller)


async def test_pieces_grants_and_noise_that_nobody_asked_for(relay_node: Node) -> None:
    async with siege(relay_node, "6,000 pieces for circuits that there are not", grow_mb=16):
        with strangers() as context:
            stranger = Stranger(context, relay_node.contact)
            assert isinstance(await ask(stranger, reserve(stranger)), Reserved)
            for number in range(2000):
                for kind in (Kind.PIECE, Kind.GRANT, Kind.RELAY):
                    head = pack(Envelope(kind, number % 90, number, 2**32 - 1))
                    await stranger.socket.send_multipart([head, bytes(number % 300)])
