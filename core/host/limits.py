"""How much of this computer the process may use: affinity and containers may allow less than the hardware has."""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

_UNLIMITED = 1 << 60  # version 1 writes a number near 2^63 where there is no limit


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """The container's memory in bytes: how much it may have, and how much of that is in use for good."""

    limit: int
    used: int


class Cgroup:
    """Linux's control groups, versions 1 and 2; elsewhere, and where nothing is limited, it knows no limit."""

    def __init__(self, root: Path = Path("/sys/fs/cgroup"), membership: Path = Path("/proc/self/cgroup")) -> None:
        self._root = root
        self._paths = _memberships(membership)

    def cpus(self) -> float:
        """How many processors' worth of time the group may use; infinity without a limit."""
        quotas = [math.inf]
        for folder in self._folders(""):
            words = _read(folder / "cpu.max").split()
            if len(words) == 2 and words[0] != "max":
                quotas.append(float(words[0]) / float(words[1]))
        for folder in self._folders("cpu"):
            quota, period = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
            if quota > 0 and period > 0:
                quotas.append(quota / period)
        return min(quotas)

    def memory(self) -> MemoryLimit | None:
        """The tightest memory limit, or None."""
        limits = []
        for controller, limit_name, used_name in (
            ("", "memory.max", "memory.current"),
            ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
        ):
            for folder in self._folders(controller):
                limit = _number(folder / limit_name)
                if 0 < limit < _UNLIMITED:
                    used = _number(folder / used_name) - _inactive_file(folder / "memory.stat")
                    limits.append(MemoryLimit(limit, max(0, used)))
        return min(limits, key=lambda found: found.limit - found.used, default=None)

    def _folders(self, controller: str) -> Iterator[Path]:
        """From this process's group up to the root; "" stands for version 2."""
        if controller not in self._paths:
            return
        base = self._root / controller if controller else self._root
        # Inside a container the group's name may be the host's, and only the root can be seen.
        path = Path(self._paths[controller].lstrip("/"))
        for part in [path, *path.parents]:
            yield base / part


def usable_cores(cgroup: Cgroup | None = None) -> float:
    """How many cores this process may use, 1.5 for instance in a container. At least 0.1."""
    count = float(os.cpu_count() or 1)
    if hasattr(psutil.Process, "cpu_affinity"):
        try:
            count = float(len(psutil.Process().cpu_affinity() or []) or count)
        except (psutil.Error, OSError):
            count = float(os.cpu_count() or 1)
    return max(0.1, min(count, (cgroup or Cgroup()).cpus()))


def memory(cgroup: Cgroup | None = None) -> tuple[int, int]:
    """(total, available) main memory in bytes that this process may count on."""
    system = psutil.virtual_memory()
    limit = (cgroup or Cgroup()).memory()
    if limit is None:
        return system.total, system.available
    return min(system.total, limit.limit), min(system.available, max(0, limit.limit - limit.used))


def _memberships(path: Path) -> dict[str, str]:
    """Lines `4:cpu,cpuacct:/group` as {controller: group}; "" for version 2."""
    found = {}
    for line in _read(path).splitlines():
        parts = line.split(":", 2)
        if len(parts) == 3:
            found.update(dict.fromkeys(parts[1].split(","), parts[2]))
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _number(path: Path) -> int:
    text = _read(path).strip()
    return int(text) if text.lstrip("-").isdigit() else 0


def _inactive_file(stat: Path) -> int:
    """Cached file content, which the system gives back as soon as memory is wanted."""
    values = dict(line.split(maxsplit=1) for line in _read(stat).splitlines() if " " in line)
    text = values.get("total_inactive_file", values.get("inactive_file", "0"))
    return int(text) if text.isdigit() else 0
