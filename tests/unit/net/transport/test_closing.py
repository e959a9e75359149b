"""A transport closes while others come and go."""

import asyncio
import socket
import threading
from contextlib import suppress

from net.addresses import Endpoint
from net.transport.zeromq import Listen, ZmqTransport
from tests.support.rpc import Recorder


async def test_closing_amid_new_connections_does_not_wait_for_libzmq() -> None:
    """A monitor whose other end was closed first held libzmq's thread, and that the loop, for ever."""
    ended = threading.Event()
    ports: list[int] = []

    def come_and_go() -> None:
        while not ended.is_set():
            for port in ports:
                with suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), 0.2).close()

    threads = [threading.Thread(target=come_and_go) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(30):
            transport = ZmqTransport(Listen())
            transport.attach(Recorder())
            ports[:] = [Endpoint.parse(address).port for address in (transport.control, transport.bulk)]
            await asyncio.sleep(0.01)
            await transport.close()
    finally:
        ended.set()
        for thread in threads:
            await asyncio.to_thread(thread.join)
