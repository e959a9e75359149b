"""ZMTP's bytes, for those who would not send what libzmq sends."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from net.addresses import Endpoint

MORE, LONG, COMMAND = 1, 2, 4


def greeting(version: int, mechanism: bytes) -> bytes:
    """The first 64 bytes."""
    signature = b"\xff" + bytes(8) + b"\x7f"
    return signature + bytes([version, 0]) + mechanism.ljust(20, b"\0") + bytes(32)


def frame(body: bytes, flags: int = 0) -> bytes:
    """One frame or command with its true size."""
    return struct.pack("!BQ", flags | LONG, len(body)) + body


def ready(routing_id: bytes = b"") -> bytes:
    """What a DEALER of the NULL mechanism says after its greeting."""
    properties = b"".join(
        bytes([len(name)]) + name + struct.pack("!I", len(value)) + value
        for name, value in ((b"Socket-Type", b"DEALER"), (b"Identity", routing_id))
    )
    return frame(b"\x05READY" + properties, COMMAND)


def connect(endpoint: Endpoint, source: str = "127.0.0.1") -> socket.socket:
    """A raw connection from one of this computer's own addresses."""
    return socket.create_connection((endpoint.host, endpoint.port), timeout=5, source_address=(source, 0))


@contextmanager
def connections() -> Iterator[list[socket.socket]]:
    """A place for raw connections, all closed afterwards."""
    made: list[socket.socket] = []
    try:
        yield made
    finally:
        for one in made:
            one.close()
