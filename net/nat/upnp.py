"""Port mapping by UPnP, through miniupnpc, whose calls block: each runs in a thread that nobody waits for at exit."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from net.nat.port_mapping import Mapping, MappingError

logger = logging.getLogger(__name__)

_DISCOVER_MS = 1000  # for each of four kinds of routers, one after the other
_ATTEMPTS = 8  # outside ports tried for one of ours
_DESCRIPTION = "Hivelet"

T = TypeVar("T")


class Upnp:
    """Implements PortMapper."""

    name = "UPnP"

    def __init__(self) -> None:
        self._gateway: Any = None  # found once, and anew when it fails

    async def open(self, host: str, ports: Sequence[int], life: float) -> Mapping:
        """See PortMapper."""
        return await in_thread(lambda: self._open(host, ports, life))

    async def close(self, mapping: Mapping) -> None:
        """See PortMapper."""
        await in_thread(lambda: self._close(mapping))

    def _open(self, host: str, ports: Sequence[int], life: float) -> Mapping:
        try:
            gateway = self._gateway or _find_gateway(host)
            outside = str(gateway.externalipaddress())
            opened: list[tuple[int, int]] = []
            try:
                for port in ports:
                    opened.append((port, _map(gateway, host, port, life)))  # noqa: PERF401 - kept on an error
            except Exception:
                _unmap(gateway, opened)
                raise
        except MappingError:
            self._gateway = None
            raise
        except Exception as error:
            self._gateway = None
            raise MappingError(f"the router refuses ({error}).") from error
        self._gateway = gateway
        return Mapping(outside, tuple(opened))

    def _close(self, mapping: Mapping) -> None:
        if self._gateway is not None:
            _unmap(self._gateway, mapping.ports)


def _find_gateway(host: str) -> Any:
    """host: this computer's address in the network that is searched. Raises MappingError."""
    try:
        import miniupnpc  # noqa: PLC0415 - not there on every system
    except ImportError:
        raise MappingError("miniupnpc is not installed.") from None
    gateway = miniupnpc.UPnP(multicastif=host, discoverdelay=_DISCOVER_MS)
    try:
        gateway.discover()
        gateway.selectigd()
    except Exception as error:  # that there is none is told so, too
        raise MappingError("no router answers.") from error
    return gateway


def _map(gateway: Any, host: str, port: int, life: float) -> int:
    """The outside port that leads to ours: the same one, or one above where that is another's. Raises Exception."""
    problem: Exception = MappingError("no port is free.")
    for outside in range(port, min(port + 100 * _ATTEMPTS, 65536), 100):
        for seconds in (round(life), 0):  # some routers know only ports that stay open
            try:
                if gateway.addportmapping(outside, "TCP", host, port, _DESCRIPTION, "", seconds):
                    return outside
            except Exception as error:  # noqa: BLE001 - miniupnpc raises Exception itself
                problem = error
    raise problem


def _unmap(gateway: Any, ports: Sequence[tuple[int, int]]) -> None:
    for _, outside in ports:
        try:
            gateway.deleteportmapping(outside, "TCP")
        except Exception as error:  # noqa: BLE001 - miniupnpc raises Exception itself
            logger.info("The router keeps port %d: %s", outside, error)


async def in_thread(work: Callable[[], T]) -> T:
    """What `work` returns or raises, from a thread that does not keep the process alive."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def deliver(value: T | None, error: BaseException | None) -> None:
        if result.done():
            return  # nobody waits any more
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(value)  # type: ignore[arg-type]

    def run() -> None:
        value, error = None, None
        try:
            value = work()
        except Exception as raised:  # noqa: BLE001 - carried over to the one who waits
            error = raised
        try:
            loop.call_soon_threadsafe(deliver, value, error)
        except RuntimeError:
            logger.debug("The loop was closed before a router answered.")

    threading.Thread(target=run, name="upnp", daemon=True).start()
    return await result
