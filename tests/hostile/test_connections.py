"""Below every message: greetings, mechanisms, frames and connections that no honest peer makes."""

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Iterator

from net.addresses import Endpoint
from tests.support.siege import Node, siege, until


@contextlib.contextmanager
def connections() -> Iterator[list[socket.socket]]:
    """A place for raw connections, all closed afterwards."""
    made: list[socket.socket] = []
    try:
        yield made
    finally:
        for one in made:
            one.close()


def connect(endpoint: Endpoint, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection((endpoint.host, endpoint.port), timeout=5, source_address=(source, 0))


def greeting(version: int, mechanism: bytes) -> bytes:
    """ZMTP's first 64 bytes."""
    signature = b"\xff" + bytes(8) + b"\x7f"
    return signature + bytes([version, 0]) + mechanism.ljust(20, b"\0") + bytes(32)


def ports(node: Node) -> tuple[Endpoint, ...]:
    return node.endpoint, node.control, node.bulk


BEGINNINGS = {
    "ZMTP 1": b"\x01\x00" + b"\x05hello" * 3,
    "ZMTP 2": b"\xff" + bytes(8) + b"\x7f" + b"\x01\x05\x00\x00",
    "NULL": greeting(3, b"NULL")
    + b"\x04\x26\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER\x08Identity\x00\x00\x00\x00",
    "PLAIN": greeting(3, b"PLAIN") + b"\x04\x0c\x05HELLO\x01a\x01b",
    "unknown mechanism": greeting(3, b"GSSAPI") + os.urandom(100),
    "a frame of 2^63 bytes": greeting(3, b"CURVE") + b"\x02" + struct.pack("!Q", 2**63) + bytes(1000),
    "a command of 2^63 bytes": greeting(3, b"CURVE") + b"\x06" + struct.pack("!Q", 2**63) + bytes(1000),
    "2^63 bytes to a NULL peer": greeting(3, b"NULL") + b"\x02" + struct.pack("!Q", 2**63) + bytes(1000),
    "a false CURVE HELLO": greeting(3, b"CURVE") + b"\x04\xc8\x05HELLO" + os.urandom(194),
    "a web browser": b"GET / HTTP/1.1\r\nHost: hivelet\r\n\r\n",
    "noise": os.urandom(5000),
    "nothing": b"",
}


async def test_strange_beginnings_on_every_port(node: Node) -> None:
    async with siege(node, "strange beginnings", grow_mb=16):
        with connections() as made:
            for endpoint in ports(node):
                for beginning in BEGINNINGS.values():
                    for _ in range(5):
                        one = connect(endpoint)
                        made.append(one)
                        with contextlib.suppress(OSError):  # cut off while it talks
                            one.sendall(beginning)
                        await asyncio.sleep(0)
            await asyncio.sleep(0.3)


async def test_a_thousand_slow_greetings(node: Node) -> None:
    """Each connection says a little and waits; then all of them go."""
    before = node.descriptors()
    async with siege(node, "1,000 slow greetings", grow_mb=48):
        with connections() as made:
            for number in range(1000):
                one = connect(ports(node)[number % 3], f"127.0.0.{2 + number % 5}")
                made.append(one)
                with contextlib.suppress(OSError):
                    one.sendall(greeting(3, b"CURVE")[: number % 64])
                if number % 20 == 0:
                    await asyncio.sleep(0.01)
            assert node.descriptors() - before < 1000
        await until(lambda: node.descriptors() <= before + 20)
