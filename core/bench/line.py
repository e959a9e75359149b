"""A line with a rate, a delay and losses, made in user space: TCP connections on this computer pass through it.

It is no real network. Bytes pass through real sockets, but the kernel's TCP sees a perfect loopback on both ends, and
this relay decides when they go on, as a sender of TCP Reno at a bottleneck would:

- all connections share one bottleneck in each direction, which sends their segments one after another at the rate;
- a segment arrives half the delay later, and its acknowledgement another half later;
- a connection has at most its congestion window of segments under way: ten at first, twice as many each round trip
  until the first loss, then one more each round trip, and half after a loss;
- a lost segment arrives one round trip later, and those behind it on its connection not before it.

Timeouts, delayed acknowledgements and the window's limit in the receiver are left out: they would make it slower.
"""

import asyncio
import random
import re
import socket
import threading
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from core.errors import UsageError

_SEGMENT_BYTES = 1448
_LARGE_BYTES = 65536  # what is handled at once where nothing is lost
_FIRST_WINDOW = 10.0
_BUFFER_BYTES = 128 * 1024  # at the bottleneck, of one connection and direction; TCP's own buffers come on top
_TEXT = re.compile(r"(\d+(?:\.\d+)?)mbit,(\d+(?:\.\d+)?)ms,(\d+(?:\.\d+)?)%")


@dataclass(frozen=True, slots=True)
class LineSpec:
    """rate: bytes per second each way, 0 for no limit; delay_s: added to a round trip; loss: share of segments."""

    rate: float = 0.0
    delay_s: float = 0.0
    loss: float = 0.0

    @classmethod
    def parse(cls, text: str) -> "LineSpec":
        """From "10mbit,100ms,1%". Raises UsageError."""
        found = _TEXT.fullmatch(text)
        if not found or float(found[3]) >= 50:
            raise UsageError(f"{text!r} is no line; write its rate, delay and loss like 10mbit,100ms,1%.")
        return cls(float(found[1]) * 1e6 / 8, float(found[2]) / 1000, float(found[3]) / 100)

    @property
    def segment_bytes(self) -> int:
        """What travels, and is lost, as one."""
        return _SEGMENT_BYTES if self.loss else _LARGE_BYTES


class _Bottleneck:
    """One direction of the line."""

    def __init__(self, spec: LineSpec) -> None:
        self._rate = spec.rate
        self._free = 0.0

    def leaves(self, now: float, nbytes: int) -> float:
        """When so many more bytes have passed it."""
        self._free = max(now, self._free) + (nbytes / self._rate if self._rate else 0.0)
        return self._free


class _Flow:
    """One direction of one connection: when each segment may go, and when it arrives. Pure: times come in."""

    def __init__(self, spec: LineSpec, bottleneck: _Bottleneck, rng: random.Random) -> None:
        self._spec = spec
        self._bottleneck = bottleneck
        self._rng = rng
        self._window, self._threshold = _FIRST_WINDOW, float("inf")
        self._under_way: deque[tuple[float, bool]] = deque()  # when each is acknowledged, and whether it was lost
        self._recovered = 0.0
        self._last = 0.0

    def may_send_at(self, now: float) -> float:
        """`now`, or when the window has room."""
        if not self._spec.loss:
            return now
        while self._under_way and self._under_way[0][0] <= now:
            self._acknowledge(*self._under_way.popleft())
        return now if len(self._under_way) < self._window else self._under_way[0][0]

    def send(self, now: float, nbytes: int) -> float:
        """When it arrives, in order."""
        spec = self._spec
        arrives = self._bottleneck.leaves(now, nbytes) + spec.delay_s / 2
        lost = spec.loss > 0 and self._rng.random() < spec.loss
        if lost:
            arrives += spec.delay_s
        self._under_way.append((arrives + spec.delay_s / 2, lost))
        if not spec.loss:
            self._under_way.clear()
        self._last = max(self._last, arrives)
        return self._last

    def _acknowledge(self, at: float, lost: bool) -> None:
        if lost and at >= self._recovered:  # several losses of one window halve it once
            self._window = self._threshold = max(2.0, self._window / 2)
            self._recovered = at + self._spec.delay_s
        elif not lost:
            self._window += 1.0 if self._window < self._threshold else 1.0 / self._window


class TcpLine:
    """Relays TCP connections over one line, in a thread of its own, for as long as the context lasts."""

    def __init__(self, spec: LineSpec, seed: int = 0) -> None:
        self._spec = spec
        self._rng = random.Random(seed)
        self._directions = (_Bottleneck(spec), _Bottleneck(spec))
        self._loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="line", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self.relayed = [0, 0]
        """Bytes that went to the targets, and that came back."""

    def to(self, host: str, port: int) -> int:
        """A port of 127.0.0.1 whose connections lead over the line to this address."""
        return asyncio.run_coroutine_threadsafe(self._serve(host, port), self._loop).result(10)

    async def _serve(self, host: str, port: int) -> int:
        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._spawn(self._relay(reader, writer, host, port))

        server = await asyncio.start_server(relay, "127.0.0.1", 0)
        self._servers.append(server)
        bound: int = server.sockets[0].getsockname()[1]
        return bound

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
        try:
            there, back = await asyncio.open_connection(host, port)
        except OSError:
            writer.close()
            return
        for stream in (writer, back):
            stream.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Either side's end is the connection's: ZeroMQ never half-closes.
        both = [
            asyncio.create_task(self._carry(reader, back, 0)),
            asyncio.create_task(self._carry(there, writer, 1)),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            writer.close()
            back.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: int) -> None:
        loop = asyncio.get_running_loop()
        flow = _Flow(self._spec, self._directions[direction], self._rng)
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(
            maxsize=max(2, _BUFFER_BYTES // self._spec.segment_bytes) if self._spec.rate else 0
        )

        async def deliver() -> None:
            while True:
                at, data = await waiting.get()
                await _sleep_until(at)
                self.relayed[direction] += len(data)  # before anybody can have read them
                writer.write(data)
                await writer.drain()

        delivering = loop.create_task(deliver())
        try:
            while data := await reader.read(self._spec.segment_bytes):
                while (at := flow.may_send_at(loop.time())) > loop.time():
                    await _sleep_until(at)
                await waiting.put((flow.send(loop.time(), len(data)), data))
        except ConnectionError:
            return
        finally:
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def __enter__(self) -> "TcpLine":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


async def _sleep_until(at: float) -> None:
    left = at - asyncio.get_running_loop().time()
    if left > 0:
        await asyncio.sleep(left)
