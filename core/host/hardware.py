"""What this computer has: processor, memory and graphics cards that can be used."""

import math
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.control.snapshot import DeviceView, HardwareView
from core.errors import HardwareError
from core.host import limits
from core.host.devices import DeviceInfo, DeviceLayer
from net.words import say, sentence_of

CPU = "cpu"
MIN_GPU_FREE_BYTES = 256 << 20
"""A graphics card with less free memory is left alone: the driver itself needs about this much."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """What may be used. cores may be a fraction in a container; problems: sentences about what cannot be used;
    physical: the computer's cores without their second threads, 0 where that is not known."""

    cpu_label: str
    cores: float
    memory_total: int
    memory_available: int
    gpus: tuple[DeviceInfo, ...] = ()
    problems: tuple[str, ...] = ()
    physical: int = 0

    def view(self, speeds: Mapping[str, float]) -> HardwareView:
        """For the snapshot. speeds: GFLOP/s by device name; 0 where nothing was measured."""
        cpu = DeviceInfo(CPU, self.cpu_label, self.memory_total, self.memory_available)
        return HardwareView(
            cpu_label=self.cpu_label,
            cores=math.ceil(self.cores),
            memory_total=self.memory_total,
            memory_available=self.memory_available,
            devices=tuple(
                DeviceView(d.name, d.label, d.memory_total, d.memory_free, speeds.get(d.name, 0.0))
                for d in (cpu, *self.gpus)
            ),
        )

    @property
    def lanes(self) -> int:
        """Batches that the processor computes at a time. Several small computations use its cores better than one
        whose parts have to wait for each other, but a single large one shall not have to do with one core."""
        return math.ceil(math.sqrt(self.real_cores))

    def threads(self, preferred: int) -> int:
        """Threads for one computation. preferred: the volunteer's number, 0 for what keeps all real cores at work."""
        if preferred > 0:
            return min(preferred, max(1, math.ceil(self.cores)))
        return math.ceil(self.real_cores / self.lanes)

    @property
    def real_cores(self) -> int:
        """Cores that may be used, not counting a core's second thread; one at least."""
        allowed = max(1, math.ceil(self.cores))
        return min(self.physical or allowed, allowed)


def detect(layer: DeviceLayer, *, use_gpu: bool = True) -> Hardware:
    """Look at everything once. Never raises: what cannot be used is left out and named in `problems`."""
    total, available = limits.memory()
    gpus, problems = _gpus(layer) if use_gpu else ((), ())
    physical = psutil.cpu_count(logical=False) or 0
    return Hardware(cpu_label(), limits.usable_cores(), total, available, gpus, problems, physical)


def _gpus(layer: DeviceLayer) -> tuple[tuple[DeviceInfo, ...], tuple[str, ...]]:
    found: list[DeviceInfo] = []
    problems: list[str] = []
    try:
        names = layer.names()
    except HardwareError as error:
        return (), (say("{error} The processor is used instead.", error=sentence_of(error)),)
    for name in names:
        try:
            card = layer.info(name)
        except HardwareError as error:
            problems.append(say("{error} It is left out.", error=sentence_of(error)))
            continue
        if card.memory_free < MIN_GPU_FREE_BYTES:
            problems.append(
                say(
                    "The graphics card {label} ({name}) has {free} MB of free memory and {needed} MB are needed, so it "
                    "is left out. Close other programs that use it.",
                    label=card.label,
                    name=name,
                    free=round(card.memory_free / 1e6),
                    needed=round(MIN_GPU_FREE_BYTES / 1e6),
                )
            )
            continue
        found.append(card)
    return tuple(found), tuple(problems)


def cpu_label() -> str:
    """The processor's name as its maker writes it, or the kind of machine when that cannot be found."""
    try:
        found = _system_cpu_label()
    except (OSError, subprocess.SubprocessError):
        found = ""
    return " ".join(found.split()) or platform.processor() or platform.machine() or "unknown processor"


def _system_cpu_label() -> str:
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415 - exists on Windows alone

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"HARDWARE\DESCRIPTION\System\CentralProcessor\0") as key:
            return str(winreg.QueryValueEx(key, "ProcessorNameString")[0])
    if sys.platform == "darwin":
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, timeout=2.0, check=True).stdout
    return label_from_cpuinfo(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace"))


def label_from_cpuinfo(text: str) -> str:
    """From Linux's /proc/cpuinfo; ARM machines name the whole board instead."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            values.setdefault(name.strip(), value.strip())
    return next((values[name] for name in ("model name", "Model", "Hardware", "cpu model") if values.get(name)), "")
