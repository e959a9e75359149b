"""What makes a record believable: a chain of checks, run before storing and again after fetching.

Neither the node that stores nor the node that answers is trusted, so both ends run the same chain. Cheap checks
come first; the signature, which costs about 0.1 ms, last and at most once for each record seen.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b

from net.dht.node_id import ID_BYTES
from net.dht.record import signed_bytes, verify_record
from net.errors import RecordError
from net.wire.limits import MAX_CLOCK_SKEW_S, MAX_RECORD_LIFE_S, MAX_SUBKEY_BYTES, MAX_VALUE_BYTES
from net.wire.messages import Record

Validator = Callable[[Record, float], None]
"""Raises RecordError, in one sentence, for a record that may not be believed now (Unix seconds)."""

MAX_SEQ = 2**62


def check_bounds(record: Record, now: float) -> None:  # noqa: ARG001 - one signature for the whole chain
    """Fields have the sizes that the protocol allows."""
    if len(record.key) != ID_BYTES or len(record.owner) != 32 or len(record.signature) != 64:
        raise RecordError("The record's key, owner or signature has a wrong length.")
    if len(record.subkey) > MAX_SUBKEY_BYTES:
        raise RecordError(f"The record's subkey is longer than {MAX_SUBKEY_BYTES} bytes.")
    if len(record.value) > MAX_VALUE_BYTES:
        raise RecordError(f"The record's value is longer than {MAX_VALUE_BYTES} bytes.")
    if not 0 <= record.seq <= MAX_SEQ:
        raise RecordError("The record's sequence number is out of range.")


def check_expiry(record: Record, now: float) -> None:
    """It lives for a while longer, and not for ever. NaN and infinity fail here too."""
    if not math.isfinite(record.expires):
        raise RecordError("The record's expiry is no time.")
    if record.expires <= now:
        raise RecordError("The record has expired.")
    if record.expires > now + MAX_RECORD_LIFE_S + MAX_CLOCK_SKEW_S:
        raise RecordError(f"The record lives longer than {MAX_RECORD_LIFE_S:.0f} s.")


class SignatureCheck:
    """Its owner signed it. Remembers what it found good. capacity: records remembered, 100 bytes each."""

    def __init__(self, capacity: int = 16_384) -> None:
        self._good: OrderedDict[bytes, None] = OrderedDict()
        self._capacity = capacity

    def __call__(self, record: Record, now: float) -> None:  # noqa: ARG002 - one signature for the whole chain
        """Raise RecordError unless the signature holds."""
        message = signed_bytes(record.key, record.subkey, record.owner, record.seq, record.expires, record.value)
        digest = blake2b(record.signature + message, digest_size=32).digest()
        if digest in self._good:
            self._good.move_to_end(digest)
            return
        verify_record(record)
        self._good[digest] = None
        if len(self._good) > self._capacity:
            self._good.popitem(last=False)


class RecordValidator:
    """The chain. `extra` checks (of an application, say) run before the signature."""

    def __init__(self, *extra: Validator, signature: Validator | None = None) -> None:
        self._cheap: tuple[Validator, ...] = (check_bounds, check_expiry, *extra)
        self._signature = signature or SignatureCheck()

    def check_cheap(self, record: Record, now: float) -> None:
        """Everything but the signature. Raises RecordError."""
        for validator in self._cheap:
            validator(record, now)

    def check(self, record: Record, now: float) -> None:
        """The whole chain. Raises RecordError with the first reason found."""
        self.check_cheap(record, now)
        self._signature(record, now)
