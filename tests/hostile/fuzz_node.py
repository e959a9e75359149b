"""A whole peer in this process, for a fuzzer: real RPC, DHT and expert host behind links that only count."""

import asyncio
import copy
import logging
import random
from collections import Counter
from typing import Any

from core.control.snapshot import EngineSnapshot
from core.experts.runtime import OpenGate
from core.experts.service import ExpertHost
from core.experts.spec import ExpertSpec
from net.addresses import Contact
from net.clock import SystemClock
from net.dht.node import DhtNode
from net.errors import IdentityError, LimitError, NetError, PeerUnreachable, RemoteError, WireError
from net.identity import Identity, sign_contact
from net.introduction import IntroductionServer, check_introduction
from net.nat.dial_back import DialBackAsker, DialBackServer
from net.rpc.peer import RpcPeer
from net.transport.base import Frames
from net.wire.codec import decode, encode
from net.wire.envelope import Envelope, Kind, VersionError, pack, unpack
from net.wire.messages import (
    PROTOCOL_VERSION,
    ExpertBackward,
    ExpertDescribe,
    ExpertForward,
    Failure,
    FailureCode,
    FindNode,
    FindValue,
    Hello,
    Introduce,
    Message,
    Ping,
    Plane,
    Store,
)
from net.wire.nat_messages import DialBack, Knock
from net.wire.table import TABLE
from tests.hostile.fuzz_inputs import Inputs
from tests.support.snapshots import snapshot

PROJECT = bytes(range(32))
UID = "ffn.0"
SERVED = [
    cls.CODE
    for cls in (Hello, Ping, FindNode, FindValue, Store, ExpertForward, ExpertBackward, ExpertDescribe, DialBack, Knock)
]
_SNAPSHOT = snapshot(experts=2, peers=2).to_dict()
_ADDRESS = "tcp://127.0.0.1:9"
_MESSAGES_A_STRANGER = 100


