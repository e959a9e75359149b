"""How many experts this computer hosts, and on which device: pure arithmetic over what was measured and chosen."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.host.hardware import CPU, Hardware
from core.preferences_file import Preferences

BATCH_SAMPLES = 1024
"""The batch that a device must have room for beside its experts; one batch is computed at a time."""
ROUND_S = 10.0
"""Callers wait at most this long: within it, every hosted expert must be able to serve one batch."""
PASSES = 4
"""One served sample costs a forward pass, and a backward pass that repeats it and takes twice as much."""
FREE_SHARE = 0.8
"""Of memory that is free now, this much counts: other programs need some soon."""
_FLOAT_BYTES = 4


class ExpertSize(Protocol):
    """What the plan needs to know about an expert (`core.experts.spec.ExpertSpec` has it)."""

    @property
    def hidden(self) -> int:
        """Width of its input and output."""
        ...

    @property
    def inner(self) -> int:
        """Width of its widest layer."""
        ...

    @property
    def memory_bytes(self) -> int:
        """Weights, gradients and optimizer state."""
        ...

    @property
    def flops_per_sample(self) -> int:
        """Of a forward pass."""
        ...


@dataclass(frozen=True, slots=True)
class HostPlan:
    """count: how many experts; devices: where each of them lives; explanation: the arithmetic, a line each."""

    count: int
    devices: tuple[str, ...]
    explanation: tuple[str, ...]


def plan_experts(
    hardware: Hardware,
    speeds: Mapping[str, float],
    preferences: Preferences,
    specs: Sequence[ExpertSize],
    total: int,
) -> HostPlan:
    """Plan for experts of the largest of `specs`; total: how many the project has.

    speeds: GFLOP/s by device name; a device that is missing there is planned by its memory alone. Fast devices are
    filled first. An expert that fits nowhere gives an empty plan, whose explanation says what is missing.
    """
    if not specs or total <= 0:
        return HostPlan(0, (), ("The project has no experts.",))
    memory = max(spec.memory_bytes for spec in specs)
    flops = PASSES * BATCH_SAMPLES * max(spec.flops_per_sample for spec in specs)
    # Input, its gradient and the widest layer twice: what one batch keeps alive while it is computed.
    batch = BATCH_SAMPLES * _FLOAT_BYTES * max(2 * spec.hidden + 2 * spec.inner for spec in specs)
    lines = [f"One expert takes {_mb(memory)} (weights, gradients, optimizer state); one batch takes {_mb(batch)}."]
    devices: list[str] = []
    cap = preferences.whole("max_experts") or total
    for name, room, why in _rooms(hardware, preferences, speeds):
        by_memory = max(0, int((room - batch) // memory))
        # The processor is shared with the volunteer; a graphics card works at its own speed. At 0 % nothing is
        # computed now, but the experts stay.
        share = max(preferences.number("cpu_percent"), 1.0) / 100 if name == CPU else 1.0
        by_speed = _by_speed(speeds.get(name, 0.0) * share, flops)
        fits = min(by_memory, by_speed, total)
        lines.append(f"{name}: {why} holds {by_memory}; {_speed_words(by_speed, speeds.get(name, 0.0), share)}.")
        devices += [name] * int(fits)
    count = min(len(devices), cap, total)
    if not devices:
        lines.append("So no expert fits. Allow more memory, or join a project with smaller experts.")
    elif cap < min(len(devices), total):
        lines.append(f"The preference max_experts allows {cap}, so {count} are hosted.")
    else:
        lines.append(f"So {count} of the project's {total} experts can be hosted.")
    return HostPlan(count, tuple(devices[:count]), tuple(lines))


def _rooms(hardware: Hardware, preferences: Preferences, speeds: Mapping[str, float]) -> list[tuple[str, float, str]]:
    """(device, bytes for experts, the same in words), fastest device first."""
    allowed = preferences.number("memory_gb") * 1e9
    free = hardware.memory_available * FREE_SHARE
    why = (
        f"{_mb(allowed)} allowed by memory_gb"
        if allowed <= free
        else f"{FREE_SHARE:.0%} of {_mb(hardware.memory_available)} free memory"
    )
    rooms = [(CPU, min(allowed, free), why)]
    if preferences.flag("use_gpu"):
        share = preferences.number("gpu_memory_percent") / 100
        for gpu in hardware.gpus:
            wanted, free = gpu.memory_total * share, gpu.memory_free * FREE_SHARE
            why = (
                f"{share:.0%} of {_mb(gpu.memory_total)} graphics memory"
                if wanted <= free
                else f"{FREE_SHARE:.0%} of {_mb(gpu.memory_free)} free graphics memory"
            )
            rooms.append((gpu.name, min(wanted, free), why))
    return sorted(rooms, key=lambda room: (-speeds.get(room[0], 0.0), room[0] == CPU))


def _by_speed(gflops: float, flops: float) -> float:
    """How many experts the device can serve in a round; at least one, infinity when the speed is not known."""
    if gflops <= 0 or flops <= 0:
        return math.inf
    return max(1, int(gflops * 1e9 * ROUND_S // flops))


def _speed_words(count: float, gflops: float, share: float) -> str:
    if count == math.inf:
        return "its speed is not known"
    at = f"{gflops:.0f} GFLOP/s" if share == 1 else f"{share:.0%} of {gflops:.0f} GFLOP/s"
    return f"{at} serve {count} within {ROUND_S:.0f} s"


def _mb(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
