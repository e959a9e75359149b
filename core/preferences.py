"""Every preference, declared once: name, type, unit, default, range, help. Window, command line, file derive from it.

`core.preferences_file` keeps the values; `core.preference` says what a preference is; `core.week` reads its times.
"""

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from core.errors import PreferenceError
from core.preference import Kind, Preference, Value, device_shares, program_names, shown
from core.week import DayHours, WeekLevels

__all__ = (
    "BY_NAME",
    "GROUPS",
    "PREFERENCES",
    "PRESETS",
    "DayHours",
    "Kind",
    "Preference",
    "Value",
    "WeekLevels",
    "device_shares",
    "find",
    "preset_of",
    "program_names",
)

PREFERENCES: tuple[Preference, ...] = (
    Preference(
        "mode", "choice", "auto", "Mode",
        "auto follows every rule, always only the guards.",
        "Computer", choices=("auto", "always", "paused"),
    ),
    Preference(
        "cpu_percent", "int", 50, "Processor",
        "How much of all cores together the engine may use. It keeps to this by pausing between batches.",
        "Computer", "%", 0, 100,
    ),
    Preference(
        "cpu_percent_in_use", "int", 25, "Processor while in use",
        "The same while you use the computer. 0: compute only when nobody uses it.",
        "Computer", "%", 0, 100,
    ),
    Preference(
        "threads", "int", 0, "Threads",
        "On how many cores one computation may run at once. 0 lets Hivelet choose.",
        "Computer", "", 0, 256, zero="automatic",
    ),
    Preference(
        "memory_gb", "float", 2.0, "Memory",
        "Main memory that the hosted experts may take.",
        "Computer", "GB", 0.1, 1024,
    ),
    Preference(
        "disk_gb", "float", 20.0, "Disk",
        "Room on the disk that saved experts may take; fewer are hosted when it is too small for more.",
        "Computer", "GB", 1, 10000,
    ),
    Preference(
        "use_gpu", "bool", True, "Graphics card",
        "Compute on a graphics card with CUDA when there is one.",
        "Computer",
    ),
    Preference(
        "gpu_percent", "int", 100, "Graphics card's time",
        "How much of the time hosted experts may keep each graphics card busy. It rests between batches.",
        "Computer", "%", 1, 100,
    ),
    Preference(
        "gpu_percent_by_card", "devices", "", "Time of single cards",
        "The same for single graphics cards, for example cuda:0=50, cuda:1=100.",
        "Computer", zero="as above",
    ),
    Preference(
        "gpu_memory_percent", "int", 50, "Graphics memory",
        "How much of each graphics card's memory the hosted experts may take.",
        "Computer", "%", 1, 100,
    ),
    Preference(
        "gpu_memory_percent_by_card", "devices", "", "Memory of single cards",
        "The same for single graphics cards, for example cuda:0=50, cuda:1=100.",
        "Computer", zero="as above",
    ),
    Preference(
        "max_experts", "int", 0, "Experts",
        "How many experts to host at most. 0: as many as fit.",
        "Computer", "", 0, 65536, zero="automatic",
    ),
    Preference(
        "train", "bool", True, "Train",
        "Run training batches too. Without it, this computer only hosts experts for others.",
        "Computer",
    ),
    Preference(
        "idle_after_min", "int", 3, "Idle after",
        "The computer counts as in use until keyboard and mouse have rested for so long.",
        "While you use it", "min", 0, 120,
    ),
    Preference(
        "ramp_min", "int", 2, "Ramp",
        "How long it takes from the level in use to the full one; your first key press brings it back at once.",
        "While you use it", "min", 0, 120, zero="at once",
    ),
    Preference(
        "pause_on_fullscreen", "bool", True, "Wait for fullscreen programs",
        "Compute nothing while a game, a film or a presentation fills the screen.",
        "While you use it",
    ),
    Preference(
        "exclusive_apps", "names", "", "Wait for programs",
        "Compute nothing while one of these programs runs, for example blender, steam.",
        "While you use it", zero="none",
    ),
    Preference(
        "busy_percent", "int", 0, "Wait for busy programs",
        "Compute nothing while other programs use more of the processor than this. 0: never wait for them.",
        "While you use it", "%", 0, 100, zero="never",
    ),
    Preference(
        "schedule", "week", "", "Schedule",
        "How much of the allowed share may be used in each hour of the week.",
        "While you use it", zero="always all",
    ),
    Preference(
        "run_on_battery", "bool", False, "Run on battery",
        "Keep working while the computer is unplugged.",
        "Guards",
    ),
    Preference(
        "battery_min_percent", "int", 20, "Lowest charge",
        "Unplugged and below this charge, work is held until the battery is charged again. 0: at any charge.",
        "Guards", "%", 0, 100, zero="any charge",
    ),
    Preference(
        "battery_resume_percent", "int", 40, "Charged again",
        "The charge at which a battery that was too low counts as charged again.",
        "Guards", "%", 0, 100,
    ),
    Preference(
        "temperature_target", "int", 80, "Temperature to keep",
        "Above this temperature of the processor the engine slows down until it is kept. 0: never.",
        "Guards", "°C", 0, 110, zero="never",
    ),
    Preference(
        "temperature_max", "int", 95, "Highest temperature",
        "At this temperature work is held until the processor is 8 °C cooler. 0: never.",
        "Guards", "°C", 0, 110, zero="never",
    ),
    Preference(
        "min_free_memory_gb", "float", 0.5, "Memory to leave free",
        "Work is held while less main memory than this is free for other programs.",
        "Guards", "GB", 0, 1024, zero="none",
    ),
    Preference(
        "min_free_disk_gb", "float", 1.0, "Disk to leave free",
        "Work is held while less than this is free on the disk that Hivelet writes to.",
        "Guards", "GB", 0, 1024, zero="none",
    ),
    Preference(
        "run_on_metered", "bool", False, "Run on metered networks",
        "Keep working while the network is one that is paid by volume, such as a telephone's.",
        "Network",
    ),
    Preference(
        "monthly_traffic_gb", "float", 0.0, "Traffic in a month",
        "Work is held when so much was sent and received since the first of the month. 0: no limit.",
        "Network", "GB", 0, 100000, zero="no limit",
    ),
    Preference(
        "upload_limit", "float", 0.0, "Upload",
        "The most that is sent to other peers in a second. 0: no limit.",
        "Network", "MB/s", 0, 10000, zero="no limit",
    ),
    Preference(
        "download_limit", "float", 0.0, "Download",
        "The most that is received from other peers in a second. 0: no limit.",
        "Network", "MB/s", 0, 10000, zero="no limit",
    ),
    Preference(
        "lan_discovery", "bool", True, "Nearby computers",
        "Say in the home's network that Hivelet runs here, under a random name, and listen for others.",
        "Network",
    ),
    Preference(
        "port_mapping", "bool", True, "Open ports",
        "Ask the router (UPnP, NAT-PMP) to let others reach this computer. It closes the ports when Hivelet ends.",
        "Network",
    ),
    Preference(
        "relay_for_others", "bool", True, "Help others to be reached",
        "Pass on sealed data, a little at a time, between peers that cannot reach each other. Nobody can read it here.",
        "Network",
    ),
    Preference(
        "keep_awake", "bool", False, "Keep awake",
        "Keep the computer from falling asleep while it is plugged in and works.",
        "System",
    ),
    Preference(
        "start_at_login", "bool", False, "Start at login",
        "Start Hivelet when you log in to this computer.",
        "System",
    ),
    Preference(
        "cpu_watts", "int", 0, "Power of the processor",
        "What the processor draws at full load, for the estimate of electricity. 0: guessed from its cores.",
        "System", "W", 0, 1000, zero="guessed",
    ),
    Preference(
        "update_notice", "bool", True, "Tell of new versions",
        "Look in the swarm for news of Hivelet, signed by its publisher. Nothing is downloaded or installed by itself.",
        "System",
    ),
    Preference(
        "start_hidden", "bool", False, "Start in the tray",
        "Do not open the window at start; the tray icon opens it.",
        "Window",
    ),
    Preference(
        "quiet_hours", "hours", "", "Quiet hours",
        "Show no notifications at this time of the day.",
        "Window", zero="none",
    ),
    Preference(
        "theme", "choice", "system", "Appearance",
        "Light, dark, or as the system is.",
        "Window", choices=("system", "light", "dark"),
    ),
    Preference(
        "language", "choice", "system", "Language",
        "The language of the window. It opens anew when you change this.",
        "Window", choices=("system", "english", "deutsch"),
    ),
)  # fmt: skip

