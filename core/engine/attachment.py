"""From options and preferences to a project that can begin: everything slow, in one thread beside the loop."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from core.durability.snapshots import SnapshotStore
from core.engine.options import EngineOptions
from core.engine.work import ProjectWork, WorkParts
from core.host.capacity import plan_experts
from core.host.devices import TorchDevices
from core.host.hardware import CPU, Hardware, detect
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
    """What was found and loaded. speeds: GFLOP/s by device name."""

    hardware: Hardware
    speeds: Mapping[str, float]
    manifest: Manifest
    dataset: Dataset

    def attach(self, engine: "Engine", node: PeerNode, rpc: Rpc) -> ProjectWork:
        """Build the project's work, in the engine's loop."""
        parts = WorkParts(node, rpc, engine.gate, engine.ledger, SnapshotStore(engine.home.experts), engine.clock)
        devices = (CPU, *(gpu.name for gpu in self.hardware.gpus))
        quick = engine.options.fast_announcements
        work = ProjectWork(self.manifest, self.dataset, devices, parts, quick=quick)
        self.follow(engine.preferences, work)
        return work

    def follow(self, preferences: Preferences, work: ProjectWork) -> None:
        """Bring the work in line with preferences that have changed: how many experts, how many threads, training."""
        torch.set_num_threads(self.hardware.threads(preferences.whole("threads")))
        specs = [each.expert for each in self.manifest.layers]
        plan = plan_experts(self.hardware, self.speeds, preferences, specs, self.manifest.experts_total)
        work.follow(plan, train=preferences.flag("train"))


def prepare(home: Home, options: EngineOptions, preferences: Preferences, manifest: Manifest) -> Prepared:
    """Measure and load. Raises HiveletError."""
    layer = TorchDevices()
    # Looked for even where the preferences leave it alone now: they may change while the engine runs.
    hardware = detect(layer)
    threads = hardware.threads(preferences.whole("threads"))
    configure_torch(threads)
    speeds = measured_speeds(home.speed, hardware, layer, threads)
    return Prepared(hardware, speeds, manifest, load_dataset(manifest, options.data))


def configure_torch(threads: int) -> None:
    """What torch is told once a process, before it computes. threads: of one computation."""
    torch.set_num_threads(threads)
    if platform.machine().lower() in ("x86_64", "amd64"):
        # oneDNN keeps a compiled kernel for every batch size, and ours are all different: its cache grows with use.
        torch.backends.mkldnn.enabled = False  # type: ignore[assignment]
