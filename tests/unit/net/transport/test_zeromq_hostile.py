"""Strangers who break the rules of the ZeroMQ transport: they get nothing, and honest peers are served meanwhile."""

import asyncio
import os
import socket
import sys
from contextlib import contextmanager
from typing import Any

import pytest
import zmq
import zmq.asyncio
from zmq.utils import z85

from net.addresses import Endpoint
from net.errors import PeerUnreachable
from net.identity import Identity, sign_contact
from net.rpc.base import Reply
from net.transport import watch, zap
from net.transport.zap import DOMAIN, judge
from net.wire.codec import decode, encode
from net.wire.envelope import Envelope, Kind, pack, unpack
from net.wire.limits import CHUNK_BYTES, CONTROL_MESSAGE_BYTES, MESSAGE_FRAMES, PEER_SEND_QUEUE
from net.wire.messages import (
    PROTOCOL_VERSION,
    ExpertForward,
    ExpertResults,
    Failure,
    FailureCode,
    FindNode,
    Hello,
    Ping,
    Pong,
    Stored,
    Welcome,
)

FORWARD = ExpertForward(bytes(32), ())
KEY = b"k" * 32


class Stranger:
    """A raw DEALER with CURVE keys of its own, or with none."""

    def __init__(self, context: Any, victim: Any, *, curve: bool = True, bulk: bool = False) -> None:
        self.public, secret = zmq.curve_keypair()
        self.identity = Identity.generate()
        self.socket = context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.reconnect_ivl = -1
        if curve:
            self.socket.curve_publickey, self.socket.curve_secretkey = self.public, secret
            self.socket.curve_serverkey = z85.encode(victim.contact.curve_key)
        self.socket.connect(victim.contact.bulk if bulk else victim.contact.control)

    def hello(self, victim: Any, **changes: Any) -> bytes:
        contact = sign_contact(
            changes.get("identity", self.identity),
            curve_key=changes.get("curve_key", z85.decode(self.public)),
            control="",
            bulk="",
            expires=changes.get("expires", victim._clock.time() + 600),
        )
        message = Hello(changes.get("version", PROTOCOL_VERSION), changes.get("network", "hivelet"), contact)
        return pack(Envelope(Kind.REQUEST, Hello.CODE, 1), encode(message))

    async def ask(self, *frames: bytes) -> Any:
        await self.socket.send_multipart(frames)
        return await self.answer()

    async def answer(self) -> Any:
        async with asyncio.timeout(5):
            frames = await self.socket.recv_multipart()
        envelope, body = unpack(frames[0])
        return decode(envelope.code, body)

    def end(self) -> Any:
        """An awaitable that is done when the victim has ended this connection, from now on."""
        monitor = self.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)

        async def wait() -> None:
            async with asyncio.timeout(15):
                await monitor.recv_multipart()

        return wait()


@contextmanager
def strangers() -> Any:
    context = zmq.asyncio.Context()
    try:
        yield context
    finally:
        context.destroy(linger=0)


async def served(world: Any, victim: Any) -> None:
    """An honest newcomer is served within a second or two."""
    honest = world.peer()
    async with asyncio.timeout(5):
        assert isinstance((await honest.call(victim.contact, Ping(), timeout=5)).message, Pong)


def victim_of(world: Any) -> Any:
    victim = world.peer()

    async def pong(caller: Any, request: Ping, payload: Any) -> Pong:
        return Pong(0.0)

    async def big(caller: Any, request: ExpertForward, payload: Any) -> Reply:
        return Reply(ExpertResults(()), [bytes(30 * CHUNK_BYTES)])

    victim.handle(Ping, pong)
    victim.handle(ExpertForward, big)
    return victim


PING = pack(Envelope(Kind.REQUEST, Ping.CODE, 7, 5000), encode(Ping()))


def test_nothing_is_served_before_hello(zmq_world: Any) -> None:
    @zmq_world.run
    async def scenario() -> None:
        victim = victim_of(zmq_world)
        with strangers() as context:
            stranger = Stranger(context, victim)
            refusal = await stranger.ask(PING)
            assert refusal.code == FailureCode.HELLO_REQUIRED
            assert isinstance(await stranger.ask(stranger.hello(victim)), Welcome)
            assert isinstance(await stranger.ask(PING), Pong)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"curve_key": KEY}, FailureCode.UNAUTHORIZED),  # another one's contact
        ({"expires": 1000.0}, FailureCode.UNAUTHORIZED),
        ({"expires": 4e9}, FailureCode.UNAUTHORIZED),
        ({"network": "another"}, FailureCode.UNAUTHORIZED),
        ({"version": PROTOCOL_VERSION + 1}, FailureCode.VERSION),
    ],
    ids=str,
)
def test_a_hello_that_does_not_hold_is_refused(zmq_world: Any, changes: Any, code: FailureCode) -> None:
    @zmq_world.run
    async def scenario() -> None:
        victim = victim_of(zmq_world)
        with strangers() as context:
            stranger = Stranger(context, victim)
            refusal = await stranger.ask(stranger.hello(victim, **changes))
            assert isinstance(refusal, Failure)
            assert refusal.code == code
            assert (await stranger.ask(PING)).code == FailureCode.HELLO_REQUIRED


