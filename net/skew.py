"""Whether this computer's clock is wrong, by what other peers say the time is. Values in, values out.

Records and contacts expire by the wall clock, so a clock that is off makes a peer throw away good ones, or has its own
thrown away. The median of several peers decides, so that one liar, or one peer with a bad clock, changes nothing.
"""

import statistics
from collections import OrderedDict
from typing import NamedTuple

from net.addresses import PeerId
from net.clock import Clock
from net.wire.limits import MAX_CLOCK_SKEW_S
from net.words import say

_ENOUGH = 3  # peers that must have told their time
_MOST = 32  # peers whose latest word is remembered
_OLD_S = 3600.0
_JUMP_S = 1.0  # a wall clock that moved so much against the monotonic one has been set, or the computer slept


class _Word(NamedTuple):
    ahead: float  # seconds by which the other's clock is ahead of ours
    heard: float  # monotonic seconds
    base: float  # our wall clock less our monotonic clock, then


class ClockSkew:
    """The times that peers told, at most one a peer, and what follows from them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._words: OrderedDict[PeerId, _Word] = OrderedDict()

    def told(self, peer_id: PeerId, its_time: float, asked: float) -> None:
        """This peer's Unix time came in answer to a question that was sent at `asked`, monotonic seconds."""
        now, wall = self._clock.monotonic(), self._clock.time()
        self._words.pop(peer_id, None)
        self._words[peer_id] = _Word(its_time + (now - asked) / 2 - wall, now, wall - now)
        if len(self._words) > _MOST:
            self._words.popitem(last=False)

    @property
    def seconds(self) -> float | None:
        """By how much this clock is behind the others' (negative: ahead of it); None while too few told the time.

        What was told before this clock was set no longer counts, so a clock that was put right is right at once.
        """
        now = self._clock.monotonic()
        base = self._clock.time() - now
        words = [
            word.ahead for word in self._words.values() if word.heard + _OLD_S > now and abs(word.base - base) < _JUMP_S
        ]
        return statistics.median(words) if len(words) >= _ENOUGH else None

    @property
    def problem(self) -> str:
        """What is wrong and what to do, in one sentence; "" where the clock is right, or nobody knows."""
        behind = self.seconds
        if behind is None or abs(behind) <= MAX_CLOCK_SKEW_S:
            return ""
        if behind > 0:
            return say(
                "This computer's clock is {time:duration} slow compared with other peers: set it right, best by "
                "turning on automatic time in the system's settings.",
                time=behind,
            )
        return say(
            "This computer's clock is {time:duration} fast compared with other peers: set it right, best by turning on "
            "automatic time in the system's settings.",
            time=-behind,
        )
