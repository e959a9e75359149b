"""One thing that can be sensed, and whether it can be sensed here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Generic, Protocol, TypeVar

from net.words import say

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Reading(Generic[T_co]):
    """value: None when it cannot be told now; sentence: how it is known, or why it is not, for people."""

    value: T_co | None
    sentence: str


class Detector(Protocol[T_co]):
    """Read from one thread, again and again. period_s: how often that makes sense."""

    @property
    def period_s(self) -> float:
        """Seconds between readings."""
        ...

    def read(self) -> Reading[T_co]:
        """What is sensed now. Takes a second at most, and never raises: a failure is a reading without value."""
        ...

    def close(self) -> None:
        """Let go of connections. Reading goes on to work, and opens them again."""
        ...


class Stateless:
    """A detector that holds nothing."""

    period_s = 5.0

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass(slots=True)
class FakeDetector(Generic[T]):
    """A reading that a test sets."""

    reading: Reading[T]
    period_s: float = 5.0
    reads: int = 0
    closed: int = 0

    def read(self) -> Reading[T]:
        """As set."""
        self.reads += 1
        return self.reading

    def close(self) -> None:
        """Counted."""
        self.closed += 1


@dataclass(slots=True)
class Unknown(Stateless):
    """Something that this computer cannot tell."""

    sentence: str

    def read(self) -> Reading[bool]:
        """No value."""
        return Reading(None, self.sentence)


@dataclass(slots=True)
class FirstThatWorks(Generic[T]):
    """Asks one detector after the other until one can tell, and begins with that one the next time."""

    choices: Sequence[Detector[T]]
    period_s: float = 5.0
    _best: int = field(default=0, repr=False)

    def read(self) -> Reading[T]:
        """The first reading with a value; without one, what every detector said."""
        sentences: list[str] = []
        for n in range(len(self.choices)):
            index = (self._best + n) % len(self.choices)
            reading = self.choices[index].read()
            if reading.value is not None:
                self._best = index
                return reading
            sentences.append(reading.sentence)
        self._best = 0
        return Reading(None, reduce(_both, dict.fromkeys(sentences)))

    def close(self) -> None:
        """Close them all."""
        for choice in self.choices:
            choice.close()


def _both(first: str, second: str) -> str:
    return say("{first} {second}", first=first, second=second)
