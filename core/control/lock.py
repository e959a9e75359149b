"""One engine a home: two would overwrite each other's identity, ledger and snapshots."""

import contextlib
import os
from types import TracebackType

from filelock import FileLock, Timeout

from core.errors import AlreadyRunning, HomeError
from core.files import write_atomically
from core.paths import Home


class EngineLock:
    """Held while an engine works in `home`. The system frees it when the process dies, however it dies."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = FileLock(home.lock, timeout=0, mode=0o600, thread_local=False)

    def acquire(self) -> None:
        """Take it, or say who has it. Raises AlreadyRunning or HomeError; never waits."""
        try:
            self._lock.acquire()
        except Timeout as error:
            raise AlreadyRunning(
                f"An engine{self._owner()} already works in {self._home.root}. Stop it with `hivelet quit`, "
                "or choose another folder with --home."
            ) from error
        except (OSError, NotImplementedError) as error:
            raise HomeError(
                f"{self._home.lock} cannot be locked ({error}). Choose another folder with --home."
            ) from error
        try:
            # Beside the lock file, not in it: whoever tries to take the lock truncates that one.
            write_atomically(self._home.lock_owner, str(os.getpid()).encode())
        except HomeError:
            self._lock.release()
            raise

    def release(self) -> None:
        """Let another engine work here. Does nothing when it is not held."""
        if self._lock.is_locked:
            with contextlib.suppress(OSError):
                self._home.lock_owner.unlink()
            self._lock.release()

    def __enter__(self) -> "EngineLock":
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _owner(self) -> str:
        try:
            return f" (process {int(self._home.lock_owner.read_text(encoding='ascii'))})"
        except (OSError, ValueError):
            return ""  # it has only just started, or is about to be gone
