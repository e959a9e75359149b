"""What policy looks at: the moment, what was sensed, and what must be remembered from one decision to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, twice. wall: Unix time, which people set and which jumps; steady: monotonic seconds, which never do.

    Schedules and pauses follow the wall clock, waiting times the steady one.
    """

    wall: float
    steady: float


@dataclass(frozen=True, slots=True)
class Signals:
    """What the sensors say now; None: this computer cannot tell. Sizes in bytes.

    idle_s: seconds since somebody used keyboard or mouse, infinity where nobody can; others_cpu: what other programs
    take of all cores, 0 to 1; temperature: of the processor, °C; exclusive: which of the listed programs run, None
    when none are listed; traffic_month: bytes since the first of the month, both ways.
    """

    on_battery: bool | None = None
    battery_percent: float | None = None
    memory_available: int | None = None
    disk_free: int | None = None
    idle_s: float | None = None
    others_cpu: float | None = None
    temperature: float | None = None
    fullscreen: bool | None = None
    exclusive: tuple[str, ...] | None = None
    metered: bool | None = None
    traffic_month: int | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What the next decision must know about this one.

    seen: when, on the steady clock, each guard's cause was last there; cool: 0.1 to 1, how much heat leaves of the
    share; steady: when this was, None before the first decision.
    """

    seen: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    cool: float = 1.0
    steady: float | None = None
