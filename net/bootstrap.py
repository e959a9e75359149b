"""The way into the swarm: bootstrap addresses, asked until they answer, and the contacts of an earlier run.

A peer that finds nobody works alone and keeps asking, ever more slowly. Everything is tried beside everything else:
neither a bootstrap peer that is gone nor a memory that is stale delays the other.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence

from net.addresses import Contact
from net.errors import NetError
from net.introduction import BootstrapAddress
from net.words import say

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0
MEMORY_PAUSE_S = 3.0  # that remembered contacts have to answer, before their peers are asked for new ones
_AT_ONCE = 4  # remembered peers that are asked
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
        self._woken = asyncio.Event()

    @property
    def problem(self) -> str:
        """Why this peer is alone, in one sentence; "" where it is not, or is meant to be the first one."""
        if not self._alone() or len(self._problems) < len(self._addresses):
            return ""
        return next(iter(self._problems.values()), "")

    def woke(self) -> None:
        """This computer slept: look at once whether somebody is still there."""
        self._woken, woken = asyncio.Event(), self._woken
        woken.set()

    async def run(self, contacts: Sequence[Contact] = (), memory: Sequence[BootstrapAddress] = ()) -> None:
        """Join, and stay joined. contacts: of an earlier run, tried at once; memory: where the peers of an earlier run
        were, asked for their present contacts as long as nobody else is found."""
        async with asyncio.TaskGroup() as group:
            if contacts:
                group.create_task(self._enter(contacts))
            if memory:
                group.create_task(self.recall(memory))
            for address in self._addresses:
                group.create_task(self._keep(address))

    async def _keep(self, address: BootstrapAddress) -> None:
        pause, entered = FIRST_PAUSE_S, False
        while True:
            if entered and not self._alone():
                await self._pause(CHECK_S)
                continue
            try:
                await self._enter([await self._introduce(address)])
            except NetError as error:
                self._problems[address] = say(
                    "The bootstrap peer {address} cannot be used: {reason}",
                    address=str(address.endpoint),
                    reason=str(error),
                )
                logger.info("%s", self._problems[address])
                woken = await self._pause(pause * self._rng.uniform(0.75, 1.25))
                pause = FIRST_PAUSE_S if woken else min(2 * pause, LONGEST_PAUSE_S)
            else:
                self._problems.pop(address, None)
                pause, entered = FIRST_PAUSE_S, True
                await self._pause(CHECK_S)

    async def _pause(self, seconds: float) -> bool:
        """Wait so long, or until the computer woke: then True."""
        try:
            async with asyncio.timeout(seconds):
                return await self._woken.wait()
        except TimeoutError:
            return False

    async def recall(self, memory: Sequence[BootstrapAddress]) -> None:
        """Ask remembered peers, a few at a time, round after round while nobody is known."""
        pause = MEMORY_PAUSE_S
        while True:
            if await self._pause(pause * self._rng.uniform(0.75, 1.25)):
                pause = FIRST_PAUSE_S
            if not self._alone():
                pause = CHECK_S
                continue
            pause = min(max(2 * pause, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            for start in range(0, len(memory), _AT_ONCE):
                found = await asyncio.gather(*map(self._ask, memory[start : start + _AT_ONCE]))
                contacts = [contact for contact in found if contact is not None]
                if contacts:
                    await self._enter(contacts)
                    break

    async def _ask(self, address: BootstrapAddress) -> Contact | None:
        try:
            return await self._introduce(address)
        except NetError as error:
            logger.debug("A peer of an earlier run is not at %s any more: %s", address.endpoint, error)
            return None

    async def _enter(self, contacts: Sequence[Contact]) -> None:
        try:
            await self._join(contacts)
        except NetError as error:
            logger.warning("The swarm could not be joined: %s", error)
