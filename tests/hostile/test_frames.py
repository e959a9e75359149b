"""Behind the handshake, which anyone can pass: frames, messages and Hellos that no honest peer sends."""

import asyncio
import contextlib
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import zmq

from net.addresses import Contact, Endpoint, Route
from net.identity import Identity
from net.wire.codec import encode
from net.wire.envelope import Envelope, Kind, pack
from net.wire.limits import BULK_MESSAGE_BYTES, CHUNK_BYTES, CONTROL_MESSAGE_BYTES, KIB, MESSAGE_FRAMES
from net.wire.messages import PROTOCOL_VERSION, FailureCode, FindValue, Ping, Pong, Welcome
from tests.support.siege import Node, siege, until
from tests.support.strangers import Stranger, request, strangers

PING = request(Ping())


def with_control(contact: Contact, address: str) -> Contact:
    """The way to a peer over something between."""
    return replace(contact, routes=(Route(address, contact.bulk),))


@pytest.mark.parametrize(("bulk", "size"), [(False, CONTROL_MESSAGE_BYTES), (True, BULK_MESSAGE_BYTES)])
async def test_frames_above_the_limit(node: Node, bulk: bool, size: int) -> None:
    async with siege(node, f"frames above {size} bytes", grow_mb=16):
        with strangers() as context:
            for _ in range(5):
                stranger = Stranger(context, node.contact, bulk=bulk)
                assert isinstance(await stranger.greet(), Welcome)
                end = stranger.end()
                await stranger.socket.send(bytes(size + 1000))
                await end


@pytest.mark.skipif(sys.platform not in {"linux", "darwin", "win32"}, reason="this system does not count bytes")
async def test_messages_that_never_end(node: Node) -> None:
    """libzmq gives nothing on before a message is whole. Three strangers begin one of 200 MB each."""
    # Cut off at 32 MB each, or what a loopback brings between two looks (0.1 s at 500 MB/s), whichever is more.
    async with siege(node, "3 messages that never end", grow_mb=300):
        with strangers() as context:
            ends = []
            piece = bytes(CHUNK_BYTES)
            for _ in range(3):
                stranger = Stranger(context, node.contact, bulk=True)
                await stranger.greet()
                ends.append(stranger.end())
                for last in [False] * 800 + [True]:
                    await stranger.socket.send(piece, 0 if last else zmq.SNDMORE, copy=False)
            await asyncio.gather(*ends)


async def test_messages_of_too_many_frames(node: Node) -> None:
    async with siege(node, "messages of 3,200 frames", grow_mb=16):
        with strangers() as context:
            stranger = Stranger(context, node.contact)
            await stranger.greet()
            for _ in range(10):
                await stranger.socket.send_multipart([PING, *[b""] * (MESSAGE_FRAMES * 50)])
            assert isinstance(await stranger.ask(PING), Pong)


async def test_noise_instead_of_messages(node: Node) -> None:
    rng = random.Random(3)
    async with siege(node, "5,000 messages of noise", grow_mb=16):
        with strangers() as context:
            for bulk in (False, True):
                stranger = Stranger(context, node.contact, bulk=bulk)
                await stranger.greet()
                for number in range(2500):
                    head = bytes([PROTOCOL_VERSION, number % 256]) if number % 2 else b""
                    frames = [head + rng.randbytes(rng.randrange(60))] + [rng.randbytes(9)] * rng.randrange(3)
                    await stranger.socket.send_multipart(frames)


async def test_a_routing_id_that_others_have_too(node: Node) -> None:
    """Ten strangers under one routing id, and one under ids that look like libzmq's own."""
    async with siege(node, "the same routing id ten times", grow_mb=16):
        with strangers() as context:
            made = [Stranger(context, node.contact, routing_id=b"me") for _ in range(10)]
            made += [Stranger(context, node.contact, routing_id=bytes([1, 0, 0, 0, n])) for n in range(10)]
            served = 0
            for stranger in made:
                await stranger.socket.send(stranger.hello())
                try:
                    served += isinstance(await stranger.answer(0.2), Welcome)
                except TimeoutError:
                    continue  # libzmq gives an id to the first who claims it
            assert served >= 1


