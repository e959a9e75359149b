"""Tasks that outlive the call that started them, all owned by one task group that ends with the node."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from net.errors import ClosedError

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Spawn(Protocol):
    """How the parts of a node start tasks; the task's result is None when it failed."""

    def __call__(self, work: Coroutine[Any, Any, T], /) -> "asyncio.Task[T | None]":
        """Raises ClosedError when the node is not running."""
        ...


class Background:
    """A task group with an open end: `start`, then `spawn` as often as needed, then `close`."""

    def __init__(self) -> None:
        self._group: asyncio.TaskGroup | None = None
        self._owner: asyncio.Task[None] | None = None
        self._opened = asyncio.Event()

    async def start(self) -> None:
        """Open the group. ValueError when it was opened before."""
        if self._owner is not None:
            raise ValueError("already started")
        self._owner = asyncio.create_task(self._hold(), name="dht-background")
        await self._opened.wait()

    def spawn(self, work: Coroutine[Any, Any, T], /) -> "asyncio.Task[T | None]":
        """Run this until it ends or the group closes. Raises ClosedError before `start` and after `close`."""
        if self._group is None:
            work.close()
            raise ClosedError("This DHT node is not running.")
        return self._group.create_task(_guarded(work))

    async def close(self) -> None:
        """Cancel what runs and wait for its end."""
        owner, self._group = self._owner, None
        if owner is not None:
            owner.cancel()
            await asyncio.wait([owner])

    async def _hold(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                self._opened.set()
                await asyncio.get_running_loop().create_future()  # until cancelled
        finally:
            self._group = None


async def _guarded(work: Coroutine[Any, Any, T]) -> T | None:
    """One task's mistake must not end its siblings: it is logged, with its traceback."""
    try:
        return await work
    except ClosedError:
        return None  # the transport went first
    except Exception:
        logger.exception("A background task of the DHT failed.")
        return None


async def concurrently(*work: Coroutine[Any, Any, T]) -> list[T]:
    """Results of all, in order. Of several errors the first is raised as itself, after the others were cancelled."""
    if len(work) <= 1:
        return [await one for one in work]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]
