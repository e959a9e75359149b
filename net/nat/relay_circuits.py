"""The circuits that a relay carries, and what waits in each. No I/O."""

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field

from net.errors import LimitError
from net.nat.relay_pieces import SEALED_BYTES, WINDOW_BYTES, cost
from net.transport.base import Buffer, Link


@dataclass(slots=True, eq=False)
class Way:
    """One end of a circuit, as the relay sees it, and what waits to be sent there. number: the circuit's there."""

    circuit: "Circuit"
    link: Link
    number: int
    queue: deque[Buffer] = field(default_factory=deque)
    queued: int = 0  # with what each piece costs beside its bytes


@dataclass(slots=True, eq=False)
class Circuit:
    """Two connections of one plane. opened, active: monotonic seconds."""

    opened: float
    active: float
    caller: Way = field(init=False)
    callee: Way = field(init=False)

    def other(self, link: Link) -> Way:
        """The end that is not this link's."""
        return self.callee if link is self.caller.link else self.caller


class Circuits:
    """All circuits of one relay, found by either connection and its number for them."""

    FIRST_OWN = 2**63
    """Circuits of a hidden peer's connection are numbered from here; callers choose numbers below it."""

    def __init__(self) -> None:
        self.queued_bytes = 0
        self._by_link: dict[Link, dict[int, Circuit]] = {}
        self._callers: Counter[bytes] = Counter()
        self._callees: Counter[bytes] = Counter()
        self._waiting: dict[Link, OrderedDict[Way, None]] = {}
        self._made = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, caller: Link, number: int, callee: Link, now: float) -> Circuit:
        """A new circuit; `number` is the caller's."""
        circuit = Circuit(now, now)
        circuit.caller = Way(circuit, caller, number)
        circuit.callee = Way(circuit, callee, self.FIRST_OWN + self._made)
        self._made += 1
        self._count += 1
        for way in (circuit.caller, circuit.callee):
            self._by_link.setdefault(way.link, {})[way.number] = circuit
        self._callers[caller.key] += 1
        self._callees[callee.key] += 1
        return circuit

    def remove(self, circuit: Circuit) -> None:
        """Forget it, and what waits in it."""
        self._count -= 1
        for way in (circuit.caller, circuit.callee):
            numbers = self._by_link[way.link]
            del numbers[way.number]
            if not numbers:
                del self._by_link[way.link]
            self.queued_bytes -= way.queued
            way.queued = 0
            way.queue.clear()
            self._rest(way)
        for counter, key in ((self._callers, circuit.caller.link.key), (self._callees, circuit.callee.link.key)):
            counter[key] -= 1
            if not counter[key]:
                del counter[key]

    def find(self, link: Link, number: int) -> Circuit | None:
        """The circuit that this connection calls so."""
        return self._by_link.get(link, {}).get(number)

    def over(self, link: Link) -> list[Circuit]:
        """All circuits of one connection."""
        return list(self._by_link.get(link, {}).values())

    def all(self) -> list[Circuit]:
        """Every circuit once."""
        return list({circuit: None for numbers in self._by_link.values() for circuit in numbers.values()})

    def of_caller(self, key: bytes) -> int:
        """How many circuits the peer of this CURVE key has opened."""
        return self._callers[key]

    def of_callee(self, key: bytes) -> int:
        """How many lead to the peer of this CURVE key."""
        return self._callees[key]

    # --- what waits ----------------------------------------------------------------------------------------------

    def queue(self, way: Way, piece: Buffer) -> None:
        """This piece shall go there. Raises LimitError for one that is too large, or was not granted to its sender."""
        plane = way.link.plane
        if len(piece) > SEALED_BYTES[plane] or way.queued + cost(len(piece)) > WINDOW_BYTES[plane]:
            raise LimitError("A piece is too large, or was not granted.")
        way.queue.append(piece)
        way.queued += cost(len(piece))
        self.queued_bytes += cost(len(piece))
        self._waiting.setdefault(way.link, OrderedDict())[way] = None

    def next_for(self, link: Link) -> Way | None:
        """Whose turn it is to send over this connection."""
        return next(iter(self._waiting.get(link, ())), None)

    def unqueue(self, way: Way) -> Buffer:
        """Take the first piece that waits there; then it is another circuit's turn."""
        piece = way.queue.popleft()
        way.queued -= cost(len(piece))
        self.queued_bytes -= cost(len(piece))
        if way.queue:
            self._waiting[way.link].move_to_end(way)
        else:
            self._rest(way)
        return piece

    def waiting(self) -> list[Link]:
        """The connections for which something waits."""
        return list(self._waiting)

    def _rest(self, way: Way) -> None:
        turns = self._waiting.get(way.link)
        if turns is not None:
            turns.pop(way, None)
            if not turns:
                del self._waiting[way.link]
