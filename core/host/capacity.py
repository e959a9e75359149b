"""Which size of experts this computer hosts, how many, and on which device: pure arithmetic over what was measured
and chosen."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.experts.spec import EXACT_BYTES
from core.host.hardware import CPU, Hardware
from core.preference import device_shares
from core.preferences_file import Preferences
from net.words import say

BATCH_SAMPLES = 1024
"""The batch that a device must have room for beside its experts, as often as it computes several at a time."""
ROUND_S = 10.0
"""Callers wait at most this long: within it, every hosted expert must be able to serve one batch."""
PASSES = 4
"""One served sample costs a forward pass, and a backward pass that repeats it and takes twice as much."""
KEPT_SHARE = 0.125
KEPT_BYTES = 128 << 20
"""What forward calls leave behind for their backward calls: this share of the room, at most so many bytes."""
WORTH = 4
"""A larger size is chosen only where so many of it fit: one slow giant serves nobody well."""
GROWTH = 1.25
"""A hosting plan grows when at least this many times as many experts fit."""
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
        """Weights and optimizer state."""
        ...

    @property
    def exact_memory_bytes(self) -> int:
        """The same for one of the first experts of a device."""
        ...

    @property
    def gradient_bytes(self) -> int:
        """All parameters' gradients."""
        ...

    @property
    def flops_per_sample(self) -> int:
        """Of a forward pass."""
        ...


@dataclass(frozen=True, slots=True)
class HostPlan:
    """count: how many experts; devices: where each of them lives; explanation: the arithmetic, a line each; inner: the
    size of those experts, by their widest layer (0: nothing is hosted); kept: bytes of each device's memory for what
    forward calls leave behind."""

    count: int
    devices: tuple[str, ...]
    explanation: tuple[str, ...]
    inner: int = 0
    kept: Mapping[str, int] = field(default_factory=dict)


def plan_experts(
    hardware: Hardware,
    speeds: Mapping[str, float],
    preferences: Preferences,
    sizes: Sequence[tuple[ExpertSize, int]],
) -> HostPlan:
    """Choose a size among those of the project (each with how many experts it has), and how many of it to host.

    The largest one of which at least WORTH fit, or all there are; else the one of which most fit. speeds: GFLOP/s by
    device name; a device that is missing there is planned by its memory alone. Fast devices are filled first. An
    expert that fits nowhere gives an empty plan, whose explanation says what is missing.
    """
    merged = _by_inner(sizes)
    if not merged:
        return HostPlan(0, (), (say("The project has no experts."),))
    plans = [_plan(hardware, speeds, preferences, size, total) for size, total in merged]
    if len(plans) == 1:
        return plans[0]
    worth = [plan for plan, (_, total) in zip(plans, merged, strict=True) if plan.count >= min(WORTH, total)]
    chosen = worth[0] if worth else max(plans, key=lambda plan: plan.count)
    fits = ", ".join(f"{plan.count} of inner width {size.inner}" for plan, (size, _) in zip(plans, merged, strict=True))
    choice = f"Of the project's sizes fit: {fits}. " + (
        f"Inner width {chosen.inner} is the largest of which at least {WORTH} fit."
        if worth
        else "None fits well; most fit of the one that is planned."
    )
    return HostPlan(chosen.count, chosen.devices, (choice, *chosen.explanation), chosen.inner, chosen.kept)


def worth_following(old: HostPlan, new: HostPlan) -> bool:
    """Whether a plan made of fresh readings replaces the one that is followed: at once where less fits than is hosted,
    but experts are not moved about for a little more room."""
    if not old.count:
        return new.count > 0
    if new.inner != old.inner:
        return 0 < new.inner < old.inner
    if new.count and set(old.devices) - set(new.devices):  # a card is gone, or somebody else needs all of it
        return True
    return new.count < old.count or new.count >= GROWTH * old.count + 1


def misplaced(plan: HostPlan, hosted: Mapping[str, str]) -> list[tuple[str, str]]:
    """Which experts live on a device that the plan wants fewer on, and on which one with room they should live.

    hosted: device by expert. Those for which there is no room anywhere are left out: others release them.
    """
    room = Counter(plan.devices)
    room.subtract(hosted.values())
    moves: list[tuple[str, str]] = []
    for uid, device in sorted(hosted.items()):
        target = next((name for name in dict.fromkeys(plan.devices) if room[name] > 0), None)
        if room[device] < 0 and target is not None:
            room[device] += 1
            room[target] -= 1
            moves.append((uid, target))
    return moves


def _by_inner(sizes: Sequence[tuple[ExpertSize, int]]) -> list[tuple[ExpertSize, int]]:
    """One entry a width, the largest first; of several layers' experts of one width, the one that takes most memory."""
    merged: dict[int, tuple[ExpertSize, int]] = {}
    for size, total in sizes:
        if total > 0:
            other, others = merged.get(size.inner, (size, 0))
            merged[size.inner] = (max(size, other, key=lambda each: each.memory_bytes), others + total)
    return [merged[inner] for inner in sorted(merged, reverse=True)]


