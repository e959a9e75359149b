"""The devices that torch can compute on, behind a small face, so that graphics cards can be tested without one."""

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import psutil

from core.errors import HardwareError
from net.words import say

MPS = "mps"
_VOLTA, _AMPERE = 7, 8  # the first digit of a card's "compute capability"; AMD's numbers are larger
_SIZE = 512
_FLOPS = 2 * _SIZE**3


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """One graphics card. name: torch's ("cuda:0", "mps"); label: the maker's; memory in bytes, free including what this
    process itself has taken; unified: it is the computer's main memory."""

    name: str
    label: str
    memory_total: int
    memory_free: int
    unified: bool = False


class DeviceLayer(Protocol):
    """What Hivelet asks torch about the hardware."""

    @property
    def version(self) -> str:
        """Of the library that computes; a measured speed holds for one version."""
        ...

    def names(self) -> Sequence[str]:
        """The graphics cards' names. Raises HardwareError when the driver is broken."""
        ...

    def info(self, name: str) -> DeviceInfo:
        """One graphics card. Raises HardwareError when it cannot be used."""
        ...

    def use_cores(self, count: int) -> None:
        """Let one computation on the processor take so many from now on."""
        ...

    def gflops(self, name: str, seconds: float) -> float:
        """Measure a device, "cpu" or a graphics card, for about `seconds`. Raises HardwareError."""
        ...

    def precision(self, name: str) -> str:
        """In what a device multiplies matrices best: "float32", "bfloat16" or "float16"."""
        ...


class TorchDevices:
    """The real ones. torch is imported at first use, because that takes seconds and 200 MB."""

    @property
    def version(self) -> str:
        """torch's version."""
        import torch  # noqa: PLC0415

        return str(torch.__version__)

    def names(self) -> Sequence[str]:
        """CUDA devices as torch numbers them (AMD's cards go by that name, too), or Apple's GPU."""
        import torch  # noqa: PLC0415

        with warnings.catch_warnings():
            # torch warns about a missing or old driver; no device is all that this means here.
            warnings.simplefilter("ignore")
            try:
                if torch.cuda.is_available():
                    return [f"cuda:{i}" for i in range(torch.cuda.device_count())]
                return [MPS] if torch.backends.mps.is_available() else []
            except (RuntimeError, OSError) as error:
                raise HardwareError(
                    say("The graphics driver does not work ({reason}).", reason=_first_line(error))
                ) from error

    def info(self, name: str) -> DeviceInfo:
        """Ask the driver; this opens the device."""
        import torch  # noqa: PLC0415

        try:
            if name == MPS:
                total = int(torch.mps.recommended_max_memory())
                used = int(torch.mps.driver_allocated_memory())  # by this process: it may use that again
                return DeviceInfo(MPS, "Apple GPU", total, min(total, psutil.virtual_memory().available + used), True)
            properties = torch.cuda.get_device_properties(name)
            free, total = torch.cuda.mem_get_info(name)
            free += torch.cuda.memory_reserved(name)
        except (RuntimeError, AssertionError, OSError) as error:
            raise HardwareError(
                say("The graphics card {name} cannot be opened ({reason}).", name=name, reason=_first_line(error))
            ) from error
        return DeviceInfo(name, str(properties.name), int(total), int(free))

    def use_cores(self, count: int) -> None:
        """torch's threads within an operation."""
        import torch  # noqa: PLC0415

        torch.set_num_threads(count)

    def gflops(self, name: str, seconds: float) -> float:
        """Products of 512 × 512 matrices in float32, the size of a typical expert's batch."""
        import torch  # noqa: PLC0415

        try:
            with torch.inference_mode():
                left = torch.randn(_SIZE, _SIZE, device=name)
                right = torch.randn(_SIZE, _SIZE, device=name)
                result = left @ right  # the first product also loads the library
                best, end = 0.0, time.perf_counter() + seconds
                while best == 0.0 or time.perf_counter() < end:
                    # The best of short rounds: other programs only ever make it slower.
                    started = time.perf_counter()
                    for _ in range(4):
                        result = left @ right
                    result[0, 0].item()  # waits for the device
                    best = max(best, 4 * _FLOPS / (time.perf_counter() - started) / 1e9)
        except RuntimeError as error:
            raise HardwareError(f"{name} cannot compute ({_first_line(error)}).") from error
        return best

    def precision(self, name: str) -> str:
        """Half precision where the card has units for it: bfloat16 from Ampere on, float16 from Volta on."""
        import torch  # noqa: PLC0415

        if not name.startswith("cuda"):
            return "float32"
        try:
            major, _ = torch.cuda.get_device_capability(name)
        except (RuntimeError, AssertionError, OSError):
            return "float32"
        return "bfloat16" if major >= _AMPERE else "float16" if major >= _VOLTA else "float32"


@dataclass(slots=True)
class FakeDevices:
    """Graphics cards that exist only on paper. broken: sentences of the devices that cannot be opened; precisions: of
    those that do not compute in float32."""

    cards: Sequence[DeviceInfo] = ()
    speeds: Mapping[str, float] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    driver_problem: str = ""
    precisions: Mapping[str, str] = field(default_factory=dict)
    version: str = "fake"
    measured: list[str] = field(default_factory=list)

    def names(self) -> Sequence[str]:
        """All cards, the broken ones too."""
        if self.driver_problem:
            raise HardwareError(self.driver_problem)
        return [*(card.name for card in self.cards), *self.broken]

    def info(self, name: str) -> DeviceInfo:
        """From `cards`, or HardwareError from `broken`."""
        if name in self.broken:
            raise HardwareError(self.broken[name])
        return next(card for card in self.cards if card.name == name)

    def use_cores(self, count: int) -> None:
        """Nothing."""

    def gflops(self, name: str, seconds: float) -> float:
        """From `speeds`; remembers what was asked."""
        self.measured.append(name)
        if name not in self.speeds:
            raise HardwareError(f"{name} cannot compute (fake) within {seconds} s.")
        return self.speeds[name]

    def precision(self, name: str) -> str:
        """From `precisions`."""
        return self.precisions.get(name, "float32")


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".")[:200] if lines else type(error).__name__
