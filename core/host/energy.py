"""How much electricity the engine takes: measured where the processor counts its energy, estimated elsewhere.

A processor counts for all programs together; the engine's part is taken to be its part of the time that was computed.
Without such a counter, a core at work is taken to draw an equal part of the processor's power at full load, which the
volunteer can name (`cpu_watts`) and which is guessed otherwise. Both leave out memory, disks, fans and graphics cards.
"""

from dataclasses import dataclass
from pathlib import Path

from net.words import say

_RAPL = Path("/sys/class/powercap")
_WATTS_PER_CORE, _WATTS_PER_LAPTOP_CORE = 10.0, 4.0
_LEAST_WATTS, _MOST_WATTS = 10.0, 250.0


@dataclass(frozen=True, slots=True)
class Source:
    """How the figure came about. measured: by the processor; sentence: the same for people."""

    measured: bool
    sentence: str


class EnergyMeter:
    """Ask it at regular times, from one thread. folder: where Linux shows the counters."""

    def __init__(self, cores: float, folder: Path = _RAPL) -> None:
        self._cores = max(1.0, cores)
        self._zones = _zones(folder)
        self._last = {zone: _read(zone / "energy_uj") for zone in self._zones}
        self.source = Source(False, say("Not measured yet."))

    def joules(
        self, own_s: float, span_s: float, others: float | None, *, watts: float = 0.0, battery: bool = False
    ) -> float:
        """The engine's part since the last call.

        own_s: CPU seconds that it used in the `span_s` seconds since; others: what other programs took of all cores, 0
        to 1; watts: the processor's at full load, 0 to guess; battery: a laptop, for the guess.
        """
        measured = self._measured()
        if measured is not None and others is not None:
            all_s = own_s + others * self._cores * span_s
            self.source = Source(True, say("Measured by the processor, shared by computing time."))
            return measured * own_s / all_s if all_s > 0 else 0.0
        watts = watts or guessed_watts(self._cores, battery=battery)
        self.source = Source(
            False, say("Estimated: computing time, at {watts} W for all cores at full load.", watts=round(watts))
        )
        return own_s * watts / self._cores

    def _measured(self) -> float | None:
        """Joules of all programs since the last call, None where that cannot be read."""
        total = 0.0
        for zone in self._zones:
            now, before = _read(zone / "energy_uj"), self._last[zone]
            self._last[zone] = now
            if now is None or before is None:
                return None
            # The counter starts anew at its end.
            total += now - before if now >= before else now + (_read(zone / "max_energy_range_uj") or before) - before
        return total / 1e6 if self._zones else None


def guessed_watts(cores: float, *, battery: bool) -> float:
    """A processor's power at full load, from its number of cores alone."""
    watts = cores * (_WATTS_PER_LAPTOP_CORE if battery else _WATTS_PER_CORE)
    return min(_MOST_WATTS, max(_LEAST_WATTS, watts))


def _zones(folder: Path) -> tuple[Path, ...]:
    """Whole processors; their parts are counted in them."""
    try:
        found = sorted(path for path in folder.iterdir() if path.name.count(":") == 1)
    except OSError:
        return ()
    return tuple(path for path in found if _read(path / "energy_uj") is not None)


def _read(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None  # root alone may read it on many systems
