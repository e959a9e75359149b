"""Every preference, declared once: name, type, unit, default, range, help. Window, command line and file derive from it.

The file is TOML in the home folder. A broken file is kept aside under another name and the defaults are used;
unknown names and bad values are reported, never silently dropped.
"""

from dataclasses import dataclass
from typing import Literal

Value = bool | int | float | str
Kind = Literal["bool", "int", "float", "choice"]


@dataclass(frozen=True, slots=True)
class Preference:
    """One setting. unit: shown beside the value ("%", "GB", "MB/s", "min", ""); group: its card in the window."""

    name: str
    kind: Kind
    default: Value
    title: str
    help: str
    group: str
    unit: str = ""
    low: float = 0
    high: float = 0
    choices: tuple[str, ...] = ()


PREFERENCES: tuple[Preference, ...] = (
    Preference("cpu_percent", "int", 50, "Processor", "Share of all cores that the engine may use.", "Computer", "%", 1, 100),
    Preference("threads", "int", 0, "Threads", "Compute threads; 0 lets Hivelet choose.", "Computer", "", 0, 256),
    Preference("memory_gb", "float", 2.0, "Memory", "Memory that the hosted experts may take.", "Computer", "GB", 0.1, 1024),
    Preference("use_gpu", "bool", True, "Graphics card", "Use a CUDA device when there is one.", "Computer"),
    Preference("gpu_memory_percent", "int", 50, "Graphics memory", "Share of each device's memory.", "Computer", "%", 1, 100),
    Preference("max_experts", "int", 0, "Experts", "Most experts to host; 0: as many as fit.", "Computer", "", 0, 65536),
    Preference("train", "bool", True, "Train", "Also run training batches, not only host experts.", "Computer"),
    Preference("run_on_battery", "bool", False, "Run on battery", "Keep working while the computer is unplugged.", "Guards"),
    Preference("min_free_memory_gb", "float", 0.5, "Memory to leave free", "Hold work while less is free.", "Guards", "GB", 0, 1024),
    Preference("min_free_disk_gb", "float", 1.0, "Disk to leave free", "Hold work while less is free.", "Guards", "GB", 0, 1024),
    Preference("start_at_login", "bool", False, "Start at login", "Start Hivelet with your session.", "Window"),
    Preference("start_hidden", "bool", False, "Start in the tray", "Do not open the window at start.", "Window"),
    Preference("theme", "choice", "system", "Appearance", "Light, dark, or as the system.", "Window", choices=("system", "light", "dark")),
)  # fmt: skip

BY_NAME: dict[str, Preference] = {preference.name: preference for preference in PREFERENCES}
