"""How fast the line to each peer is, learned from answers, and what that means for the encoding of tensors.

Pure: what was measured comes in, a choice goes out.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from core.tensors.codec import check_encoding
from core.tensors.descriptor import ENCODINGS, PLAIN

AUTO = "auto"
_SHORTER = {"float16": 0.5, "int8": 0.26}
"""What `auto` chooses from, the most exact first, and how long it makes a float32 tensor."""


@dataclass(frozen=True, slots=True)
class WireEncoding:
    """How tensors travel. inputs: those that go to experts, and the outputs that come back; gradients: the same of
    backward calls. Each is an encoding's name, or "auto": the most exact one with which a request and its answer take
    the line for at most `line_s` seconds. A peer that does not take it gets "none".

    Raises TensorError for a name that there is not.
    """

    inputs: str = PLAIN
    gradients: str = PLAIN
    line_s: float = 0.05

    def __post_init__(self) -> None:
        for name in (self.inputs, self.gradients):
            if name != AUTO:
                check_encoding(name)

    @classmethod
    def of(cls, name: str) -> "WireEncoding":
        """The same for everything."""
        return cls(name, name)

    @property
    def follows_line(self) -> bool:
        """Whether the line has a say."""
        return AUTO in (self.inputs, self.gradients)

    def choose(self, nbytes: int, bytes_per_s: float, taken: Sequence[str]) -> tuple[str, str]:
        """Encodings of inputs and of gradients. nbytes: of the whole exchange, plain; taken: what the peer takes."""
        return self._one(self.inputs, nbytes, bytes_per_s, taken), self._one(self.gradients, nbytes, bytes_per_s, taken)

    def _one(self, name: str, nbytes: int, bytes_per_s: float, taken: Sequence[str]) -> str:
        if name != AUTO:
            return name if name in taken else PLAIN
        chosen, share = PLAIN, 1.0
        for shorter, its_share in _SHORTER.items():
            if nbytes * share <= self.line_s * bytes_per_s:
                break
            if shorter in taken:
                chosen, share = shorter, its_share
        return chosen


@lru_cache(maxsize=64)  # hosts announce a handful of different sets, and each call asks
def encodings_taken(announced: tuple[str, ...]) -> tuple[str, ...]:
    """Those among a peer's announced encodings that this version knows too. Plain tensors are always taken."""
    return tuple(name for name in ENCODINGS if name == PLAIN or name in announced)


@dataclass(slots=True)
class _Line:
    """Means of bytes b and seconds s, of b² and of b·s, the newest weighing most."""

    count: int = 0
    means: list[float] = field(default_factory=lambda: [0.0] * 4)


class LineMeter:
    """Bytes per second to each peer. The event loop's thread writes, any thread reads.

    What an exchange took is latency plus bytes / rate; the slope over exchanges of different sizes tells the rate
    without the latency. Where all were alike, whole exchanges, latency included, are the estimate, which is too low
    rather than too high.
    """

    FIRST = 4  # exchanges before anything is believed
    MEMORY = 32  # about so many exchanges are remembered
    CAPACITY = 4096

    def __init__(self) -> None:
        self._lines: dict[Hashable, _Line] = {}

    def exchanged(self, peer: Hashable, nbytes: int, seconds: float) -> None:
        """So many bytes went there and back, in so many seconds of which the peer did not compute."""
        if seconds <= 0 or nbytes <= 0:
            return
        line = self._lines.get(peer)
        if line is None:
            while len(self._lines) >= self.CAPACITY:
                del self._lines[next(iter(self._lines))]
            line = self._lines[peer] = _Line()
        line.count += 1
        weight = 1 / min(line.count, self.MEMORY)
        new = (nbytes, seconds, nbytes * nbytes, nbytes * seconds)
        line.means = [old + (one - old) * weight for old, one in zip(line.means, new, strict=True)]

    def bytes_per_s(self, peer: Hashable) -> float:
        """The estimate; infinity as long as nothing is known."""
        line = self._lines.get(peer)
        if line is None or line.count < self.FIRST:
            return float("inf")
        size, seconds, size_2, product = line.means
        spread = size_2 - size * size
        whole = size / seconds
        if spread < (0.2 * size) ** 2:  # alike: there is no slope to see
            return whole
        slope = (product - size * seconds) / spread
        # A slope from noise may be anything; the line is at least as fast as whole exchanges, and hardly 20 times so.
        return min(max(whole, 1 / slope if slope > 0 else float("inf")), 20 * whole)