def test_the_session_belongs_to_the_key_and_not_to_the_routing_id(zmq_world: Any) -> None:
    @zmq_world.run
    async def scenario() -> None:
        victim = victim_of(zmq_world)
        with strangers() as context:
            honest = Stranger(context, victim)
            honest.socket.disconnect(victim.contact.control)
            honest.socket.routing_id = b"me"
            honest.socket.connect(victim.contact.control)
            assert isinstance(await honest.ask(honest.hello(victim)), Welcome)
            honest.socket.close(0)
            thief = Stranger(context, victim)
            thief.socket.disconnect(victim.contact.control)
            thief.socket.routing_id = b"me"
            thief.socket.connect(victim.contact.control)
            assert (await thief.ask(PING)).code == FailureCode.HELLO_REQUIRED


def test_a_client_without_keys_gets_nothing(zmq_world: Any) -> None:
    @zmq_world.run
    async def scenario() -> None:
        victim = victim_of(zmq_world)
        with strangers() as context:
            stranger = Stranger(context, victim, curve=False)
            end = stranger.end()
            await stranger.socket.send(PING)
            await end
            await served(zmq_world, victim)
            with pytest.raises(zmq.Again):
                await stranger.socket.recv(zmq.NOBLOCK)


def test_garbage_is_passed_over(zmq_world: Any) -> None:
    @zmq_world.run
    async def scenario() -> None:
        victim = victim_of(zmq_world)
        rng = zmq_world.rng
        with strangers() as context:
            stranger = Stranger(context, victim)
            await stranger.ask(stranger.hello(victim))
            for kind in range(256):
                await stranger.socket.send_multipart([bytes([PROTOCOL_VERSION, kind]) + rng.randbytes(30)])
            for size in (0, 1, 17, 18, 1000):
                await stranger.socket.send_multipart([rng.randbytes(size)] * 3)
            chunk = pack(Envelope(Kind.CHUNK, 0, 99, 5))
            await stranger.socket.send_multipart([chunk, b"stray"])
            await stranger.socket.send_multipart([pack(Envelope(Kind.CREDIT, 0, 99, 2**32 - 1))])
            await stranger.socket.send_multipart([pack(Envelope(Kind.CANCEL, 0, 99))])
            await stranger.socket.send_multipart([PING])
            answers = []
            while not answers or not isinstance(answers[-1], Pong):
                answers.append(await stranger.answer())
            await served(zmq_world, victim)


def test_a_frame_above_the_limit_ends_the_connection(zmq_world: Any) -> None:
    @zmq_world.run
    async def scenario() -> None:
        victim = victim_of(zmq_world)
        with strangers() as context:
            stranger = Stranger(context, victim)
            await stranger.ask(stranger.hello(victim))
            end = stranger.end()
            await stranger.socket.send(bytes(CONTROL_MESSAGE_BYTES * 2))
            await end
            await served(zmq_world, victim)


def test_a_message_of_too_many_frames_is_read_away(zmq_world: Any) -> None:
    @zmq_world.run
    async def scenario() -> None:
        victim = victim_of(zmq_world)
        with strangers() as context:
            stranger = Stranger(context, victim)
            await stranger.ask(stranger.hello(victim))
            await stranger.socket.send_multipart([PING, *[b""] * (MESSAGE_FRAMES * 50)])
            await served(zmq_world, victim)
            assert isinstance(await stranger.ask(PING), Pong)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much a connection has received")
def test_a_message_that_never_ends_is_cut_off(zmq_world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "UNFINISHED_BYTES", 2 * 1024 * 1024)
    monkeypatch.setattr(watch, "EVERY_S", 0.01)

    @zmq_world.run
    async def scenario() -> None:
        victim = victim_of(zmq_world)
        with strangers() as context:
            stranger = Stranger(context, victim, bulk=True)
            await stranger.ask(stranger.hello(victim))
            end = stranger.end()
            piece = bytes(CHUNK_BYTES)
            # libzmq sends no message before it is whole, so this one is whole, but far too long to arrive in time.
            for last in [False] * 400 + [True]:
                await stranger.socket.send(piece, 0 if last else zmq.SNDMORE, copy=False)
            await end
            await served(zmq_world, victim)


def test_one_who_never_reads_delays_nobody(zmq_world: Any) -> None:
    @zmq_world.run
    async def scenario() -> None:
        victim = victim_of(zmq_world)
        with strangers() as context:
            stranger = Stranger(context, victim, bulk=True)
            stranger.socket.rcvhwm = 1
            await stranger.ask(stranger.hello(victim))
            for call in range(20):
                request = Envelope(Kind.REQUEST, ExpertForward.CODE, call + 10, 60_000)
                await stranger.socket.send(pack(request, encode(FORWARD)))
            honest = zmq_world.peer()
            for _ in range(3):
                reply = await honest.call(victim.contact, FORWARD, timeout=10)
                assert len(reply.payload[0]) == 30 * CHUNK_BYTES


