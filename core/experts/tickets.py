"""What a host remembers between a caller's forward and backward call, so that neither inputs travel nor the forward
pass is computed twice.

A ticket is 16 random bytes, good once, for one caller, one expert and a short time. The memory behind all tickets is
bounded: the oldest are given up first, one caller's own before anybody else's. A caller whose ticket is gone sends
its inputs again.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from core.experts.weights import Weights
from net.wire.limits import MIB, TICKET_BYTES


@dataclass(frozen=True, slots=True)
class TicketLimits:
    """memory_bytes: activations and superseded weights of all tickets of one device; caller_share: of it, for one
    caller; life_s: seconds that a ticket lasts."""

    memory_bytes: int = 128 * MIB
    caller_share: float = 0.5
    life_s: float = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What backward needs of one forward call. weights: the version that was used; tensors: the layer's own choice,
    or the ends of autograd's graph (inputs, then the output); nbytes: memory without the weights'."""

    weights: Weights
    tensors: tuple[torch.Tensor, ...]
    rows: int
    nbytes: int


@dataclass(frozen=True, slots=True)
class _Entry:
    kept: Kept
    uid: str
    caller: bytes
    issued: float


class TicketBook:
    """All tickets of one device. Every method may be called from any thread; times are monotonic seconds."""

    def __init__(self, limits: TicketLimits, token: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._limits = limits
        self._token = token
        self._lock = threading.Lock()
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._bytes = 0
        self._bytes_of: dict[bytes, int] = {}
        self._issued: dict[str, tuple[int, float]] = {}  # open tickets of an expert, and when the last was issued
        self.redeemed = self.lost = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def nbytes(self) -> int:
        """Memory behind all tickets."""
        return self._bytes

    def issue(self, kept: Kept, uid: str, caller: bytes, now: float) -> bytes:
        """A ticket for this; empty when it alone is more than one caller may have."""
        own_limit = self._limits.memory_bytes * self._limits.caller_share
        if kept.nbytes > own_limit:
            return b""
        kept.weights.hold()
        ticket = self._token(TICKET_BYTES)
        with self._lock:
            self._expire(now)
            while self._bytes_of.get(caller, 0) + kept.nbytes > own_limit:
                self._drop(next(key for key, entry in self._entries.items() if entry.caller == caller))
            self._entries[ticket] = _Entry(kept, uid, caller, now)
            self._bytes += kept.nbytes
            self._bytes_of[caller] = self._bytes_of.get(caller, 0) + kept.nbytes
            self._issued[uid] = (self._issued.get(uid, (0, 0.0))[0] + 1, now)
            self._shrink()
        return ticket

    def find(self, ticket: bytes, uid: str, caller: bytes, now: float) -> Kept | None:
        """What a ticket stands for; None when it is unknown, over, another caller's or another expert's, which all
        look alike to who asks."""
        entry = self._entries.get(ticket)
        if entry is None or (entry.uid, entry.caller) != (uid, caller) or now - entry.issued > self._limits.life_s:
            return None
        return entry.kept

    def issued_at(self, ticket: bytes) -> float:
        """When it was issued; 0 when it is not known."""
        entry = self._entries.get(ticket)
        return entry.issued if entry else 0.0

    def take(self, ticket: bytes, uid: str, caller: bytes, now: float) -> Kept | None:
        """The same, once. Its weights stay held until the taker releases them through `release`."""
        with self._lock:
            kept = self.find(ticket, uid, caller, now)
            if kept is None:
                self.lost += 1
                return None
            self._remove(ticket)
            self.redeemed += 1
        return kept

    def release(self, kept: Kept) -> None:
        """Whoever took it does not need it any more."""
        if kept.weights.release():
            with self._lock:
                self._bytes -= kept.weights.nbytes

    def superseded(self, weights: Weights) -> None:
        """These weights are kept for tickets alone from now on: they count, and older tickets give way for them."""
        with self._lock:
            self._bytes += weights.nbytes
            self._shrink()

    def awaited(self, uid: str) -> tuple[int, float]:
        """How many tickets of an expert are open, and when the last one was issued."""
        return self._issued.get(uid, (0, 0.0))

    def expire(self, now: float) -> None:
        """Forget what nobody came back for in time."""
        with self._lock:
            self._expire(now)

    def limit(self, memory_bytes: int) -> None:
        """So much memory from now on; what is over that is given up at once, the oldest first."""
        with self._lock:
            self._limits = replace(self._limits, memory_bytes=memory_bytes)
            self._shrink()

    def forget(self, uid: str) -> None:
        """The expert is gone."""
        with self._lock:
            for ticket in [key for key, entry in self._entries.items() if entry.uid == uid]:
                self._drop(ticket)

    # --- under the lock -----------------------------------------------------------------------------------------

    def _expire(self, now: float) -> None:
        while self._entries:
            ticket, entry = next(iter(self._entries.items()))
            if now - entry.issued <= self._limits.life_s:
                return
            self._drop(ticket)

    def _shrink(self) -> None:
        while self._bytes > self._limits.memory_bytes and self._entries:
            self._drop(next(iter(self._entries)))

    def _drop(self, ticket: bytes) -> None:
        kept = self._remove(ticket)
        if kept.weights.release():
            self._bytes -= kept.weights.nbytes

    def _remove(self, ticket: bytes) -> Kept:
        entry = self._entries.pop(ticket)
        size = entry.kept.nbytes
        self._bytes -= size
        left = self._bytes_of[entry.caller] - size
        if left:
            self._bytes_of[entry.caller] = left
        else:
            del self._bytes_of[entry.caller]
        count, latest = self._issued[entry.uid]
        if count > 1:
            self._issued[entry.uid] = (count - 1, latest)
        else:
            del self._issued[entry.uid]
        return entry.kept