BY_NAME: dict[str, Preference] = {preference.name: preference for preference in PREFERENCES}

GROUPS: dict[str, str] = {
    "Computer": "what the engine may use",
    "While you use it": "not in the mode always",
    "Guards": "they hold in every mode",
    "Network": "what may travel",
    "System": "beside computing",
    "Window": "this window",
}
"""The cards of the preferences page in their order, each with a hint."""

PRESETS: Mapping[str, Mapping[str, Value]] = MappingProxyType({
    "gentle": MappingProxyType({
        "cpu_percent": 50, "cpu_percent_in_use": 10, "memory_gb": 1.0, "gpu_memory_percent": 30,
        "idle_after_min": 5, "ramp_min": 5, "pause_on_fullscreen": True, "busy_percent": 50,
        "run_on_battery": False, "temperature_target": 70,
    }),
    "balanced": MappingProxyType({
        "cpu_percent": 75, "cpu_percent_in_use": 30, "memory_gb": 4.0, "gpu_memory_percent": 60,
        "idle_after_min": 3, "ramp_min": 2, "pause_on_fullscreen": True, "busy_percent": 75,
        "run_on_battery": False, "temperature_target": 80,
    }),
    "everything": MappingProxyType({
        "cpu_percent": 100, "cpu_percent_in_use": 100, "memory_gb": 16.0, "gpu_memory_percent": 90,
        "idle_after_min": 1, "ramp_min": 0, "pause_on_fullscreen": False, "busy_percent": 0,
        "run_on_battery": True, "temperature_target": 90,
    }),
})  # fmt: skip
"""Sets of values to begin with. None of them lowers a guard on memory, disk, heat or traffic."""


def preset_of(values: Mapping[str, Value]) -> str:
    """The preset that these values agree with, or ""."""
    for name, preset in PRESETS.items():
        if all(values.get(key) == value for key, value in preset.items()):
            return name
    return ""


def find(name: str) -> Preference:
    """The declaration of that name. Raises PreferenceError with the nearest name when there is none."""
    if name in BY_NAME:
        return BY_NAME[name]
    near = difflib.get_close_matches(name, BY_NAME, n=1)
    hint = f"Did you mean {near[0]}?" if near else "`hivelet preferences` lists all."
    raise PreferenceError(f"There is no preference {shown(name)}. {hint}")
