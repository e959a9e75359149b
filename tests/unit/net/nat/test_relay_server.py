"""A relay without a network: its lines are made by hand, and some of them are hostile."""

import asyncio
import random
from typing import Any

import pytest

from net.nat.relay_carrier import relay_frame
from net.nat.relay_limits import RelayLimits
from net.nat.relay_pieces import SEALED_BYTES, WINDOW_BYTES
from net.nat.relay_server import RelayServer
from net.wire.codec import decode
from net.wire.envelope import Envelope, Kind, unpack
from net.wire.limits import RELAY_BULK_WINDOW_BYTES
from net.wire.messages import Failure, FailureCode, Ping, Plane
from net.wire.nat_messages import CircuitOpened, CloseCircuit, OpenCircuit, Reserve, Reserved, Reversed
from tests.support.relays import RelayWorld
from tests.support.rpc import MIB


@pytest.fixture
def world() -> RelayWorld:
    return RelayWorld()


class Line:
    """A connection to a relay, as the relay sees it."""

    def __init__(self, key: bytes, plane: Plane = Plane.BULK, host: str = "11.1.1.1") -> None:
        self.key = key
        self.plane = plane
        self.address = f"tcp://{host}:0"
        self.outbound = False
        self.ready = True
        self.sent_bytes = self.received_bytes = 0
        self.sent: list[Any] = []

    def send(self, frames: Any) -> None:
        self.sent.append(frames)

    def close(self) -> None: ...


class Fixed:
    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return 1_700_000_000.0 + self.now


def sent(line: Line) -> list[tuple[Kind, int, Any]]:
    """(kind, circuit, argument or message) of everything that was sent there."""
    rows: list[tuple[Kind, int, Any]] = []
    for frames in line.sent:
        envelope, body = unpack(frames[0])
        what = decode(envelope.code, body) if envelope.kind is Kind.RELAY else envelope.argument
        rows.append((envelope.kind, envelope.call, what))
    return rows


class Desk:
    """A relay without a network: lines are made by hand."""

    def __init__(self, world: Any, **limits: Any) -> None:
        self.world = world
        self.clock = Fixed()
        self.reachable = True
        self.server = RelayServer("hivelet", self.clock, lambda: self.reachable, RelayLimits(**limits))
        self.server.enable(True)

    def tell(self, line: Line, message: Any, number: int = 0) -> None:
        envelope, body = unpack(relay_frame(message, number))
        self.server.received(line, envelope, body, [])

    def piece(self, line: Line, number: int, size: int) -> None:
        self.server.received(line, Envelope(Kind.PIECE, 0, number), memoryview(b""), [bytes(size)])

    def hidden(self, host: str = "11.2.2.2") -> Line:
        peer = self.world.peer(dialable=False)
        line = Line(peer.contact.curve_key, host=host)
        self.tell(line, Reserve("hivelet", peer.contact))
        return line

    def circuit(self, caller: Line, hidden: Line, number: int = 1) -> int:
        """The circuit's number for the hidden peer."""
        self.tell(caller, OpenCircuit(hidden.key, b"first"), number)
        kind, call, message = sent(hidden)[-1]
        assert (kind, message) == (Kind.RELAY, OpenCircuit(hidden.key, b"first"))
        return call

    def close(self) -> None:
        self.server.close()


def at_a_desk(world: Any, scenario: Any, **limits: Any) -> None:
    async def run() -> None:
        desk = Desk(world, **limits)
        try:
            await scenario(desk)
        finally:
            desk.close()

    world.run(run)


