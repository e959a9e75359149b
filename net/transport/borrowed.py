"""Looks at connections that belong to libzmq, by the descriptors that its monitors tell, and ends them.

A descriptor may have been closed and given to something else meanwhile; whoever remembers one remembers the other
side's address with it.
"""

import ctypes
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import zmq

_LINUX_TCP_INFO_BYTES = 136
_LINUX_RECEIVED_AT = 128  # tcpi_bytes_received in struct tcp_info
_MACOS_TCP_CONNECTION_INFO = 0x106
_MACOS_TCP_INFO_BYTES = 112
_MACOS_RECEIVED_AT = 88  # tcpi_rxbytes in struct tcp_connection_info
_WINDOWS_SIO_TCP_INFO = 0xD8000027  # since Windows 10 1703
_WINDOWS_TCP_INFO_BYTES = 88
_WINDOWS_RECEIVED_AT = 56  # BytesIn in TCP_INFO_v0


def source_of(frame: zmq.Frame) -> int:
    """The descriptor over which this frame came; -1 where the other side was gone before libzmq could ask for it."""
    try:
        return int(frame.get(zmq.SRCFD))
    except zmq.ZMQError:
        return -1


def peer_of(descriptor: int) -> str:
    """`HOST:PORT` of the other side; "" where the connection is gone."""
    try:
        with _borrowed(descriptor) as connection:
            return _name(connection)
    except OSError:
        return ""


def shut(descriptor: int, peer: str) -> bool:
    """End the connection with this peer; libzmq notices and closes it. False where it is gone already."""
    try:
        with _borrowed(descriptor) as connection:
            if not peer or _name(connection) != peer:
                return False
            connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return False
    return True


def bytes_received(descriptor: int) -> int | None:
    """Bytes that have come over this connection; None where the system does not tell, or the connection is gone."""
    try:
        with _borrowed(descriptor) as connection:
            return received_in(_tcp_info(connection), sys.platform)
    except OSError:
        return None


def received_in(info: bytes, platform: str) -> int | None:
    """The count of received bytes in what a system tells of a connection; None where it is not in there."""
    place = {
        "linux": (_LINUX_TCP_INFO_BYTES, _LINUX_RECEIVED_AT),
        "darwin": (_MACOS_TCP_INFO_BYTES, _MACOS_RECEIVED_AT),
        "win32": (_WINDOWS_TCP_INFO_BYTES, _WINDOWS_RECEIVED_AT),
    }.get(platform)
    return int(struct.unpack_from("=Q", info, place[1])[0]) if place is not None and len(info) >= place[0] else None


@contextmanager
def _borrowed(descriptor: int) -> Iterator[socket.socket]:
    connection = socket.socket(fileno=descriptor)
    try:
        yield connection
    finally:
        connection.detach()


def _name(connection: socket.socket) -> str:
    host, port, *_ = connection.getpeername()
    return f"{host}:{port}"


def _tcp_info(connection: socket.socket) -> bytes:
    if sys.platform == "linux":
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LINUX_TCP_INFO_BYTES)
    if sys.platform == "darwin":
        return connection.getsockopt(socket.IPPROTO_TCP, _MACOS_TCP_CONNECTION_INFO, _MACOS_TCP_INFO_BYTES)
    if sys.platform == "win32":
        return _windows_tcp_info(connection.fileno())
    return b""


def _windows_tcp_info(handle: int) -> bytes:
    """SIO_TCP_INFO, version 0, which Python's own `ioctl` does not know."""
    version, info, count = ctypes.c_ulong(0), ctypes.create_string_buffer(_WINDOWS_TCP_INFO_BYTES), ctypes.c_ulong(0)
    failed = ctypes.windll.ws2_32.WSAIoctl(  # type: ignore[attr-defined,unused-ignore]
        ctypes.c_void_p(handle),
        ctypes.c_ulong(_WINDOWS_SIO_TCP_INFO),
        ctypes.byref(version),
        ctypes.c_ulong(ctypes.sizeof(version)),
        info,
        ctypes.c_ulong(_WINDOWS_TCP_INFO_BYTES),
        ctypes.byref(count),
        None,
        None,
    )
    return b"" if failed else info.raw
