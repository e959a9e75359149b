"""What `hivelet doctor` finds: this computer, what it could host, and whether its engine is well."""

from core.cli.inspection import update_words
from core.control.client import ControlClient
from core.control.snapshot import EngineSnapshot
from core.errors import ControlError, HiveletError, NotRunning
from core.host.capacity import plan_experts
from core.host.devices import TorchDevices
from core.host.hardware import detect
from core.host.nvidia import SystemDriver, torch_has_cuda, unused_card
from core.host.speed import measured_speeds
from core.host.usage import SystemSensors
from core.paths import Home
from core.preferences_file import Preferences
from core.projects.manifest import BUILTIN, builtin
from core.projects.registry import ProjectRegistry

Finding = tuple[str, bool, str]
"""(subject, whether it is good, one sentence)."""


def diagnose(home_option: str | None) -> list[Finding]:
    """Look at everything; what cannot be looked at is a finding, too."""
    home = Home.find(home_option)
    findings: list[Finding] = []
    try:
        home.create()
        findings.append(("home", True, f"{home.root} can be written."))
    except HiveletError as error:
        return [("home", False, str(error))]
    preferences, problems = Preferences.load(home.preferences)
    findings += [("preferences", False, problem) for problem in problems]
    findings += _hardware(home, preferences)
    findings += _engine(home)
    return findings


def _hardware(home: Home, preferences: Preferences) -> list[Finding]:
    layer = TorchDevices()
    hardware = detect(layer, use_gpu=preferences.flag("use_gpu"))
    speeds = measured_speeds(home.speed, hardware, layer)
    findings: list[Finding] = [
        ("processor", True, f"{hardware.cpu_label}, {hardware.cores:g} cores, {speeds.get('cpu', 0.0):.0f} GFLOP/s."),
        ("memory", True, f"{hardware.memory_available / 1e9:.1f} of {hardware.memory_total / 1e9:.1f} GB are free."),
    ]
    findings += [
        ("graphics", True, f"{gpu.label} ({gpu.name}), {speeds.get(gpu.name, 0.0):.0f} GFLOP/s.")
        for gpu in hardware.gpus
    ]
    findings += [("graphics", False, problem) for problem in hardware.problems]
    unused = unused_card(SystemDriver(), torch_has_cuda=torch_has_cuda()) if preferences.flag("use_gpu") else None
    findings += [("graphics", False, unused)] if unused else []
    power = SystemSensors(home.root).power()
    if power.on_battery and not preferences.flag("run_on_battery"):
        findings.append(("power", False, "On battery: Hivelet waits. Plug in, or set run_on_battery."))
    joined = [each.manifest for each in ProjectRegistry(home).projects()]
    built_in = [builtin(name) for name in BUILTIN if name not in {project.name for project in joined}]
    for project in (*joined, *built_in):
        sizes = [size for layer in project.layers for size in layer.sizes]
        plan = plan_experts(hardware, speeds, preferences, sizes)
        findings += [(f"project {project.name}", plan.count > 0, line) for line in plan.explanation]
    return findings


def _engine(home: Home) -> list[Finding]:
    try:
        now = EngineSnapshot.from_dict(ControlClient(home).call("status"))
    except NotRunning as error:
        return [("engine", False, str(error))]
    except ControlError as error:
        return [("engine", False, f"It runs, but does not answer: {error}")]
    found: list[Finding] = [("engine", now.state != "error", f"{now.state}: {now.headline}")]
    if now.reachability:
        reached = now.reachability_state != "client"
        found.append(("network", reached, f"{now.reachability} {now.reachability_help}".strip()))
    if now.update:
        found.append(("update", False, update_words(now.update)))
    return found
