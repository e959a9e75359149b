"""Port mapping by NAT-PMP (RFC 6886): two packets of a few bytes each to the router, which answers them in kind."""

import asyncio
import ipaddress
import socket
import struct
from collections.abc import Callable, Sequence

import psutil

from net.nat.port_mapping import Mapping, MappingError

PORT = 5351
_ADDRESS, _MAP_TCP, _REPLY = 0, 2, 128
_REASONS = {1: "it speaks another version", 2: "it is not allowed to", 3: "it has no network", 4: "it has no room"}
_WAITS = (0.25, 0.5)  # seconds, before the same packet is sent again

Gateways = Callable[[str], Sequence[str]]


class NatPmp:
    """Implements PortMapper."""

    name = "NAT-PMP"

    def __init__(self, gateways: "Gateways | None" = None, port: int = PORT) -> None:
        """gateways: from this computer's address to those that the router may have."""
        self._gateways = gateways or likely_gateways
        self._port = port
        self._gateway = ""

    async def open(self, host: str, ports: Sequence[int], life: float) -> Mapping:
        """See PortMapper."""
        outside = await self._external(host)
        opened: list[tuple[int, int]] = []
        try:
            for port in ports:
                opened.append((port, await self._map(port, port, round(life))))  # noqa: PERF401 - kept on an error
        except MappingError:
            await self._unmap(opened)
            raise
        return Mapping(outside, tuple(opened))

    async def close(self, mapping: Mapping) -> None:
        """See PortMapper."""
        await self._unmap(mapping.ports)

    async def _external(self, host: str) -> str:
        """The router's public address, and with it which of the likely gateways is the router."""
        gateways = self._gateways(host)
        if not gateways:
            raise MappingError("no router is near.")
        request = struct.pack("!BB", 0, _ADDRESS)
        answers = await asyncio.gather(*(self._ask(each, request, 12) for each in gateways), return_exceptions=True)
        for gateway, answer in zip(gateways, answers, strict=True):
            if isinstance(answer, bytes):
                self._gateway = gateway
                return str(ipaddress.IPv4Address(answer[8:12]))
        raise next(answer for answer in answers if isinstance(answer, BaseException))

    async def _map(self, inside: int, outside: int, life: int) -> int:
        request = struct.pack("!BBHHHI", 0, _MAP_TCP, 0, inside, outside, life)
        answer = await self._ask(self._gateway, request, 16)
        given, mapped = struct.unpack("!HH", answer[8:12])
        if given != inside:
            raise MappingError("the router speaks of another port.")
        return int(mapped)

    async def _unmap(self, ports: Sequence[tuple[int, int]]) -> None:
        for inside, _ in ports:
            await self._map(inside, 0, 0)

    async def _ask(self, gateway: str, request: bytes, size: int) -> bytes:
        """One answer of `size` bytes from the router alone. Raises MappingError."""
        loop = asyncio.get_running_loop()
        try:
            transport, answers = await loop.create_datagram_endpoint(_Answers, remote_addr=(gateway, self._port))
        except OSError as error:
            raise MappingError(f"{gateway} cannot be asked ({error.strerror}).") from error
        try:
            for wait in _WAITS:
                transport.sendto(request)
                try:
                    async with asyncio.timeout(wait):
                        return await answers.next(request[1] | _REPLY, size)
                except TimeoutError:
                    continue
        finally:
            transport.close()
        raise MappingError("no router answers.")


class _Answers(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes | Exception] = asyncio.Queue(16)

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - connected: only the router's
        if not self._queue.full():
            self._queue.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        if not self._queue.full():
            self._queue.put_nowait(exc)

    async def next(self, code: int, size: int) -> bytes:
        """The next answer with this code. Raises MappingError where it is a refusal, or nobody listens there."""
        while True:
            data = await self._queue.get()
            if isinstance(data, Exception):
                raise MappingError("the router does not know it.")
            if len(data) < 8 or data[1] != code:
                continue
            result = struct.unpack("!H", data[2:4])[0]
            if result:
                raise MappingError(f"the router refuses: {_REASONS.get(result, f'error {result}')}.")
            if len(data) >= size:
                return data


def likely_gateways(host: str) -> list[str]:
    """The first and the last address of the network that this address is in, where home routers are.

    There is no portable way to ask the system for its gateway; a wrong guess costs one packet inside the home.
    """
    for rows in psutil.net_if_addrs().values():
        for row in rows:
            if row.family == socket.AF_INET and row.address == host and row.netmask:
                network = ipaddress.ip_network(f"{host}/{row.netmask}", strict=False)
                if network.num_addresses < 4 or not network.is_private:
                    return []
                return [each for each in (str(network[1]), str(network[-2])) if each != host]
    return []
