"""An event loop in a thread of its own, for those who wait for it from other threads."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from net.clock import new_event_loop

T = TypeVar("T")


class LoopThread:
    """Runs until `stop`. The thread is a daemon: a script that ends takes it along."""

    def __init__(self, name: str) -> None:
        self.loop = new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._thread.is_alive()

    def start(self, coroutine: Coroutine[Any, Any, T]) -> "Future[T]":
        """Begin it there."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def run(self, coroutine: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Begin it there and wait. Raises RuntimeError in the loop's own thread, which would wait for itself, and
        TimeoutError."""
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise RuntimeError("This is the network's own thread; await the coroutine instead of waiting for it.")
        future = self.start(coroutine)
        try:
            return future.result(timeout)
        except TimeoutError:
            future.cancel()
            raise

    def stop(self, timeout: float = 5.0) -> None:
        """Cancel what still runs there, and end."""
        if self._thread.is_alive():
            self.run(self._cancel_rest(), timeout)
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(timeout)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.close()

    async def _cancel_rest(self) -> None:
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
