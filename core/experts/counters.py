"""How calls of experts went, counted by many threads."""

import threading
from typing import NamedTuple


class CallCounts(NamedTuple):
    """rpc_calls: calls of experts that other peers host; rpc_failures: those among them that brought no usable
    answer; local_calls: calls of experts of this very engine; passed_through: samples that no expert
    answered; hedged: samples for which spare experts were asked because the wanted ones were late."""

    rpc_calls: int = 0
    rpc_failures: int = 0
    local_calls: int = 0
    local_failures: int = 0
    passed_through: int = 0
    hedged: int = 0


class CallCounters:
    """Thread-safe CallCounts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = [0] * len(CallCounts._fields)

    def add(
        self,
        *,
        rpc_calls: int = 0,
        rpc_failures: int = 0,
        local_calls: int = 0,
        local_failures: int = 0,
        passed_through: int = 0,
        hedged: int = 0,
    ) -> None:
        """Count these too."""
        more = (rpc_calls, rpc_failures, local_calls, local_failures, passed_through, hedged)
        with self._lock:
            self._counts = [old + new for old, new in zip(self._counts, more, strict=True)]

    @property
    def counts(self) -> CallCounts:
        """All of them at one moment."""
        with self._lock:
            return CallCounts(*self._counts)
