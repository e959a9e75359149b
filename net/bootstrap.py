"""The way into the swarm: bootstrap addresses, asked until they answer, and the contacts of an earlier run.

A peer that finds nobody works alone and keeps asking, ever more slowly.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence

from net.addresses import Contact
from net.errors import NetError
from net.introduction import BootstrapAddress

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0
CHECK_S = 20.0  # how often a peer that was in the swarm looks whether it still is

Introduce = Callable[[BootstrapAddress], Awaitable[Contact]]
Join = Callable[[Sequence[Contact]], Awaitable[int]]


class Bootstrap:
    """Asks every bootstrap address at once, each until it answers, and joins through whoever does.

    introduce: address to verified contact, NetError where there is none. join: contacts to the number of peers
    known then. alone: whether no peer is known. `run` ends when cancelled.
    """

    def __init__(
        self,
        addresses: Sequence[BootstrapAddress],
        *,
        introduce: Introduce,
        join: Join,
        alone: Callable[[], bool],
        rng: random.Random,
    ) -> None:
        self._addresses = tuple(dict.fromkeys(addresses))
        self._introduce = introduce
        self._join = join
        self._alone = alone
        self._rng = rng
        self._problems: dict[BootstrapAddress, str] = {}

    @property
    def problem(self) -> str:
        """Why this peer is alone, in one sentence; "" where it is not, or is meant to be the first one."""
        if not self._alone() or len(self._problems) < len(self._addresses):
            return ""
        return next(iter(self._problems.values()), "")

    async def run(self, remembered: Sequence[Contact] = ()) -> None:
        """Join, and stay joined. remembered: contacts of an earlier run, tried beside the addresses."""
        async with asyncio.TaskGroup() as group:
            if remembered:
                group.create_task(self._enter(remembered))
            for address in self._addresses:
                group.create_task(self._keep(address))

    async def _keep(self, address: BootstrapAddress) -> None:
        pause, entered = FIRST_PAUSE_S, False
        while True:
            if entered and not self._alone():
                await asyncio.sleep(CHECK_S)
                continue
            try:
                await self._enter([await self._introduce(address)])
            except NetError as error:
                self._problems[address] = f"The bootstrap peer {address.endpoint} cannot be used: {error}"
                logger.info("%s", self._problems[address])
                await asyncio.sleep(pause * self._rng.uniform(0.75, 1.25))
                pause = min(2 * pause, LONGEST_PAUSE_S)
            else:
                self._problems.pop(address, None)
                pause, entered = FIRST_PAUSE_S, True
                await asyncio.sleep(CHECK_S)

    async def _enter(self, contacts: Sequence[Contact]) -> None:
        try:
            await self._join(contacts)
        except NetError as error:
            logger.warning("The swarm could not be joined: %s", error)
