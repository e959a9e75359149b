"""Whether a graphics card of NVIDIA's is here although the torch that we have cannot use one.

Installers bring the small torch, for processors alone: the one for CUDA is ten times larger. Whether a card would be
worth that is asked of the driver itself, which needs no torch.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from core.errors import HardwareError
from net.words import Words, say

_PATIENCE_S = 5.0
_MOST_CARDS = 16
_MOST_CHARS = 80
_LINUX_TOOLS = ("/usr/bin/nvidia-smi", "/usr/local/bin/nvidia-smi", "/opt/bin/nvidia-smi")


class NvidiaDriver(Protocol):
    """What is asked of the driver."""

    def listing(self) -> str:
        """The cards' names, one a line; no line where there is no driver. Raises HardwareError when it is broken."""
        ...


class SystemDriver:
    """The driver of this computer, asked by the tool that comes with it."""

    def listing(self) -> str:
        """See NvidiaDriver."""
        tool = _tool()
        if tool is None:
            return ""
        try:
            done = subprocess.run(
                [str(tool), "--query-gpu=name", "--format=csv,noheader"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_PATIENCE_S,
                check=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise HardwareError(f"The driver of the graphics card does not answer ({error}).") from error
        return done.stdout


def cards(driver: NvidiaDriver) -> tuple[str, ...]:
    """The cards' names, in plain text; none where there is no working driver."""
    try:
        lines = driver.listing().splitlines()
    except HardwareError:
        return ()
    names = ("".join(c for c in line if c.isprintable()).strip()[:_MOST_CHARS] for line in lines)
    return tuple(name for name in names if name)[:_MOST_CARDS]


def unused_card(driver: NvidiaDriver, *, torch_has_cuda: bool) -> Words | None:
    """The sentence that a card is here and is not used, None where there is nothing to say.

    torch_has_cuda: whether the torch that we have is built for such cards; then it says itself what is wrong.
    """
    found = () if torch_has_cuda else cards(driver)
    if not found:
        return None
    return say(
        "The graphics card {card} is not used: this Hivelet has the small PyTorch, for processors alone. "
        "installers/README.md (Graphics cards) says how to get the larger one.",
        card=found[0],
    )


def torch_has_cuda() -> bool:
    """Whether the installed torch is built for graphics cards of NVIDIA's or AMD's. Loads torch."""
    import torch  # noqa: PLC0415

    return torch.version.cuda is not None or torch.version.hip is not None


def _tool() -> Path | None:
    """By its place, never by a search that would look into folders that others may write to."""
    if sys.platform == "win32":
        places = [Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "nvidia-smi.exe")]
    elif sys.platform == "darwin":
        places = []
    else:
        places = [Path(name) for name in _LINUX_TOOLS]
    return next((place for place in places if place.is_file()), None)
