"""What the engine takes and what is left for others, read from the system behind a small face."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from core.host import limits
from core.host.signals import Signals

_WINDOW_S = 5.0
_MIN_STEP_S = 0.1


@dataclass(frozen=True, slots=True)
class Power:
    """on_battery and percent are None where the computer cannot tell, or has no battery."""

    on_battery: bool | None = None
    percent: float | None = None


class Sensors(Protocol):
    """What can be read about this process and this computer at any time, without waiting. Sizes in bytes."""

    def cpu_seconds(self) -> float:
        """CPU time of this process since it started, over all its threads."""
        ...

    def resident_bytes(self) -> int:
        """Main memory that this process takes."""
        ...

    def memory_available(self) -> int | None:
        """Main memory that can still be had."""
        ...

    def disk_free(self) -> int | None:
        """Space on the disk that Hivelet writes to."""
        ...

    def power(self) -> Power:
        """Whether the computer runs on its battery."""
        ...


class SystemSensors:
    """The real ones. folder: one on the disk that Hivelet writes to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = psutil.Process()
        self._cgroup = limits.Cgroup()

    def cpu_seconds(self) -> float:
        """CPU time of this process, over all its threads."""
        return time.process_time()

    def resident_bytes(self) -> int:
        """Main memory that this process takes; 0 where the system does not say."""
        try:
            return int(self._process.memory_info().rss)
        except (psutil.Error, OSError):
            return 0

    def memory_available(self) -> int | None:
        """Within the container's limit, where there is one."""
        try:
            return limits.memory(self._cgroup)[1]
        except (psutil.Error, OSError):
            return None

    def disk_free(self) -> int | None:
        """Space that this user may still fill."""
        try:
            return int(psutil.disk_usage(str(self._folder)).free)
        except OSError:
            return None

    def power(self) -> Power:
        """A desktop computer, and a state that the system does not know, never count as "on battery"."""
        try:
            battery = psutil.sensors_battery()
        except (AttributeError, OSError, RuntimeError, psutil.Error):
            return Power()
        if battery is None:
            return Power()
        plugged = battery.power_plugged
        return Power(None if plugged is None else not plugged, float(battery.percent))


@dataclass(slots=True)
class FakeSensors:
    """Readings that a test sets."""

    cpu: float = 0.0
    resident: int = 0
    memory: int | None = 8 << 30
    disk: int | None = 100 << 30
    battery: Power = Power()

    def cpu_seconds(self) -> float:
        """As set."""
        return self.cpu

    def resident_bytes(self) -> int:
        """As set."""
        return self.resident

    def memory_available(self) -> int | None:
        """As set."""
        return self.memory

    def disk_free(self) -> int | None:
        """As set."""
        return self.disk

    def power(self) -> Power:
        """As set."""
        return self.battery


@dataclass(frozen=True, slots=True)
class Usage:
    """cpu_share: this process's share of all cores over the last seconds, 0 to 1; resident_bytes: its main memory."""

    cpu_share: float
    resident_bytes: int


class UsageSampler:
    """Turns readings into rates. Ask it about once a second, from one thread."""

    def __init__(self, sensors: Sensors, cores: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._sensors = sensors
        self._cores = cores
        self._clock = clock
        self._samples: deque[tuple[float, float]] = deque(maxlen=math.ceil(_WINDOW_S / _MIN_STEP_S))
        self._samples.append((clock(), sensors.cpu_seconds()))

    def usage(self) -> Usage:
        """What the engine takes now: the mean over the last five seconds."""
        now, cpu = self._clock(), self._sensors.cpu_seconds()
        while len(self._samples) > 1 and now - self._samples[1][0] >= _WINDOW_S:
            self._samples.popleft()
        then, cpu_then = self._samples[0]
        share = (cpu - cpu_then) / (now - then) / self._cores if now - then >= _MIN_STEP_S else 0.0
        if now - self._samples[-1][0] >= _MIN_STEP_S:
            self._samples.append((now, cpu))
        return Usage(min(1.0, max(0.0, share)), self._sensors.resident_bytes())

    def signals(self) -> Signals:
        """What policy needs to know now."""
        power = self._sensors.power()
        return Signals(
            on_battery=power.on_battery,
            battery_percent=power.percent,
            memory_available=self._sensors.memory_available(),
            disk_free=self._sensors.disk_free(),
        )