def test_a_reader_that_does_not_read_costs_one_window(world: Any) -> None:
    async def scenario(desk: Desk) -> None:
        hidden, caller = desk.hidden(), Line(bytes(32))
        desk.circuit(caller, hidden)
        hidden.ready = False
        before = len(hidden.sent)
        for _ in range(WINDOW_BYTES[Plane.BULK] // SEALED_BYTES[Plane.BULK]):
            desk.piece(caller, 1, SEALED_BYTES[Plane.BULK])
        assert 0 < desk.server.queued_bytes <= RELAY_BULK_WINDOW_BYTES
        assert (len(hidden.sent), desk.server.circuits) == (before, 1)
        desk.piece(caller, 1, SEALED_BYTES[Plane.BULK])  # nobody granted that
        assert (desk.server.queued_bytes, desk.server.circuits) == (0, 0)
        assert sent(caller)[-1][2].code == FailureCode.BAD_REQUEST
        assert sent(hidden)[-1][2].code == FailureCode.BAD_REQUEST

    at_a_desk(world, scenario)


def test_one_slow_reader_delays_nobody_and_turns_are_taken(world: Any) -> None:
    async def scenario(desk: Desk) -> None:
        slow, quick = desk.hidden(), desk.hidden()
        one, other, third = (Line(bytes([number]) * 32) for number in (1, 2, 3))
        desk.circuit(one, slow)
        numbers = [desk.circuit(line, quick) for line in (other, third)]
        slow.ready = False
        desk.piece(one, 1, 1000)
        desk.piece(other, 1, 1000)
        assert sent(quick)[-1][:2] == (Kind.PIECE, numbers[0])
        quick.ready = False
        for line in (other, other, other, third, third, third):
            desk.piece(line, 1, 1000)
        quick.ready = True
        desk.server.writable(quick)
        assert [row[1] for row in sent(quick)[-6:]] == numbers * 3
        assert desk.server.queued_bytes == 1064

    at_a_desk(world, scenario)


def test_all_readers_together_have_a_bound(world: Any) -> None:
    async def scenario(desk: Desk) -> None:
        lines = []
        for number in range(3):
            hidden, caller = desk.hidden(), Line(bytes([number]) * 32)
            desk.circuit(caller, hidden)
            hidden.ready = False
            lines.append(caller)
            for _ in range(5):
                desk.piece(caller, 1, SEALED_BYTES[Plane.BULK])
        assert desk.server.queued_bytes <= 4 * MIB
        assert desk.server.circuits == 2
        assert sent(lines[2])[-1][2].code == FailureCode.BUSY

    at_a_desk(world, scenario, queue_bytes=4 * MIB)


def test_what_a_relay_gives_is_bounded(world: Any) -> None:
    async def scenario(desk: Desk) -> None:
        hidden = desk.hidden("11.7.7.7")
        callers = [Line(bytes([number]) * 32) for number in range(3)]
        for number in (1, 2):
            desk.circuit(callers[0], hidden, number)
        desk.tell(callers[0], OpenCircuit(hidden.key, b""), 3)  # one caller
        assert sent(callers[0])[-1][2].code == FailureCode.BUSY
        desk.circuit(callers[1], hidden)
        desk.tell(callers[2], OpenCircuit(hidden.key, b""), 1)  # one callee
        assert sent(callers[2])[-1][2].code == FailureCode.BUSY
        desk.hidden("11.7.7.7")
        third = desk.hidden("11.7.7.7")  # one address
        assert isinstance(sent(third)[-1][2], Failure)
        fourth, fifth = desk.hidden(), desk.hidden()  # all
        assert isinstance(sent(fourth)[-1][2], Reserved)
        assert sent(fifth)[-1][2].code == FailureCode.BUSY
        desk.piece(callers[0], 1, 60_000)
        desk.piece(hidden, sent(hidden)[1][1], 40_000)
        assert desk.server.circuits == 3
        desk.piece(callers[1], 1, 1)  # the reservation's bytes
        assert sent(callers[1])[-1][2].code == FailureCode.BUSY
        assert desk.server.circuits == 2
        desk.tell(callers[2], OpenCircuit(hidden.key, b""), 1)
        assert sent(callers[2])[-1][2].code == FailureCode.BUSY
        assert desk.server.relayed_bytes == 100_000

    at_a_desk(
        world,
        scenario,
        circuits_per_caller=2,
        circuits_per_callee=3,
        reservations_per_host=2,
        reservations=3,
        reservation_bytes=100_000,
    )


def test_a_day_has_a_budget_and_the_next_one_another(world: Any) -> None:
    async def scenario(desk: Desk) -> None:
        hidden, caller = desk.hidden(), Line(bytes(32))
        desk.circuit(caller, hidden)
        desk.piece(caller, 1, 60_000)
        desk.piece(caller, 1, 60_000)
        assert desk.server.circuits == 1
        desk.piece(caller, 1, 1)
        assert desk.server.circuits == 0
        assert sent(desk.hidden())[-1][2].code == FailureCode.BUSY
        desk.clock.now += 86_400
        assert isinstance(sent(desk.hidden())[-1][2], Reserved)

    at_a_desk(world, scenario, day_bytes=100_000)


def test_nonsense_is_passed_over(world: Any) -> None:
    async def scenario(desk: Desk) -> None:
        hidden, caller, stranger = desk.hidden(), Line(bytes(32)), Line(bytes([9]) * 32)
        number = desk.circuit(caller, hidden)
        contact = world.peer().contact
        count = len(hidden.sent)
        for line in (stranger, caller):
            desk.tell(line, Reserve("hivelet", contact))  # another's contact
            assert sent(line)[-1][2].code == FailureCode.UNAUTHORIZED
        desk.tell(caller, OpenCircuit(hidden.key, b""), 1)  # taken
        assert sent(caller)[-1][2].code == FailureCode.BAD_REQUEST
        desk.tell(caller, OpenCircuit(hidden.key, b""), 2**63)  # the relay's to give
        assert sent(caller)[-1][2].code == FailureCode.BAD_REQUEST
        desk.tell(caller, OpenCircuit(stranger.key, b""), 2)
        assert sent(caller)[-1][2].code == FailureCode.NOT_FOUND
        desk.tell(hidden, OpenCircuit(hidden.key, b""), 2)  # a loop
        assert sent(hidden)[-1][2].code == FailureCode.NOT_FOUND
        desk.tell(Line(hidden.key, Plane.CONTROL), OpenCircuit(hidden.key, b""), 2)  # reserved on the other plane only
        for message in (CircuitOpened(b""), CloseCircuit(0, ""), Reversed(bytes(16)), Ping()):
            desk.tell(stranger, message, number)
            desk.tell(stranger, message, 1)
        desk.tell(caller, CircuitOpened(b""), 1)  # only the callee answers
        desk.piece(stranger, number, 100)
        desk.server.received(caller, Envelope(Kind.PIECE, 0, 1), memoryview(b""), [])
        desk.server.received(caller, Envelope(Kind.RELAY, 999, 7), memoryview(b"\xc1"), [])
        desk.server.received(stranger, Envelope(Kind.GRANT, 0, number, 2**32 - 1), memoryview(b""), [])
        assert len(hidden.sent) == count + 1
        assert desk.server.circuits == 1
        desk.piece(caller, 1, SEALED_BYTES[Plane.BULK] + 1)  # larger than any piece
        assert desk.server.circuits == 0

    at_a_desk(world, scenario)


def test_random_frames_hurt_no_relay(world: Any) -> None:
    async def scenario(desk: Desk) -> None:
        rng = random.Random(3)
        hidden = desk.hidden()
        lines = [hidden, Line(bytes(32)), Line(bytes([1]) * 32)]
        bodies = [relay_frame(OpenCircuit(hidden.key, b""), 0)[18:], b"", relay_frame(CloseCircuit(0, ""), 0)[18:]]
        for _ in range(20_000):
            line = rng.choice(lines)
            line.ready = rng.random() < 0.7
            kind = rng.choice([Kind.RELAY, Kind.PIECE, Kind.GRANT])
            code = rng.choice([5, 72, 73, 74, 75, 76, 77, 78, 500])
            number = rng.choice([0, 1, 2, 3, 2**63, 2**63 + 1, 2**64 - 1])
            envelope = Envelope(kind, code, number, rng.choice([0, 1, 2**32 - 1]))
            frames = [bytes(rng.choice([0, 1, 1000]))] * rng.choice([0, 1, 1, 1, 2])
            desk.server.received(line, envelope, memoryview(rng.choice(bodies)), frames)
            desk.server.writable(line)
            desk.clock.now += 0.01
            line.sent.clear()
        assert desk.server.queued_bytes <= 6 * WINDOW_BYTES[Plane.BULK]
        for line in lines:
            desk.server.lost(line)
        assert (desk.server.circuits, desk.server.queued_bytes, desk.server.reservations) == (0, 0, 0)

    at_a_desk(world, scenario)


def test_a_relay_that_can_no_longer_be_reached_lets_everybody_go(world: Any) -> None:
    async def scenario(desk: Desk) -> None:
        hidden, caller = desk.hidden(), Line(bytes(32))
        desk.circuit(caller, hidden)
        desk.reachable = False
        assert isinstance(sent(desk.hidden())[-1][2], Failure)
        await asyncio.sleep(11)
        assert (desk.server.reservations, desk.server.circuits) == (0, 0)
        assert [row[2].code for row in sent(hidden)[-2:]] == [FailureCode.PAUSED] * 2
        desk.reachable = True
        assert isinstance(sent(desk.hidden())[-1][2], Reserved)

    at_a_desk(world, scenario)