async def test_hellos_of_others(node: Node) -> None:
    """Replayed, with another one's key, and under names without end: none of them is believed or remembered."""
    async with siege(node, "1,000 false Hellos", grow_mb=16):
        with strangers() as context:
            victim, thief = Stranger(context, node.contact), Stranger(context, node.contact)
            hello = victim.hello()
            assert isinstance(await victim.ask(hello), Welcome)
            refused = await thief.ask(hello)
            assert refused.code == FailureCode.UNAUTHORIZED
            assert (await thief.ask(PING)).code == FailureCode.HELLO_REQUIRED
            assert isinstance(await victim.ask(PING), Pong)
            for number in range(1000):
                await thief.socket.send(thief.hello(identity=Identity(number.to_bytes(32, "big")), curve_key=bytes(32)))
                assert (await thief.answer()).code == FailureCode.UNAUTHORIZED


async def test_sessions_without_end(node: Node) -> None:
    """One key may change its name as often as it likes: it has one session."""
    async with siege(node, "1,000 names of one key", grow_mb=16) as honest:
        with strangers() as context:
            stranger = Stranger(context, node.contact)
            for number in range(1000):
                answer = await stranger.ask(stranger.hello(identity=Identity(number.to_bytes(32, "little"))))
                assert isinstance(answer, Welcome)
            assert honest.peer_id


@asynccontextmanager
async def slow_line(endpoint: Endpoint, prompt_bytes: int) -> AsyncIterator[str]:
    """A way to the node over which answers come at 1 byte a second after the first `prompt_bytes`."""
    writers: list[asyncio.StreamWriter] = []
    carrying: list[asyncio.Task[None]] = []

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        carrying.append(asyncio.get_running_loop().create_task(carry(reader, writer)))

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(endpoint.host, endpoint.port, limit=KIB)
        writers.append(inner_writer)

        async def up() -> None:
            while data := await reader.read(64 * KIB):
                inner_writer.write(data)
                await inner_writer.drain()

        async def down() -> None:
            passed = 0
            while data := await inner_reader.read(KIB if passed < prompt_bytes else 1):
                passed += len(data)
                writer.write(data)
                if passed >= prompt_bytes:
                    await asyncio.sleep(1)

        async with asyncio.TaskGroup() as group:  # until one side hangs up
            group.create_task(up())
            group.create_task(down())

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)
        for writer in writers:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        await server.wait_closed()


async def test_one_who_reads_a_byte_a_second(node: Node) -> None:
    """It asks and asks: answers fill its own queue, and then it gets none."""
    # 128 messages in its queue, 200 in libzmq's, 64 KB each at most.
    async with siege(node, "20,000 questions of one who reads a byte a second", grow_mb=24):
        with strangers() as context:
            async with slow_line(node.control, 2000) as address:
                stranger = Stranger(context, with_control(node.contact, address))
                await stranger.greet()
                for call in range(20_000):
                    await stranger.socket.send(request(FindValue((bytes(32),) * 16, b"", b""), call + 10))
                stranger.socket.close(0)


async def test_connections_that_break_in_the_middle_of_a_call(node: Node) -> None:
    async with siege(node, "200 clients that vanish", grow_mb=24):
        with strangers() as context:
            for number in range(200):
                stranger = Stranger(context, node.contact, bulk=number % 2 > 0)
                await stranger.socket.send(stranger.hello())
                await stranger.socket.send(pack(Envelope(Kind.REQUEST, Ping.CODE, 9, 5000), encode(Ping())))
                if number % 3 == 0:
                    await stranger.answer()
                stranger.socket.close(0)


async def test_nothing_of_this_leaves_a_connection_open(node: Node) -> None:
    await until(lambda: node.descriptors() < 80)
