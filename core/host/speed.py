"""How fast this computer's devices are: measured once, remembered until the hardware or torch changes."""

import json
import logging
import math
from pathlib import Path

from core.errors import HardwareError, HomeError
from core.files import write_atomically
from core.host.devices import DeviceLayer
from core.host.hardware import CPU, Hardware

log = logging.getLogger(__name__)

_SECONDS_EACH = 0.3
_MAX_BYTES = 65536
_MAX_ENTRIES = 64


def measured_speeds(path: Path, hardware: Hardware, layer: DeviceLayer) -> dict[str, float]:
    """GFLOP/s (float32) by device name, "cpu" included: with all cores that may be used; a device that cannot compute
    is left out.

    path: `Home.speed`. Changes how many threads torch computes with.
    """
    layer.use_cores(hardware.real_cores)
    known = _load(path)
    labels = {CPU: f"{hardware.cpu_label} × {hardware.real_cores}", **{gpu.name: gpu.label for gpu in hardware.gpus}}
    keys = {name: f"{label} | {layer.version}" for name, label in labels.items()}
    speeds = {name: known[key] for name, key in keys.items() if key in known}
    fresh: dict[str, float] = {}
    for name in keys.keys() - speeds.keys():
        try:
            speeds[name] = fresh[keys[name]] = layer.gflops(name, _SECONDS_EACH)
        except HardwareError as error:
            log.warning("%s", error)
    if fresh:
        newest = dict(list({**known, **fresh}.items())[-_MAX_ENTRIES:])
        try:
            write_atomically(path, json.dumps(newest, indent=1).encode())
        except HomeError as error:
            log.warning("%s The speed is measured again at the next start.", error)
    return speeds


def _load(path: Path) -> dict[str, float]:
    """What the file knows; a broken one knows nothing and is measured anew."""
    try:
        with path.open("rb") as file:
            entries = json.loads(file.read(_MAX_BYTES))
    except (OSError, ValueError):
        return {}
    if not isinstance(entries, dict):
        return {}
    return {
        key: float(value)
        for key, value in entries.items()
        if isinstance(value, int | float) and math.isfinite(value) and value > 0
    }
