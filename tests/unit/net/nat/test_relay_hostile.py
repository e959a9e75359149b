"""Relays that cheat, callers that flood, readers that do not read: nothing is believed, and little memory is taken."""

import asyncio
import random
from typing import Any

import pytest

from net.addresses import Contact, Route
from net.errors import PeerUnreachable, QueueFull
from net.nat.relay_carrier import relay_frame
from net.nat.relay_limits import RelayLimits
from net.wire.envelope import Envelope, Kind, pack
from net.wire.limits import PEER_SEND_QUEUE, RELAY_BULK_WINDOW_BYTES
from net.wire.messages import Ping, Plane
from net.wire.nat_messages import CircuitOpened, CloseCircuit, OpenCircuit, Reserve, Reversed
from tests.support.relays import RelayWorld
from tests.support.rpc import FORWARD, MIB, echo, never, pong


@pytest.fixture
def world() -> RelayWorld:
    return RelayWorld()


# --- a relay that cheats --------------------------------------------------------------------------------------


def flip(piece: bytes) -> list[bytes]:
    return [piece[:20] + bytes([piece[20] ^ 1]) + piece[21:]]


def repeat(piece: bytes) -> list[bytes]:
    return [piece, piece]


def shorten(piece: bytes) -> list[bytes]:
    return [piece[:-1]]


def swallow(piece: bytes) -> list[bytes]:
    return []