def _kept_bytes(room: float) -> int:
    """Of this room, how much is for what forward calls leave behind."""
    return int(min(KEPT_BYTES, KEPT_SHARE * room))


def _plan(
    hardware: Hardware, speeds: Mapping[str, float], preferences: Preferences, size: ExpertSize, total: int
) -> HostPlan:
    memory = size.memory_bytes
    flops = PASSES * BATCH_SAMPLES * size.flops_per_sample
    # Input, its gradient and the widest layer twice: what one batch keeps alive while it is computed.
    batch = BATCH_SAMPLES * _FLOAT_BYTES * (2 * size.hidden + 2 * size.inner) + size.gradient_bytes
    lines = [
        f"One expert of inner width {size.inner} takes {_mb(memory)} (weights, optimizer state)"
        f"{_more_at_first(size)}; "
        f"one batch takes {_mb(batch)} (activations, gradients)."
    ]
    devices: list[str] = []
    kept_on: dict[str, int] = {}
    cap = preferences.whole("max_experts") or total
    for name, room, why in _rooms(hardware, preferences, speeds):
        kept = kept_on[name] = _kept_bytes(room)
        lanes = hardware.lanes if name == CPU else 1
        by_memory = _by_memory(room - kept, size, batch, lanes) if memory else total
        beside = f"{min(lanes, by_memory)} batches" if min(lanes, by_memory) > 1 else "a batch"
        # The processor is shared with the volunteer; a graphics card works at its own speed. At 0 % nothing is
        # computed now, but the experts stay.
        share = max(preferences.number("cpu_percent"), 1.0) / 100 if name == CPU else 1.0
        by_speed = _by_speed(speeds.get(name, 0.0) * share, flops)
        fits = min(by_memory, by_speed, total)
        lines.append(
            f"{name}: {why}, less {beside} and {_mb(kept)} kept between calls, "
            f"holds {by_memory}; "
            f"{_speed_words(by_speed, speeds.get(name, 0.0), share)}."
        )
        devices += [name] * int(fits)
    # A saved expert is as large as one in memory, and the new one is written beside the old.
    by_disk = max(0, int(preferences.number("disk_gb") * 1e9 // memory) - 1) if memory else total
    count = min(len(devices), cap, by_disk, total)
    if not devices:
        lines.append(say("So no expert fits. Allow more memory, or join a project with smaller experts."))
    elif by_disk < min(len(devices), cap, total):
        lines.append(f"On the disk {preferences.number('disk_gb'):g} GB are allowed by disk_gb, so {count} are hosted.")
    elif cap < min(len(devices), total):
        lines.append(f"The preference max_experts allows {cap}, so {count} are hosted.")
    else:
        lines.append(f"So {count} of the project's {total} experts of this size can be hosted.")
    return HostPlan(count, tuple(devices[:count]), tuple(lines), size.inner if count else 0, kept_on)


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
        single = device_shares(preferences.text("gpu_memory_percent_by_card"))
        for gpu in hardware.gpus:
            share = single.get(gpu.name, preferences.number("gpu_memory_percent") / 100)
            if gpu.unified:  # the same memory again, which a faster device makes use of
                return [(gpu.name, min(allowed, free, gpu.memory_total * share), f"{why}, shared with the GPU")]
            wanted, free = gpu.memory_total * share, gpu.memory_free * FREE_SHARE
            why = (
                f"{share:.0%} of {_mb(gpu.memory_total)} graphics memory"
                if wanted <= free
                else f"{FREE_SHARE:.0%} of {_mb(gpu.memory_free)} free graphics memory"
            )
            rooms.append((gpu.name, min(wanted, free), why))
    return sorted(rooms, key=lambda room: (-speeds.get(room[0], 0.0), room[0] == CPU))


def _by_memory(room: float, size: ExpertSize, batch: int, lanes: int) -> int:
    """How many experts fit beside the batches of as many of them as are computed at a time."""
    many = _fitting(room - lanes * batch, size)
    if many >= lanes:
        return many
    return max((count for count in range(lanes + 1) if _fitting(room - count * batch, size) >= count), default=0)


def _fitting(room: float, size: ExpertSize) -> int:
    """The first experts of a device are more exact, and take more."""
    exact = math.ceil(EXACT_BYTES / size.exact_memory_bytes)
    if room < exact * size.exact_memory_bytes:
        return max(0, int(room // size.exact_memory_bytes))
    return exact + int((room - exact * size.exact_memory_bytes) // size.memory_bytes)


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


def _more_at_first(size: ExpertSize) -> str:
    if size.exact_memory_bytes == size.memory_bytes:
        return ""
    return f", {_mb(size.exact_memory_bytes)} the first {math.ceil(EXACT_BYTES / size.exact_memory_bytes)}"


def _mb(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
