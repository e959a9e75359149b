"""From options and preferences to a project that can begin: everything slow, in one thread beside the loop."""

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from core.control.snapshot import HardwareView
from core.durability.snapshots import SnapshotStore
from core.engine.options import EngineOptions
from core.engine.work import ProjectWork, WorkParts
from core.host.capacity import HostPlan, plan_experts
from core.host.devices import TorchDevices
from core.host.hardware import detect
from core.host.speed import measured_speeds
from core.paths import Home
from core.preferences_file import Preferences
from core.projects.manifest import Manifest
from core.training.data import Dataset, load_dataset
from net.node import PeerNode
from net.rpc.base import Rpc

if TYPE_CHECKING:
    from core.engine.driver import Engine


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was found and loaded. problems: sentences about hardware that cannot be used."""

    hardware: HardwareView
    problems: tuple[str, ...]
    plan: HostPlan
    manifest: Manifest
    dataset: Dataset
    train: bool

    def attach(self, engine: "Engine", node: PeerNode, rpc: Rpc) -> ProjectWork:
        """Build the project's work, in the engine's loop."""
        parts = WorkParts(node, rpc, engine.gate, engine.ledger, SnapshotStore(engine.home.experts), engine.clock)
        quick = engine.options.fast_announcements
        return ProjectWork(self.manifest, self.dataset, self.plan, parts, train=self.train, quick=quick)


def prepare(home: Home, options: EngineOptions, preferences: Preferences, manifest: Manifest) -> Prepared:
    """Measure and load. Raises HiveletError."""
    layer = TorchDevices()
    hardware = detect(layer, use_gpu=preferences.flag("use_gpu"))
    threads = hardware.threads(preferences.whole("threads"))
    _configure_torch(threads)
    speeds = measured_speeds(home.speed, hardware, layer, threads)
    specs = [each.expert for each in manifest.layers]
    plan = plan_experts(hardware, speeds, preferences, specs, manifest.experts_total)
    dataset = load_dataset(manifest, options.data)
    return Prepared(hardware.view(speeds), hardware.problems, plan, manifest, dataset, preferences.flag("train"))


def _configure_torch(threads: int) -> None:
    torch.set_num_threads(threads)
    if platform.machine().lower() in ("x86_64", "amd64"):
        # oneDNN keeps a compiled kernel for every batch size, and ours are all different: tens of megabytes, and no
        # faster than the plain matrix product that takes its place.
        torch.backends.mkldnn.enabled = False  # type: ignore[assignment]
