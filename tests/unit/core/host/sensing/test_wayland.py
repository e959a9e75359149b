"""The Wayland client against a compositor made for the test, byte for byte as the protocol says."""

import os
import shutil
import socket
import struct
import tempfile
import threading
from pathlib import Path

import pytest

from core.host.sensing.linux import CompositorIdle
from core.host.sensing.wayland import QUIET_S, WaylandError, WaylandIdle

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX") or os.name != "posix", reason="Wayland needs it")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def event(target: int, opcode: int, body: bytes = b"") -> bytes:
    return struct.pack("<II", target, (8 + len(body)) << 16 | opcode) + body


def announce(name: int, interface: str, version: int) -> bytes:
    text = interface.encode() + b"\0"
    padded = text.ljust((len(text) + 3) // 4 * 4, b"\0")
    return event(2, 0, struct.pack("<II", name, len(text)) + padded + struct.pack("<I", version))


class Compositor:
    """Everything that it says is written before it is asked, which a socket allows."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "wayland-0"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen()
        self.connection: socket.socket | None = None

    def say_hello(self, client: WaylandIdle, *globals_: bytes, split: int = 0) -> float:
        """Answer the client's first question."""

        def answer() -> None:
            self.connection, _ = self.listener.accept()
            self.connection.settimeout(5.0)
            data = b"".join(globals_) + event(3, 0, struct.pack("<I", 0)) + event(1, 1, struct.pack("<I", 3))
            if split:
                self.connection.sendall(data[:split])
            self.connection.sendall(data[split:])

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            return client.idle_s()
        finally:
            thread.join()

    def requests(self, count: int) -> list[tuple[int, int, bytes]]:
        """So many requests of the client."""
        found, data = [], b""
        while len(found) < count:
            data += self.connection.recv(4096)
            while len(data) >= 8:
                target, word = struct.unpack_from("<II", data)
                if len(data) < word >> 16:
                    break
                found.append((target, word & 0xFFFF, data[8 : word >> 16]))
                data = data[word >> 16 :]
        return found

    def close(self) -> None:
        for each in (self.connection, self.listener):
            if each is not None:
                each.close()


SEAT, NOTIFIER = announce(7, "wl_seat", 9), announce(12, "ext_idle_notifier_v1", 2)


@pytest.fixture
def compositor():
    folder = tempfile.mkdtemp(prefix="wl")  # a socket's path must be short
    made = Compositor(Path(folder))
    yield made
    made.close()
    shutil.rmtree(folder)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def client(compositor, clock):
    made = WaylandIdle(compositor.path, clock)
    yield made
    made.close()


def test_subscribes_and_hears_of_rest_and_return(compositor, client, clock):
    assert compositor.say_hello(client, announce(1, "wl_shm", 1), SEAT, NOTIFIER) == 0.0
    asked = compositor.requests(5)
    assert [(target, opcode) for target, opcode, _ in asked] == [(1, 1), (1, 0), (2, 0), (2, 0), (5, 2)]
    assert asked[4][2] == struct.pack("<III", 6, 60_000, 4)
    assert asked[3][2].startswith(struct.pack("<II", 12, 21) + b"ext_idle_notifier_v1\0")
    assert asked[3][2].endswith(struct.pack("<II", 2, 5))
    compositor.connection.sendall(event(6, 0))
    assert client.idle_s() == QUIET_S
    clock.now += 30
    assert client.idle_s() == QUIET_S + 30
    compositor.connection.sendall(event(6, 1))
    assert client.idle_s() == 0.0
    compositor.connection.sendall(event(6, 0) + event(6, 1) + event(6, 0)[:4])
    assert client.idle_s() == 0.0


def test_the_first_version_is_asked_in_its_own_words(compositor, client):
    compositor.say_hello(client, SEAT, announce(12, "ext_idle_notifier_v1", 1))
    assert compositor.requests(5)[4][:2] == (5, 1)


def test_messages_in_pieces(compositor, client):
    assert compositor.say_hello(client, SEAT, NOTIFIER, split=13) == 0.0


def test_a_compositor_that_does_not_tell(compositor, client):
    with pytest.raises(WaylandError, match="does not tell"):
        compositor.say_hello(client, SEAT)


def test_a_compositor_that_goes_and_comes_back(compositor, client):
    compositor.say_hello(client, SEAT, NOTIFIER)
    compositor.connection.close()
    with pytest.raises(WaylandError, match="has gone"):
        client.idle_s()
    assert compositor.say_hello(client, SEAT, NOTIFIER) == 0.0


@pytest.mark.parametrize("nonsense", [event(1, 0, b"\0" * 12), struct.pack("<II", 6, 3 << 16), event(2, 0, b"\1")])
def test_nonsense_ends_the_connection_not_the_program(compositor, client, nonsense):
    compositor.say_hello(client, SEAT, NOTIFIER)
    compositor.connection.sendall(nonsense)
    with pytest.raises(WaylandError):
        client.idle_s()


def test_nobody_there(tmp_path):
    reading = CompositorIdle(WaylandIdle(tmp_path / "none")).read()
    assert reading.value is None
    assert reading.sentence == "Wayland: no compositor answers."
