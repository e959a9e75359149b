"""What psutil tells on every system: heat, running programs, and what other programs take of the processor."""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psutil

from core.host.sensing.detector import Reading, Stateless
from net.words import say

_CHIPS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "soc_thermal", "acpitz")
_COLDEST_C, _HOTTEST_C = 1.0, 130.0  # sensors that are not connected read 0 or 255
_MEAN_S = 10.0


class Temperature(Stateless):
    """Of the processor, in °C: its hottest part."""

    def read(self) -> Reading[float]:
        """Where Linux offers sensors; elsewhere they are for drivers alone."""
        try:
            chips: Mapping[str, Sequence[Any]] = psutil.sensors_temperatures()
        except AttributeError:
            return Reading(None, say("This system shows its temperature to drivers alone."))
        except (OSError, RuntimeError, ValueError) as error:
            return Reading(None, say("The sensors cannot be read ({reason}).", reason=str(error)))
        for name in _CHIPS:
            values = [part.current for part in chips.get(name, ()) if _COLDEST_C < part.current < _HOTTEST_C]
            if values:
                return Reading(float(max(values)), say("The sensor {name} tells.", name=name))
        return Reading(None, say("This computer shows no sensor for the processor."))


class OtherPrograms(Stateless):
    """What other programs take of all cores, 0 to 1: the mean of ten seconds, so that a short burst is no reason."""

    period_s = 1.0

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        times: Callable[[], Any] = psutil.cpu_times,
        own: Callable[[], float] = time.process_time,
    ) -> None:
        self._clock, self._times, self._own = clock, times, own
        self._samples: deque[tuple[float, float, float, float]] = deque(maxlen=64)

    def read(self) -> Reading[float]:
        """Busy time of all programs less this one's, over the time of all cores."""
        times = self._times()._asdict()
        # The time of guests is part of `user` already.
        total = sum(value for name, value in times.items() if name not in ("guest", "guest_nice"))
        busy = total - times["idle"] - times.get("iowait", 0.0)
        now = self._clock()
        self._samples.append((now, total, busy, self._own()))
        while len(self._samples) > 2 and now - self._samples[1][0] >= _MEAN_S:
            self._samples.popleft()
        _, total_then, busy_then, own_then = self._samples[0]
        spent, own = total - total_then, self._samples[-1][3] - own_then
        if spent <= 0:
            return Reading(None, say("Not measured for long enough yet."))
        share = (busy - busy_then - own) / spent
        return Reading(min(1.0, max(0.0, share)), say("Measured over ten seconds."))


class RunningPrograms(Stateless):
    """Which of the listed programs run. `names` may be changed at any time; in lower case."""

    period_s = 10.0

    def __init__(self, processes: Callable[[list[str]], Any] = psutil.process_iter) -> None:
        self.names: tuple[str, ...] = ()
        self._processes = processes

    def read(self) -> Reading[tuple[str, ...]]:
        """Names as they are listed, found among the running programs without their ending."""
        wanted = set(self.names)
        if not wanted:
            return Reading(None, say("No programs are listed."))
        running = {(process.info["name"] or "").lower().removesuffix(".exe") for process in self._processes(["name"])}
        found = tuple(name for name in self.names if name.removesuffix(".exe") in running)
        return Reading(found, say("{count} kinds of programs run.", count=len(running)))


def shown(value: object) -> str:
    """A reading in a few words."""
    match value:
        case None:
            return say("unknown")
        case bool():
            return say("yes") if value else say("no")
        case float() if value == math.inf:
            return say("nobody")
        case tuple():
            return ", ".join(str(part) for part in value) or say("none")
        case float():
            return f"{value:.1f}"
        case _:
            return str(value)
