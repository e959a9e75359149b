"""Below every message: greetings, mechanisms, frames and connections that no honest peer makes."""

import asyncio
import contextlib
import os
import socket
import struct
import sys
from collections.abc import Iterator

import pytest

from net.addresses import Endpoint
from net.wire.limits import KIB, MAX_INTRODUCTIONS, MAX_UNPROVEN
from tests.hostile.zmtp import MORE, connect, connections, frame, greeting, ready
from tests.support.siege import Node, siege, until

CURVE, NULL = greeting(3, b"CURVE"), greeting(3, b"NULL")
BEGINNINGS = {
    "ZMTP 1": b"\x01\x00" + b"\x05hello" * 3,
    "ZMTP 2": b"\xff" + bytes(8) + b"\x7f" + b"\x01\x05\x00\x00",
    "NULL": NULL + ready(),
    "PLAIN": greeting(3, b"PLAIN") + b"\x04\x0c\x05HELLO\x01a\x01b",
    "a mechanism that nobody knows": greeting(3, b"GSSAPI") + os.urandom(100),
    "a frame of 2^63 bytes": CURVE + b"\x02" + struct.pack("!Q", 2**63) + bytes(1000),
    "a frame of 2^64 - 1 bytes": CURVE + b"\x02" + struct.pack("!Q", 2**64 - 1) + bytes(1000),
    "a command of 2^63 bytes": CURVE + b"\x06" + struct.pack("!Q", 2**63) + bytes(1000),
    "2^63 bytes to a peer without keys": NULL + ready() + b"\x02" + struct.pack("!Q", 2**63) + bytes(1000),
    "a false CURVE HELLO": CURVE + b"\x04\xc8\x05HELLO" + os.urandom(194),
    "a CURVE HELLO with a key of low order": CURVE + b"\x04\xc8\x05HELLO\x01\x00" + bytes(72 + 32 + 8 + 80),
    "a web browser": b"GET / HTTP/1.1\r\nHost: hivelet\r\n\r\n",
    "noise": os.urandom(5000),
    "nothing": b"",
}
_KEPT = 24  # descriptors that a node may open and keep for reasons of its own


def ports(node: Node) -> tuple[Endpoint, ...]:
    return node.endpoint, node.control, node.bulk


async def test_strange_beginnings_on_every_port(node: Node) -> None:
    # A connection costs libzmq two buffers of 8 KB and whatever frame it may begin, 1 MB at most.
    async with siege(node, "strange beginnings", grow_mb=16):
        with connections() as made:
            for endpoint in ports(node):
                for beginning in BEGINNINGS.values():
                    for _ in range(5):
                        made.append(connect(endpoint))
                        with contextlib.suppress(OSError):  # cut off while it talks
                            made[-1].sendall(beginning)
                        await asyncio.sleep(0)


async def test_a_thousand_slow_greetings(node: Node) -> None:
    """Each says a little and waits. They come from five addresses; the honest peer has another."""
    before = node.descriptors()
    async with siege(node, "1,000 slow greetings", grow_mb=32):
        with connections() as made:
            for number in range(1000):
                made.append(connect(ports(node)[number % 3], f"127.0.0.{2 + number % 5}"))
                with contextlib.suppress(OSError):
                    made[-1].sendall(CURVE[: number % 64])
                if number % 20 == 0:
                    await asyncio.sleep(0.01)
            await until(lambda: node.descriptors() - before <= 3 * MAX_UNPROVEN + _KEPT)
        await until(lambda: node.descriptors() <= before + _KEPT)


async def test_connections_that_stay_do_not_keep_newcomers_from_the_introduction_port(node: Node) -> None:
    """This port asks for no keys: a stranger's connection stands at once, and would stand for ever."""
    before = node.descriptors()
    async with siege(node, "600 idle connections to the introduction port", grow_mb=32):
        with connections() as made:
            for number in range(600):
                made.append(connect(node.endpoint, f"127.0.0.{2 + number % 5}"))
                made[-1].sendall(NULL + ready() + frame(b"") * (number % 2))
                if number % 20 == 0:
                    await asyncio.sleep(0.01)
            await until(lambda: node.descriptors() - before <= MAX_INTRODUCTIONS + _KEPT)
            await asyncio.wait_for(node.introduce(), 2)


async def test_a_flood_before_any_proof(node: Node) -> None:
    """Connections that come and go as fast as they can, each with a handshake that costs the node a key agreement."""
    async with siege(node, "1,500 connections that come and go", grow_mb=16):
        for number in range(1500):
            with connections() as made:
                made.append(connect(ports(node)[number % 3], f"127.0.0.{2 + number % 5}"))
                with contextlib.suppress(OSError):
                    made[-1].sendall(BEGINNINGS["a false CURVE HELLO"])
            if number % 20 == 0:
                await asyncio.sleep(0)


@pytest.mark.skipif(sys.platform not in {"linux", "darwin", "win32"}, reason="this system does not count bytes")
async def test_a_message_without_end_to_the_introduction_port(node: Node) -> None:
    """Every frame is small enough; the message never ends. What comes between two looks is the bound."""
    piece = frame(bytes(900), MORE) * 200
    await until(lambda: node.descriptors() < 80)  # those of other tests have gone

    async def pour(connection: socket.socket) -> None:
        """Until the node has cut it off, which its own system need not tell it."""
        for _ in range(2000):  # 360 MB
            try:
                await asyncio.to_thread(connection.sendall, piece)
            except OSError:
                return
        raise AssertionError("it could send all that it wanted")

    async with siege(node, "a message without end to the introduction port", grow_mb=300):
        with connections() as made:
            made.append(connect(node.endpoint))
            made[0].settimeout(1)
            made[0].sendall(NULL + ready())
            await asyncio.sleep(0.1)  # until it stands
            before = node.descriptors()
            await pour(made[0])
            await until(lambda: node.descriptors() < before)


async def test_frames_that_are_announced_and_never_come(node: Node) -> None:
    """Before any proof libzmq takes memory for a frame as soon as its size is known, but the system only gives it
    what is written to: 64 KB of each 1 MB here."""
    async with siege(node, "300 frames of 1 MB announced", grow_mb=64):
        with connections() as made:
            for number in range(300):
                made.append(connect(node.bulk, f"127.0.0.{2 + number % 5}"))
                with contextlib.suppress(OSError):
                    made[-1].sendall(CURVE + b"\x06" + struct.pack("!Q", 1000 * KIB) + bytes(64 * KIB))
                if number % 20 == 0:
                    await asyncio.sleep(0.01)


@pytest.fixture
def poor_node() -> Iterator[Node]:
    made = Node("--descriptors", "200")
    yield made
    alive, errors = made.alive, made.close()
    assert alive, errors
    assert errors == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not count sockets as files")
async def test_a_node_with_few_descriptors_never_runs_out_of_them(poor_node: Node) -> None:
    async with siege(poor_node, "600 connections to a node with 200 descriptors", grow_mb=32):
        with connections() as made:
            for number in range(600):
                made.append(connect(ports(poor_node)[number % 3], f"127.0.0.{2 + number % 5}"))
                made[-1].sendall((CURVE, NULL + ready())[number % 2])
                if number % 20 == 0:
                    await asyncio.sleep(0.01)
            before = poor_node.cpu_seconds()
            await asyncio.sleep(0.5)
            assert poor_node.descriptors() < 200
            assert poor_node.cpu_seconds() - before < 0.4  # libzmq spins where it cannot accept
