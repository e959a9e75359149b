"""Thousands of peers in one process and in virtual time: real DHT nodes on an RPC that hands messages over as objects.

Real: `DhtNode` and everything in it (joining, dialling back, tables, lookups, tokens, storing, upkeep), Ed25519
identities, signed contacts and signed records, deadlines, one-way delays that differ from pair to pair.
Not real: CURVE, ZeroMQ, the codec, Hello and Welcome. Messages are handed over as objects; who calls is known as
it is known behind CURVE. The signature of a contact is checked once for the whole process, since all nodes share the
memory of `net.dht.contacts`. Messages arrive on whole milliseconds, so that those of one moment share a timer.
What a peer answers is computed when the question arrives. A killed peer is silent, as a computer without power is:
every call to it costs its caller the whole request timeout.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from math import ceil
from typing import Any

from net.addresses import Contact
from net.clock import LoopClock
from net.errors import ClosedError, DeadlineExceeded, NetError, RemoteError
from net.identity import Identity, sign_contact
from net.rpc.base import Answer, Caller, Payload, Reply
from net.wire.limits import CONTACT_LIFE_S
from net.wire.messages import FailureCode, Message

MIN_DELAY_S = 0.01
MAX_DELAY_S = 0.09
"""One way, between two peers; drawn evenly, once for each pair."""

AnyHandler = Callable[[Caller, Any, Payload], Answer | Awaitable[Answer]]


class SimulatedNetwork:
    """The wire between all peers of one simulation. calls: questions put so far; silent: those of the dead."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.loop = asyncio.get_running_loop()
        self.clock = LoopClock(self.loop)
        self.calls: Counter[type[Message]] = Counter()
        self.answers = 0
        self.silent: Counter[type[Message]] = Counter()
        self.peers: dict[bytes, SimulatedRpc] = {}  # by CURVE key; the dead are not in it
        self._addresses: set[str] = set()
        self._due: dict[int, list[tuple[Callable[..., None], tuple[Any, ...]]]] = {}  # by millisecond

    def later(self, delay: float, deliver: Callable[..., None], *details: Any) -> None:
        """Call this after so many seconds, to the next millisecond."""
        moment = ceil((self.loop.time() + delay) * 1000)
        due = self._due.get(moment)
        if due is None:
            due = self._due[moment] = []
            self.loop.call_at(moment / 1000, self._deliver, moment)
        due.append((deliver, details))

    def _deliver(self, moment: int) -> None:
        for deliver, details in self._due.pop(moment):
            deliver(*details)

    def delay(self, one: "SimulatedRpc", other: "SimulatedRpc") -> float:
        """Seconds from one peer to another, the same in both directions."""
        return MIN_DELAY_S + (MAX_DELAY_S - MIN_DELAY_S) * ((one.place ^ other.place) & 0xFFFF) / 0x10000

    def lose(self, request: Message, timeout: float, ended: "asyncio.Future[Reply]") -> None:
        """Nobody is there: the asker waits for nothing."""
        self.silent[type(request)] += 1
        self.later(timeout, _fail, ended, DeadlineExceeded("A peer did not answer."))

    def address(self) -> str:
        """An address on the public Internet that nobody else here has, so that limits by network are in force."""
        while True:
            a, b, c, d = self.rng.randrange(20, 100), *(self.rng.randrange(1, 255) for _ in range(3))
            address = f"tcp://{a}.{b}.{c}.{d}:4242"
            if address not in self._addresses:
                self._addresses.add(address)
                return address


class SimulatedRpc:
    """One peer's end of a `SimulatedNetwork`. Implements `net.rpc.base.Rpc`."""

    def __init__(self, network: SimulatedNetwork, identity: Identity) -> None:
        self.network = network
        self.identity = identity
        self.place = network.rng.getrandbits(16)
        address = network.address()
        self.contact = sign_contact(
            identity,
            curve_key=network.rng.randbytes(32),
            control=address,
            bulk=address,
            expires=network.clock.time() + CONTACT_LIFE_S,
        )
        self._handlers: dict[type[Message], AnyHandler] = {}
        self.killed = False
        network.peers[self.contact.curve_key] = self

    async def call(self, contact: Contact, request: Message, payload: Payload = (), *, timeout: float) -> Reply:
        """See Rpc.call."""
        if self.killed:
            raise ClosedError("This peer is closed.")
        network = self.network
        network.calls[type(request)] += 1
        ended: asyncio.Future[Reply] = network.loop.create_future()
        target = network.peers.get(contact.curve_key)
        if target is None:
            network.lose(request, timeout, ended)
        else:
            network.later(network.delay(self, target), target._arrive, self, request, payload, timeout, ended)
        try:
            return await ended
        finally:
            del ended  # its error's traceback leads back to here: a cycle, which only the collector would end

    def handle(self, request_type: type[Any], handler: AnyHandler) -> None:
        """See Rpc.handle. Registering a type again replaces its handler: that is how a peer turns bad."""
        self._handlers[request_type] = handler

    def kill(self) -> None:
        """Never to be heard of again."""
        self.killed = True
        self.network.peers.pop(self.contact.curve_key, None)

    def _arrive(
        self, asker: "SimulatedRpc", request: Message, payload: Payload, timeout: float, ended: "asyncio.Future[Reply]"
    ) -> None:
        network = self.network
        if self.killed:
            network.lose(request, timeout, ended)
            return
        back = network.delay(self, asker)
        caller = Caller(asker.identity.peer_id, asker.contact, asker.contact.control, timeout)
        network.answers += 1
        try:
            answer = _result_of(self._handlers[type(request)](caller, request, payload))
        except RemoteError as error:
            network.later(back, _fail, ended, error)
        except NetError as error:
            network.later(back, _fail, ended, RemoteError(FailureCode.BAD_REQUEST, str(error)))
        else:
            reply = answer if isinstance(answer, Reply) else Reply(answer)
            network.later(back, _succeed, ended, reply)


def _result_of(answer: Answer | Awaitable[Answer]) -> Answer:
    """What a handler answers. The DHT's handlers wait for nothing; where they let others go first, they go on."""
    if isinstance(answer, Reply | Message):
        return answer
    steps = answer.__await__()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Answer = end.value
            return result


def _succeed(ended: "asyncio.Future[Reply]", reply: Reply) -> None:
    if not ended.done():
        ended.set_result(reply)


def _fail(ended: "asyncio.Future[Reply]", error: NetError) -> None:
    if not ended.done():
        ended.set_exception(error)