@pytest.mark.parametrize("cheat", [flip, repeat, shorten, swallow], ids=lambda cheat: cheat.__name__)
def test_what_a_relay_changes_is_not_delivered(world: Any, cheat: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, hidden, caller = world.peer(relays=True), world.peer(dialable=False), world.peer()
        served = []

        async def serve(asker: Any, request: Any, payload: Any) -> Any:
            served.append(bytes(payload[0]))
            return await echo(asker, request, payload)

        hidden.rpc.handle(type(FORWARD), serve)
        await hidden.hide(relay)
        payload = [random.Random(1).randbytes(2 * MIB)]
        await caller.rpc.call(hidden.contact, FORWARD, payload, timeout=20)
        send, count = relay.server._send, iter(range(1000))

        def cheating(circuit: Any, way: Any, frames: list[Any]) -> None:
            if len(frames) == 2 and next(count) == 3:
                for piece in cheat(bytes(frames[1])):
                    send(circuit, way, [frames[0], piece])
            else:
                send(circuit, way, frames)

        relay.server._send = cheating
        with pytest.raises(PeerUnreachable):
            await caller.rpc.call(hidden.contact, FORWARD, payload, timeout=20)
        assert served == payload  # the second request never became whole
        await caller.rpc.call(hidden.contact, FORWARD, payload, timeout=20)  # a new circuit
        assert served == payload * 2


def test_a_relay_cannot_answer_in_the_hidden_peers_place(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, caller, hidden = world.peer(relays=True), world.peer(), world.peer(dialable=False)

        def answer(link: Any, number: int, message: OpenCircuit) -> None:
            link.send([relay_frame(CircuitOpened(bytes(49)), number)])

        relay.server._open = answer
        await hidden.hide(relay)
        with pytest.raises(PeerUnreachable, match="another peer answers"):
            await caller.rpc.call(hidden.contact, Ping(), timeout=60)


def test_a_relay_that_never_answers_is_given_up(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, caller, hidden = world.peer(relays=True), world.peer(), world.peer(dialable=False)
        await hidden.hide(relay)
        relay.server._open = lambda link, number, message: None
        with pytest.raises(PeerUnreachable, match="does not answer through its relay"):
            await caller.rpc.call(hidden.contact, Ping(), timeout=60)
        assert caller.transport.links._carriers == {}


# --- both ends ------------------------------------------------------------------------------------------------


def test_the_bandwidth_of_relaying_is_capped(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        limits = RelayLimits(bytes_per_s=MIB, burst_bytes=MIB)
        relay, hidden, caller = world.peer(relays=True, limits=limits), world.peer(dialable=False), world.peer()
        hidden.rpc.handle(type(FORWARD), echo)
        await hidden.hide(relay)
        began = asyncio.get_running_loop().time()
        await caller.rpc.call(hidden.contact, FORWARD, [bytes(5 * MIB)], timeout=60)
        took = asyncio.get_running_loop().time() - began
        assert 8.5 < took < 10.5  # 10 MiB both ways, less the burst
        assert relay.server.queued_bytes == 0


def test_a_sender_stops_where_the_reader_grants_nothing(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, hidden, caller = world.peer(relays=True), world.peer(dialable=False), world.peer()
        hidden.rpc.handle(type(FORWARD), never)
        await hidden.hide(relay)
        link = caller.transport.dial(hidden.contact, Plane.BULK)
        await caller.until(lambda: link.ready)
        (circuit,) = [c for carrier in hidden.transport.links._carriers.values() for c in carrier.circuits.values()]
        circuit.settle = lambda: None

        def overfill() -> None:
            for _ in range(1000):
                link.send([b"nonsense", bytes(100_000)])

        with pytest.raises(QueueFull, match="wait for a relayed peer"):
            overfill()
        await asyncio.sleep(60)
        assert not link.ready
        assert len(link._queue) == PEER_SEND_QUEUE
        assert relay.server.queued_bytes == 0
        assert circuit.received_bytes < RELAY_BULK_WINDOW_BYTES
        link.close()
        await asyncio.sleep(1)
        assert relay.server.circuits == 0


def test_circuits_within_circuits_lead_nowhere(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, hidden, caller = world.peer(relays=True), world.peer(dialable=False, relays=True), world.peer()
        hidden.rpc.handle(Ping, pong)
        await hidden.hide(relay)
        link = caller.transport.dial(hidden.contact, Plane.CONTROL)
        await caller.until(lambda: link.ready)
        link.send([relay_frame(Reserve("hivelet", caller.contact))])
        link.send([relay_frame(OpenCircuit(caller.contact.curve_key, b""), 5)])
        link.send([pack(Envelope(Kind.PIECE, 0, 5)), b"x"])
        link.send([pack(Envelope(Kind.GRANT, 0, 5, 100))])
        await asyncio.sleep(1)
        assert (hidden.server.reservations, hidden.server.circuits) == (0, 0)
        assert link.open
        await caller.rpc.call(hidden.contact, Ping(), timeout=5)


def test_a_stranger_has_nobody_dialled_in_a_home(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        relay, hidden, caller = (
            world.peer(relays=True),
            world.peer(dialable=False),
            world.peer(reversible=True),
        )
        hidden.rpc.handle(Ping, pong)
        await hidden.hide(relay)
        caller.transport.links._direct = lambda: Route("tcp://192.168.1.1:80", "tcp://192.168.1.1:80")
        dialled = []
        dial = hidden.inner.dial
        hidden.inner.dial = lambda contact, plane: (dialled.append(contact), dial(contact, plane))[1]
        (carrier,) = [c for (_, plane), c in hidden.transport.links._carriers.items() if plane is Plane.CONTROL]
        carrier.link.address = "tcp://11.0.0.1:4242"
        await caller.rpc.call(hidden.contact, Ping(), timeout=5)
        assert dialled == []
        assert relay.server.circuits == 1


def test_a_reversed_connection_that_nobody_asked_for_is_refused(world: Any) -> None:
    @world.run
    async def scenario() -> None:
        caller, stranger = world.peer(reversible=True), world.peer()
        contact: Contact = caller.contact
        path = stranger.transport._dial_route(contact.curve_key, contact.routes[0], Plane.CONTROL)
        answers = []
        stranger.transport.links.direct = lambda link, envelope, body: answers.append((link, envelope.code))
        path.send([relay_frame(Reversed(bytes(16)))])
        await asyncio.sleep(1)
        assert answers == [(path, CloseCircuit.CODE)]
        assert caller.transport.links.owners == {}