def test_one_who_asks_and_asks_and_never_reads_fills_only_its_own_queue(zmq_world: Any) -> None:
    @zmq_world.run
    async def scenario() -> None:
        victim = victim_of(zmq_world)
        honest = zmq_world.peer()

        async def long_answer(caller: Any, request: FindNode, payload: Any) -> Stored:
            return Stored(("x" * 300,) * 64)

        victim.handle(FindNode, long_answer)
        with strangers() as context:
            stranger = Stranger(context, victim)
            await stranger.ask(stranger.hello(victim))
            await honest.call(victim.contact, Ping(), timeout=5)
            (link,) = [
                one for one in victim._transport._inboxes[0]._links.values() if one.key != honest.contact.curve_key
            ]
            body = encode(FindNode(bytes(32)))
            call = 10
            async with asyncio.timeout(30):
                while len(link.queue) < PEER_SEND_QUEUE:
                    for _ in range(40):
                        call += 1
                        await stranger.socket.send(pack(Envelope(Kind.REQUEST, FindNode.CODE, call, 5000), body))
                    await honest.call(victim.contact, Ping(), timeout=5)
            await honest.call(victim.contact, Ping(), timeout=5)
            assert len(link.queue) == PEER_SEND_QUEUE
            while link.queue:  # it reads at last: what waited arrives
                await stranger.answer()
            assert link.ready


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much a connection has received")
def test_a_server_whose_answer_never_ends_is_left(zmq_world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "UNFINISHED_BYTES", 2 * 1024 * 1024)
    monkeypatch.setattr(watch, "EVERY_S", 0.01)

    @zmq_world.run
    async def scenario() -> None:
        alice = zmq_world.peer()
        with strangers() as context:
            public, secret = zmq.curve_keypair()
            server = context.socket(zmq.ROUTER)
            server.curve_server, server.curve_secretkey = True, secret
            port = server.bind_to_random_port("tcp://127.0.0.1")
            address = f"tcp://127.0.0.1:{port}"
            contact = sign_contact(
                Identity.generate(),
                curve_key=z85.decode(public),
                control=address,
                bulk=address,
                expires=alice._clock.time() + 600,
            )
            call = asyncio.create_task(alice.call(contact, FORWARD, timeout=30))
            routing_id, *_ = await server.recv_multipart()
            await server.send(routing_id, zmq.SNDMORE)
            piece = bytes(CHUNK_BYTES)
            for last in [False] * 400 + [True]:
                await server.send(piece, 0 if last else zmq.SNDMORE, copy=False)
            async with asyncio.timeout(10):
                with pytest.raises(PeerUnreachable):
                    await call


def test_connections_that_say_nothing_hold_up_nobody(zmq_world: Any) -> None:
    @zmq_world.run
    async def scenario() -> None:
        victim = victim_of(zmq_world)
        silent = []
        try:
            for address in (victim.contact.control, victim.contact.bulk):
                endpoint = Endpoint.parse(address)
                for number in range(40):
                    silent.append(socket.create_connection((endpoint.host, endpoint.port), timeout=5))
                    if number % 2:
                        silent[-1].sendall(os.urandom(200))
            await served(zmq_world, victim)
        finally:
            for connection in silent:
                connection.close()


def test_a_fault_in_authentication_shuts_out_nobody_who_comes_later(
    zmq_world: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    @zmq_world.run
    async def scenario() -> None:
        victim = victim_of(zmq_world)
        faults = []

        def faulty(request: list[bytes]) -> tuple[bytes, bytes, bytes]:
            faults.append(request)
            raise KeyError("a fault")

        with strangers() as context:
            monkeypatch.setattr(zap, "judge", faulty)
            stranger = Stranger(context, victim)
            end = stranger.end()
            await end
            monkeypatch.undo()
            assert faults
            await served(zmq_world, victim)

    assert "could not be judged" in caplog.text


@pytest.mark.parametrize(
    ("request_frames", "status"),
    [
        ([b"1.0", b"1", DOMAIN, b"127.0.0.1", b"", b"CURVE", KEY], b"200"),
        ([b"1.0", b"1", b"other", b"127.0.0.1", b"", b"CURVE", KEY], b"400"),
        ([b"1.0", b"1", DOMAIN, b"127.0.0.1", b"", b"CURVE", KEY[1:]], b"400"),
        ([b"1.0", b"1", DOMAIN, b"127.0.0.1", b"", b"NULL"], b"400"),
        ([b"1.0", b"1", DOMAIN, b"127.0.0.1", b"", b"PLAIN", b"admin", b"admin"], b"400"),
        ([b"2.0", b"1", DOMAIN, b"127.0.0.1", b"", b"CURVE", KEY], b"400"),
        ([], b"400"),
    ],
    ids=str,
)
def test_the_zap_handler_lets_in_whoever_proves_a_key(request_frames: list[bytes], status: bytes) -> None:
    assert judge(request_frames)[0] == status
    assert judge(request_frames)[2] == (KEY.hex().encode() if status == b"200" else b"")
