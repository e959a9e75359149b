"""Peers in the same home find each other by multicast DNS (zeroconf), without any configuration.

What is told says nothing about anyone: a random name for each run, the introduction port, and the network's name.
What is heard is a hint and no more: the address goes through the introduction like any that a user typed.
"""

import asyncio
import ipaddress
import logging
import secrets
from collections.abc import Callable
from typing import Protocol

from zeroconf import Error as ZeroconfError
from zeroconf import IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from net.addresses import Endpoint

logger = logging.getLogger(__name__)

SERVICE = "_hivelet._tcp.local."
_NETWORK = b"network"
_ASK_MS = 3000
_MOST = 64  # names that are followed up at once; a home has fewer
_END_TIMEOUT_S = 3.0

Found = Callable[[Endpoint], None]


class Discovery(Protocol):
    """Tells others in this home that we are here, and us that they are."""

    async def start(self, host: str, port: int, found: Found) -> None:
        """host: this computer's private address; port: of the introduction; found: told of others'."""
        ...

    async def close(self) -> None:
        """Say goodbye."""
        ...


class LanDiscovery:
    """Implements Discovery by zeroconf."""

    def __init__(self, network: str) -> None:
        """network: others of this name are found."""
        self._network = network.encode()
        self._name = f"{secrets.token_hex(8)}.{SERVICE}"
        self._zeroconf: AsyncZeroconf | None = None
        self._browser: AsyncServiceBrowser | None = None
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._found: Found = lambda _: None

    async def start(self, host: str, port: int, found: Found) -> None:
        """See Discovery. A network without multicast is logged, and nobody is found in it."""
        self._found = found
        info = AsyncServiceInfo(
            SERVICE,
            self._name,
            port=port,
            addresses=[ipaddress.ip_address(host).packed],
            server=f"hivelet-{self._name.partition('.')[0]}.local.",
            properties={_NETWORK: self._network},
        )
        try:
            self._zeroconf = AsyncZeroconf(interfaces=[host], ip_version=IPVersion.V4Only)
            self._browser = AsyncServiceBrowser(self._zeroconf.zeroconf, SERVICE, handlers=[self._on_change])
            await self._zeroconf.async_register_service(info, cooperating_responders=True)
        except (OSError, ZeroconfError) as error:
            logger.warning("Peers in this home are not looked for: %s", error)
            await self.close()

    async def close(self) -> None:
        """See Discovery."""
        for task in self._asking.values():
            task.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)
        self._asking.clear()
        browser, self._browser = self._browser, None
        zeroconf, self._zeroconf = self._zeroconf, None
        try:
            async with asyncio.timeout(_END_TIMEOUT_S):
                if browser is not None:
                    await browser.async_cancel()
                if zeroconf is not None:
                    await zeroconf.async_unregister_all_services()
        except (TimeoutError, OSError, ZeroconfError) as error:
            logger.info("No goodbye was said in this home: %s", error)
        if zeroconf is not None:
            await zeroconf.async_close()

    def _on_change(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is ServiceStateChange.Removed or name == self._name:
            return
        if name in self._asking or len(self._asking) >= _MOST:
            return
        task = asyncio.get_running_loop().create_task(self._ask(zeroconf, service_type, name))
        self._asking[name] = task
        task.add_done_callback(lambda _: self._asking.pop(name, None))

    async def _ask(self, zeroconf: Zeroconf, service_type: str, name: str) -> None:
        info = AsyncServiceInfo(service_type, name)
        try:
            known = await info.async_request(zeroconf, _ASK_MS)
        except (OSError, ZeroconfError) as error:
            logger.info("A name heard in this home leads nowhere: %s", error)
            return
        if not known or not info.port or info.properties.get(_NETWORK) != self._network:
            return
        for address in info.ip_addresses_by_version(IPVersion.V4Only)[:4]:
            if address.is_private and not address.is_loopback:
                self._found(Endpoint(str(address), info.port))
