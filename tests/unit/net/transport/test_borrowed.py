"""Looking at a connection that belongs to someone else: it is not closed by that, and nothing else is touched."""

import os
import socket
import struct
import sys
from collections.abc import Iterator

import pytest
import zmq

from net.transport.borrowed import bytes_received, peer_of, received_in, shut, source_of

PAIR = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[PAIR]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        outside = socket.create_connection(listener.getsockname(), timeout=5)
        inside, _ = listener.accept()
    with outside, inside:
        yield outside, inside


def test_it_reads_the_addresses_of_ipv6_as_well() -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this computer has no IPv6")
    with listener, socket.create_connection(listener.getsockname()[:2], timeout=5) as outside:
        inside, _ = listener.accept()
        with inside:
            assert peer_of(inside.fileno()) == f"::1:{outside.getsockname()[1]}"
            assert shut(inside.fileno(), peer_of(inside.fileno()))
            assert outside.recv(1) == b""


def test_it_tells_who_is_at_the_other_end_and_leaves_it_open(pair: PAIR) -> None:
    outside, inside = pair
    host, port = outside.getsockname()
    assert peer_of(inside.fileno()) == f"{host}:{port}"
    outside.sendall(b"still open")
    assert inside.recv(100) == b"still open"


@pytest.mark.skipif(sys.platform not in {"linux", "darwin", "win32"}, reason="this system does not tell")
def test_it_counts_what_came(pair: PAIR) -> None:
    outside, inside = pair
    outside.sendall(bytes(1000))
    assert len(inside.recv(1000, socket.MSG_WAITALL)) == 1000
    assert bytes_received(inside.fileno()) in {1000, 1001}  # some count the SYN


def test_it_ends_the_connection_with_the_one_that_is_meant(pair: PAIR) -> None:
    outside, inside = pair
    assert not shut(inside.fileno(), "127.0.0.1:1")
    assert not shut(inside.fileno(), "")
    assert shut(inside.fileno(), peer_of(inside.fileno()))
    assert outside.recv(1) == b""
    assert inside.fileno() >= 0


def test_what_is_no_connection_is_no_trouble() -> None:
    reader, writer = os.pipe()
    try:
        for descriptor in (reader, 10**6):
            assert peer_of(descriptor) == ""
            assert bytes_received(descriptor) is None
            assert not shut(descriptor, "127.0.0.1:1")
    finally:
        os.close(reader)
        os.close(writer)


@pytest.mark.parametrize(("platform", "size", "at"), [("linux", 136, 128), ("darwin", 112, 88), ("win32", 88, 56)])
def test_every_system_keeps_the_count_in_its_own_place(platform: str, size: int, at: int) -> None:
    info = bytes(at) + struct.pack("=Q", 123_456_789_012) + bytes(size)
    assert received_in(info, platform) == 123_456_789_012
    assert received_in(info[: size - 1], platform) is None


def test_a_system_that_nobody_knows_tells_nothing() -> None:
    assert received_in(b"", "plan9") is None
    assert received_in(bytes(200), "plan9") is None


def test_a_frame_that_came_over_no_connection_names_none() -> None:
    assert source_of(zmq.Frame(b"inside")) == -1