class Complaints(logging.Handler):
    """Everything that was logged as an error: a handler that failed for no good reason says so there."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        self.seen[logging.Formatter().format(record)] += 1


class CountingLink:
    """A link whose other side is the fuzzer."""

    def __init__(self, plane: Plane, key: bytes, outcomes: Counter[str], *, outbound: bool) -> None:
        self.plane = plane
        self.key = key
        self.address = _ADDRESS
        self.outbound = outbound
        self.sent_bytes = self.received_bytes = 0
        self.ready = True
        self.asked: list[tuple[int, int]] = []  # (call, code) of requests that this peer sent over it
        self._outcomes = outcomes

    def send(self, frames: Frames) -> None:
        envelope, body = unpack(bytes(frames[0]))
        if envelope.kind is Kind.REQUEST:
            self.asked.append((envelope.call, envelope.code))
        elif envelope.kind is Kind.FAILURE:
            failure = decode(envelope.code, body)
            assert isinstance(failure, Failure)
            self._outcomes[FailureCode(failure.code).name] += 1
        elif envelope.kind is Kind.RESPONSE:
            self._outcomes["answered"] += 1

    def close(self) -> None:
        self.ready = False


class CountingTransport:
    """A transport that dials nobody: what is dialled is the fuzzer."""

    def __init__(self, outcomes: Counter[str]) -> None:
        self.key = random.Random(1).randbytes(32)
        self.control = self.bulk = "tcp://127.0.0.1:4242"
        self.dialled: list[CountingLink] = []
        self._outcomes = outcomes

    def attach(self, receiver: Any) -> None:
        self.receiver = receiver

    def dial(self, contact: Contact, plane: Plane) -> CountingLink:
        link = CountingLink(plane, contact.curve_key, self._outcomes, outbound=True)
        self.dialled.append(link)
        return link

    async def close(self) -> None:
        self.dialled.clear()


class FuzzedPeer:
    """Takes one message after the other. outcomes: how many ended how. Use within a running loop; close it."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.outcomes: Counter[str] = Counter()
        self._clock = SystemClock()
        self._identity = Identity(b"f" * 32)
        self._transport = CountingTransport(self.outcomes)
        self.rpc = RpcPeer(self._transport, self._identity, self._clock)
        self.dht = DhtNode(self.rpc, self._identity, self.rpc.contact, self._clock, rng=random.Random(2))
        DialBackAsker(self.rpc, random.Random(3))
        DialBackServer(self.rpc, self._clock)
        self._host = ExpertHost(self.rpc, PROJECT, ["cpu"], OpenGate(), lambda *_: None, self._clock)
        self._host.add(UID, ExpertSpec("ffn", 4, 8), 0)
        self._introductions = object.__new__(IntroductionServer)  # only `answer`, which needs no socket
        vars(self._introductions).update(
            _identity=self._identity, _contact=lambda: self.rpc.contact, _network="hivelet", _clock=self._clock
        )
        self._links: list[CountingLink] = []
        self._asking: set[asyncio.Task[object]] = set()
        self._taken = 0

    async def start(self) -> None:
        """Serve."""
        await self.dht.start()
        self._host.start()

    async def close(self) -> None:
        """Everything ends."""
        self._leave()
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        await self.dht.close()
        await self.rpc.close()
        await self._host.close()

    def take(self) -> None:
        """One message of the fuzzer's choice. Raises only where the peer has a fault."""
        if self._taken % _MESSAGES_A_STRANGER == 0:
            self._leave()
            self._come()
        self._taken += 1
        chance = self.inputs.rng.random()
        if chance < 0.7:
            self._request()
        elif chance < 0.85:
            self._answer()
        elif chance < 0.9:
            self._introduce()
        elif chance < 0.91:
            self._control()
        else:
            self._codec()

    def raw(self, data: bytes) -> None:
        """The same bytes wherever bytes are taken: for fuzzers that choose their own."""
        if not self._links or self._taken % _MESSAGES_A_STRANGER == 0:
            self._leave()
            self._come()
        self._taken += 1
        for link in self._links:
            self.rpc.received(link, [data])
        for link in self._transport.dialled[-1:]:
            self.rpc.received(link, [data])
        self._introductions.answer(data)
        self._decode(data)

    # --- one stranger after the other --------------------------------------------------------------------------

    def _come(self) -> None:
        """A new stranger says Hello on both planes, and this peer asks it something."""
        identity = Identity(self.inputs.rng.randbytes(32))
        key = self.inputs.rng.randbytes(32)
        contact = sign_contact(
            identity, curve_key=key, control=_ADDRESS, bulk=_ADDRESS, expires=self._clock.time() + 3600
        )
        hello = pack(Envelope(Kind.REQUEST, Hello.CODE, 1), encode(Hello(PROTOCOL_VERSION, "hivelet", contact)))
        self._links = [CountingLink(plane, key, self.outcomes, outbound=False) for plane in Plane]
        for link in self._links:
            self.rpc.received(link, [hello])
        questions: tuple[Message, ...] = (Ping(), FindNode(key), FindValue((key,), b"", b""), Store(b"", ()))
        for question in questions:
            task = asyncio.get_running_loop().create_task(self._ask(contact, question))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _ask(self, contact: Contact, question: Message) -> None:
        try:
            await self.rpc.call(contact, question, timeout=0.5)
        except (NetError, asyncio.CancelledError) as error:
            self.outcomes[f"own call: {type(error).__name__}"] += 1
        else:
            self.outcomes["own call: answered"] += 1

    def _leave(self) -> None:
        gone = PeerUnreachable("It has gone.")
        for link in (*self._links, *self._transport.dialled):
            self.rpc.lost(link, gone)
        self._links.clear()
        self._transport.dialled.clear()

    # --- the ways in -------------------------------------------------------------------------------------------

    def _request(self) -> None:
        inputs = self.inputs
        code = inputs.rng.choice(SERVED) if inputs.rng.random() < 0.85 else inputs.code()
        link = inputs.rng.choice(self._links)
        if code in TABLE and inputs.rng.random() < 0.95:
            link = self._links[TABLE[code].PLANE]
        head = inputs.head(inputs.kind(), code, inputs.rng.randrange(40))
        self.rpc.received(link, [head + inputs.body(code), *inputs.payload()])

    def _answer(self) -> None:
        """To a question that this peer has asked, or has not."""
        inputs = self.inputs
        links = [link for link in self._transport.dialled if link.asked]
        if not links:
            return self._codec()
        link = inputs.rng.choice(links)
        call, code = inputs.rng.choice(link.asked)
        kind = inputs.rng.choice((Kind.RESPONSE, Kind.RESPONSE, Kind.FAILURE, Kind.CHUNK, Kind.CREDIT))
        code = Failure.CODE if kind is Kind.FAILURE else code + 1 if inputs.rng.random() < 0.8 else inputs.code()
        self.rpc.received(link, [inputs.head(kind, code, call) + inputs.body(code), *inputs.payload()])
        return None

    def _introduce(self) -> None:
        inputs = self.inputs
        code = Introduce.CODE if inputs.rng.random() < 0.9 else inputs.code()
        answer = self._introductions.answer(inputs.head(Kind.REQUEST, code, 5) + inputs.body(code))
        self.outcomes["introduction answered" if answer else "introduction: silence"] += 1
        try:
            reply = inputs.head(Kind.RESPONSE, code + 1, 5) + inputs.body(code + 1)
            check_introduction([reply], bytes(16), "hivelet", self._clock.time())
        except (WireError, IdentityError, RemoteError) as error:
            self.outcomes[f"introduction: {type(error).__name__}"] += 1

    def _control(self) -> None:
        """What a window may be told by an engine that is none."""
        data = copy.deepcopy(_SNAPSHOT)
        for _ in range(self.inputs.rng.choice((1, 2, 5))):
            self.inputs.spoil_tree(data)
        try:
            EngineSnapshot.from_dict(data)
        except (TypeError, ValueError) as error:
            self.outcomes[f"snapshot: {type(error).__name__}"] += 1
        else:
            self.outcomes["snapshot: read"] += 1

    def _codec(self) -> None:
        code = self.inputs.code()
        self._decode(self.inputs.head(Kind.REQUEST, code, 1) + self.inputs.body(code))

    def _decode(self, frame: bytes) -> None:
        """What decodes must encode to what decodes to the same."""
        try:
            envelope, body = unpack(frame)
            message = decode(envelope.code, body)
        except (VersionError, LimitError, WireError) as error:
            self.outcomes[f"codec: {type(error).__name__}"] += 1
            return
        assert decode(envelope.code, encode(message)) == message
        self.outcomes["codec: valid"] += 1
