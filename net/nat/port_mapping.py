"""Ports that the home's router opens: asked for, renewed while the peer runs, and given back at its end.

`PortMapper` is one way to ask a router; `net.nat.upnp` and `net.nat.nat_pmp` are two. `PortMapping` asks each in turn,
and again ever more rarely where none answers: routers are exchanged, computers move.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from net.addresses import scope_of
from net.errors import AddressError, NetError

logger = logging.getLogger(__name__)

LIFE_S = 3600.0  # how long a router is asked to keep a port open; renewed at half of it
ASK_TIMEOUT_S = 20.0
END_TIMEOUT_S = 4.0
FIRST_RETRY_S = 60.0
LONGEST_RETRY_S = 1800.0


class MappingError(NetError):
    """No router answers, or it does not want to."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """host: the router's address on the Internet, as it says; ports: (port of this computer, port outside)."""

    host: str
    ports: tuple[tuple[int, int], ...]

    def outside(self, inside: int) -> int:
        """The router's port that leads to this one."""
        return dict(self.ports)[inside]


class PortMapper(Protocol):
    """One protocol to ask a router with."""

    name: str

    async def open(self, host: str, ports: Sequence[int], life: float) -> Mapping:
        """Have these TCP ports lead to `host`, this computer's private address; also renews. life: seconds.

        All or none; raises MappingError.
        """
        ...

    async def close(self, mapping: Mapping) -> None:
        """Give the ports back. Raises MappingError."""
        ...


class PortMapping:
    """Keeps ports open. changed: told the mapping that holds now, None where none does.

    `run` until cancelled, then `end`.
    """

    def __init__(self, changed: Callable[[Mapping | None], None]) -> None:
        self._changed = changed
        self._held: tuple[PortMapper, Mapping] | None = None
        self.problem = ""
        """Why no port is open, in one sentence; "" before the first attempt and while one is."""

    async def run(self, mappers: Sequence[PortMapper], host: str, ports: Sequence[int]) -> None:
        """Open these ports to `host` by the first of the mappers that can, and keep them open."""
        pause = FIRST_RETRY_S
        while True:
            held = await self._ask(mappers, host, ports)
            if held != self._held:
                self._held = held
                self._changed(held[1] if held else None)
            if held:
                pause = FIRST_RETRY_S
                await asyncio.sleep(LIFE_S / 2)
            else:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_RETRY_S)

    async def end(self) -> None:
        """Give back what is held, without telling; a router that does not answer keeps it until its life is over."""
        self.problem = ""
        held, self._held = self._held, None
        if held is None:
            return
        mapper, mapping = held
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                await mapper.close(mapping)
        except (MappingError, TimeoutError) as error:
            logger.info("The router's ports could not be given back: %s", error or "it does not answer.")

    async def _ask(
        self, mappers: Sequence[PortMapper], host: str, ports: Sequence[int]
    ) -> tuple[PortMapper, Mapping] | None:
        problems = []
        ranked = sorted(mappers, key=lambda mapper: self._held is None or mapper is not self._held[0])
        for mapper in ranked:
            try:
                async with asyncio.timeout(ASK_TIMEOUT_S):
                    mapping = await mapper.open(host, ports, LIFE_S)
                scope_of(mapping.host)
            except TimeoutError:
                problems.append(f"{mapper.name}: the router does not answer.")
            except MappingError as error:
                problems.append(f"{mapper.name}: {error}")
            except AddressError:
                problems.append(f"{mapper.name}: the router does not know its own address.")
            else:
                self.problem = ""
                logger.info("The router opened ports by %s: %s.", mapper.name, mapping)
                return mapper, mapping
        self.problem = " ".join(problems)
        logger.info("The router opened no port. %s", self.problem)
        return None
