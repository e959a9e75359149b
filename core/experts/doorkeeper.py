"""What a host lets near its experts, and whom it turns away: checks, strikes and bans, shared by all its threads."""

import threading

from core.experts.guard import GuardConfig, NormGuard
from core.experts.outcome import Outcome, refusal
from core.experts.strikes import Ban, StrikeConfig, Strikes
from core.experts.task_pool import Task
from core.tensors.codec import length
from net.clock import Clock
from net.wire.messages import FailureCode

LOCAL_CALLER = b"local"
"""This engine's own trainer: it is checked like anybody, but never banned."""


class Doorkeeper:
    """Every method may be called from any thread."""

    def __init__(self, clock: Clock, guard: GuardConfig | None = None, strikes: StrikeConfig | None = None) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._guard = NormGuard(guard)
        self._strikes = Strikes(strikes)

    def turned_away(self, caller: bytes) -> Outcome | None:
        """What a banned caller hears; None for everybody else."""
        with self._lock:
            seconds = self._strikes.banned_for(caller, self._clock.monotonic())
        if not seconds:
            return None
        return refusal(FailureCode.BANNED, "Too many of your calls broke the rules; this peer rests from you.", seconds)

    def strike(self, caller: bytes, reason: str) -> None:
        """A call of this caller broke a rule."""
        if caller != LOCAL_CALLER:
            with self._lock:
                self._strikes.strike(caller, self._clock.monotonic(), reason)

    def inspect(self, task: Task) -> str:
        """Why a task must not be computed, or "": its numbers are looked at, one by one and against what this expert
        is used to. Who sent such numbers gets a strike."""
        # Counted from the end, so that an output gradient is compared with its like, with or without inputs before it.
        for place, tensor in enumerate(reversed(task.tensors)):
            if not tensor.dtype.is_floating_point:
                continue
            norm = length(tensor)
            with self._lock:
                reason = self._guard.check((task.expert.uid, task.kind, place), norm, tensor.shape[0])
            if reason:
                self.strike(task.caller, reason)
                return reason
        return ""

    def forget(self, uid: str) -> None:
        """The expert is gone."""
        with self._lock:
            self._guard.forget(uid)

    @property
    def total_strikes(self) -> int:
        """Calls that broke a rule, of everybody, since the host began."""
        return self._strikes.total

    def bans(self) -> list[Ban]:
        """All that hold now, the one that ends first in front."""
        with self._lock:
            return self._strikes.bans(self._clock.monotonic())
