"""From options and preferences to a project that can begin: everything slow, in one thread beside the loop."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.durability.snapshots import SnapshotStore
from core.engine.options import EngineOptions
from core.engine.work import ProjectWork, WorkParts
from core.host.capacity import HostPlan, plan_experts, worth_following
from core.host.devices import DeviceLayer, TorchDevices
from core.host.hardware import CPU, Hardware, detect
from core.host.nvidia import SystemDriver, torch_has_cuda, unused_card
from core.host.policy import Decision
from core.host.speed import measured_speeds
from core.host.torch_setup import compute_with, configure_torch
from core.host.usage import SystemSensors
from core.paths import Home
from core.preference import device_shares
from core.preferences_file import Preferences
from core.projects.manifest import Manifest
from core.training.data import Dataset, load_dataset
from net.node import PeerNode
from net.rpc.base import StartingRpc

if TYPE_CHECKING:
    from core.engine.driver import Engine

log = logging.getLogger("hivelet.work")

REPLAN_S = 60.0
LEAST_SHARE = 0.01
"""Less than this is a pause, which policy alone decides."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was found and loaded. speeds: GFLOP/s by device name; resident: this process's memory at that moment;
    unused: the sentence about a graphics card that only another torch could use."""

    layer: DeviceLayer
    hardware: Hardware
    speeds: Mapping[str, float]
    manifest: Manifest
    dataset: Dataset
    resident: int
    unused: str = ""

    def attach(self, engine: "Engine", node: PeerNode, rpc: StartingRpc) -> ProjectWork:
        """Build the project's work, in the engine's loop."""
        parts = WorkParts(
            node,
            rpc,
            engine.gate,
            engine.ledger,
            SnapshotStore(engine.home.experts),
            engine.clock,
            self.layer.precision,
            self.hardware.lanes,
        )
        devices = (CPU, *(gpu.name for gpu in self.hardware.gpus))
        quick = engine.options.fast_announcements
        work = ProjectWork(self.manifest, self.dataset, devices, parts, quick=quick)
        self.follow(engine.preferences, work)
        work.keep("plan", self._keep_planning(engine, work))
        return work

    def follow(self, preferences: Preferences, work: ProjectWork) -> None:
        """Bring the work in line with preferences that have changed: how many experts, how many threads, training."""
        compute_with(self.hardware.threads(preferences.whole("threads")))
        work.follow(self._plan(self.hardware, preferences), train=preferences.flag("train"))

    def limit_cards(self, preferences: Preferences, decision: Decision, work: ProjectWork) -> None:
        """Graphics cards work less, too, while the computer is in use, hot, or scheduled to: in the same proportion."""
        full, single = preferences.number("cpu_percent") / 100, device_shares(preferences.text("gpu_percent_by_card"))
        part = decision.share / full if full > 0 else 1.0
        for gpu in self.hardware.gpus:
            share = single.get(gpu.name, preferences.number("gpu_percent") / 100) * part
            work.host.limit(gpu.name, min(1.0, max(LEAST_SHARE, share)))

    def _plan(self, hardware: Hardware, preferences: Preferences) -> HostPlan:
        sizes = [size for layer in self.manifest.layers for size in layer.sizes]
        return plan_experts(hardware, self.speeds, preferences, sizes)

    async def _keep_planning(self, engine: "Engine", work: ProjectWork) -> None:
        """Look at the memory from time to time: other programs need some, or have left some, or a card is gone."""
        while True:
            await asyncio.sleep(REPLAN_S)
            now = await asyncio.to_thread(detect, self.layer)
            # What this engine has taken since it looked first is still its own to plan with.
            own = max(0, engine.usage.usage().resident_bytes - self.resident)
            # A card that came later has no thread that computes on it before the next start.
            cards = tuple(gpu for gpu in now.gpus if gpu.name in {known.name for known in self.hardware.gpus})
            seen = replace(now, memory_available=now.memory_available + own, gpus=cards)
            plan = self._plan(seen, engine.preferences)
            if worth_following(work.plan, plan):
                log.info("Planned anew: %d experts instead of %d.", plan.count, work.plan.count)
                for line in plan.explanation:
                    log.info("%s", line)
                work.follow(plan, train=engine.preferences.flag("train"))


def prepare(home: Home, options: EngineOptions, preferences: Preferences, manifest: Manifest) -> Prepared:
    """Measure and load. Raises HiveletError."""
    layer = TorchDevices()
    # Looked for even where the preferences leave it alone now: they may change while the engine runs.
    hardware = detect(layer)
    speeds = measured_speeds(home.speed, hardware, layer)
    configure_torch(hardware.threads(preferences.whole("threads")))
    dataset = load_dataset(manifest, options.data)
    unused = unused_card(SystemDriver(), torch_has_cuda=torch_has_cuda()) or ""
    resident = SystemSensors(home.root).resident_bytes()
    return Prepared(layer, hardware, speeds, manifest, dataset, resident, unused)
