"""Everything that one attached project keeps running: hosted experts, their announcements, the trainer, averaging."""

import asyncio
import hashlib
import logging
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from core.control.snapshot import ExpertView, HostingView, ProjectView
from core.durability.snapshots import SnapshotStore
from core.engine.hosting_view import hosting_view
from core.engine.saving import Saving
from core.engine.training_gate import TrainingGate
from core.engine.writing import Writer
from core.errors import HiveletError
from core.experts.claims import ClaimConfig, ExpertClaims
from core.experts.directory import DirectoryConfig, ExpertDirectory
from core.experts.line import AUTO, WireEncoding
from core.experts.remote_expert import CallerConfig, ExpertCaller
from core.experts.service import ExpertHost
from core.host.budget import BudgetGate
from core.host.capacity import HostPlan, misplaced
from core.ledger.contribution import ContributionLedger
from core.moe.mixture import RemoteMixtureOfExperts
from core.projects.manifest import LayerSpec, Manifest
from core.training.averaging import AveragingConfig, TrunkAverager
from core.training.data import Dataset
from core.training.evaluation import Evaluation
from core.training.trainer import Trainer, TrainerConfig
from net.clock import Clock
from net.errors import NetError
from net.identity import peer_id_of
from net.node import PeerNode
from net.rpc.base import StartingRpc

log = logging.getLogger("hivelet.work")

STOP_TRAINER_S = 3.0
LEAVE_S = 3.0
FIRST_EVALUATION_S = 20.0
EVALUATE_EVERY_S = 60.0
QUICK_EVALUATION_S = 3.0
WAIT_FOR_EXPERTS_S = 15.0
LOOK_S = 0.1
QUICK_REFRESH_S = 1.0
DIGEST_NUMBERS = 64


@dataclass(frozen=True, slots=True)
class WorkParts:
    """What a project's work is built from; all of it outlives the work."""

    node: PeerNode
    rpc: StartingRpc  # the node's, or one that disturbs on purpose
    gate: BudgetGate
    ledger: ContributionLedger
    snapshots: SnapshotStore
    clock: Clock
    precision: Callable[[str], str] = lambda _: "float32"  # of each device's arithmetic
    lanes: int = 1  # batches that the processor computes at a time, of experts and of the trainer


class ProjectWork:
    """One project, attached. Everything here belongs to the engine's loop, except where a thread is named.

    devices: names of all that experts may live on; quick: for a swarm in which peers come and go within seconds.
    """

    def __init__(
        self, manifest: Manifest, dataset: Dataset, devices: Sequence[str], parts: WorkParts, *, quick: bool
    ) -> None:
        self.manifest = manifest
        self.plan = HostPlan(0, (), ())
        self.evaluation: Evaluation | None = None
        self._parts = parts
        self._dataset = dataset
        self._training = TrainingGate(parts.gate)
        self._may_train = asyncio.Event()
        self._held = False
        node, project_id = parts.node, manifest.project_id
        grids = [layer.grid for layer in manifest.layers]
        self.host = ExpertHost(
            parts.rpc,
            project_id,
            devices,
            parts.gate,
            self._count_work,
            parts.clock,
            precision=parts.precision,
            lanes=parts.lanes,
        )
        self.directory = ExpertDirectory(
            node.dht,
            parts.rpc,
            lambda: node.contact,
            project_id,
            grids,
            parts.clock,
            DirectoryConfig(refresh_s=QUICK_REFRESH_S) if quick else None,
        )
        loop = asyncio.get_running_loop()
        self.caller = ExpertCaller(
            parts.rpc, self.directory, self.host, loop, project_id, CallerConfig(WireEncoding.of(AUTO))
        )
        self.claims = ExpertClaims(
            node.dht,
            self.directory,
            self.host,
            allowed=0,
            acquire=self._acquire,
            release=self._release,
            config=ClaimConfig.quick() if quick else ClaimConfig(),
            rng=random.Random(node.peer_id),
        )
        seed = int.from_bytes(node.peer_id[:6], "big")
        config = TrainerConfig.of(manifest, seed=seed, lanes=parts.lanes)
        self.trainer = Trainer(manifest, self._mixture, dataset, self._training, config)
        self.averager = TrunkAverager(
            parts.rpc,
            node.dht,
            lambda: node.contact,
            project_id,
            self.trainer.trunk,
            parts.clock,
            manifest.average_every_s,
            config=AveragingConfig.quick() if quick else None,
        )
        self.writer = Writer(self.trainer.stream, self._host_of)
        self._tasks: list[asyncio.Task[None]] = []
        self._saving = Saving(parts.snapshots, project_id, self.host, self.trainer.trunk)

    # --- life -----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Serve, announce, train."""
        await asyncio.to_thread(self._saving.sweep)
        await asyncio.to_thread(self._saving.restore_trunk)
        self.host.start()
        self._spawn("directory", self.directory.run())
        self._spawn("claims", self.claims.run())
        self._spawn("save", self._saving.run())
        self._spawn("train", self._begin_training())

    def follow(self, plan: HostPlan, *, train: bool) -> None:
        """Host as many experts as this plan says from now on, where it says, and run batches of its own or not."""
        self.plan = plan
        self.claims.allow(plan.count, self._compare)
        for device, nbytes in plan.kept.items():
            self.host.limit_kept(device, nbytes)
        if misplaced(plan, self._placed()):
            self._spawn("move", asyncio.to_thread(self._move))
        self._training.allow(train)
        if train:
            self._may_train.set()

    def keep(self, name: str, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run something of the engine's for as long as this work lasts."""
        self._spawn(name, coroutine)

    def hold(self) -> None:
        """The gate is closed: tell the swarm that nobody needs to ask here, and that nothing is vacant."""
        self._held = True
        self.claims.wake()

    def release(self) -> None:
        """The gate is open again."""
        self._held = False
        self.claims.wake()

    def woke(self) -> None:
        """The computer slept: what it announced has lapsed, and the others' model has gone on without it."""
        self.claims.lapse()
        self.averager.woke()

    async def drain(self, timeout: float) -> None:
        """Start no new training batch, and wait for those under way."""
        await asyncio.to_thread(self.trainer.stop, timeout)

    async def stop(self) -> None:
        """Stop everything, keep the trunk and every expert, say goodbye to the swarm. Never raises."""
        await self.writer.close()
        await asyncio.to_thread(self.trainer.stop, STOP_TRAINER_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            async with asyncio.timeout(LEAVE_S):
                await asyncio.gather(self.claims.withdraw(), self.averager.leave())
        except (TimeoutError, NetError) as error:
            log.warning("The swarm could not be told that the experts here are gone: %r", error)
        await self.host.close()
        await asyncio.to_thread(self._saving.save)

    def _spawn(self, name: str, coroutine: Coroutine[Any, Any, None]) -> None:
        async def guarded() -> None:
            try:
                await coroutine
            except Exception:
                # A part that dies must not take the others along; the log says why, and the counters show it.
                log.exception("The part %r stopped.", name)

        self._tasks.append(asyncio.create_task(guarded(), name=name))

    async def _begin_training(self) -> None:
        """Take over another trainer's trunk where there is one, then train and meet others from time to time."""
        await self._may_train.wait()
        await self.averager.join()
        # Batches that no expert can answer yet would teach the trunk to do without experts.
        end = self._parts.clock.monotonic() + WAIT_FOR_EXPERTS_S
        while self._parts.clock.monotonic() < end and not self._every_layer_lives():  # noqa: ASYNC110 - a thread-safe view has no event
            await asyncio.sleep(LOOK_S)
        self.trainer.start()
        self._spawn("evaluate", self._keep_evaluating())
        await self.averager.run()

    async def _keep_evaluating(self) -> None:
        """Now and then look how good the model has become; that is what the volunteer sees improve."""
        wait = FIRST_EVALUATION_S
        while True:
            await asyncio.sleep(wait)
            wait = EVALUATE_EVERY_S
            if not self._held:
                try:
                    found = await self.evaluate(QUICK_EVALUATION_S)
                    log.info("Held-out %s: %.3f.", found.metric.replace("_", " "), found.value)
                except HiveletError as error:
                    log.warning("The model could not be evaluated: %s", error)

    def _every_layer_lives(self) -> bool:
        return all(len(self.directory.alive(layer.prefix)) for layer in self.manifest.layers)

    def _compare(self, uid: str) -> int:
        """An expert's size against the planned one."""
        return self._layer(uid).expert_of(uid).inner - self.plan.inner if self.plan.inner else 0

    # --- experts --------------------------------------------------------------------------------------------

    async def _acquire(self, uid: str) -> None:
        """Begin to host an expert: as it was when this computer hosted it last, or fresh."""
        await asyncio.to_thread(self._take, uid)
        log.info("Hosting %s, from step %d.", uid, self.host.steps(uid))

    def _take(self, uid: str) -> None:
        spec = self._layer(uid).expert_of(uid)
        saved = self._saving.expert(uid)
        seed = int.from_bytes(hashlib.sha256(f"{self.manifest.seed}/{uid}".encode()).digest()[:7], "big")
        device = self._device_with_room()
        try:
            self.host.add(uid, spec, seed, saved, device)
        except HiveletError as error:
            if not saved:
                raise
            log.warning("The saved state of %s cannot be used (%s); it begins anew.", uid, error)
            self.host.add(uid, spec, seed, None, device)

    def _device_with_room(self) -> str:
        """The first device, in the plan's order, that has fewer experts than planned."""
        room = Counter(self.plan.devices)
        room.subtract(self.host.device_of(uid) for uid in self.host.uids)
        return next((name for name in self.plan.devices if room[name] > 0), next(iter(self.plan.devices), "cpu"))

    def _placed(self) -> dict[str, str]:
        return {uid: self.host.device_of(uid) for uid in self.host.uids}

    def _move(self) -> None:
        """Bring experts where the plan wants them: a card may no longer be used, or may be used now."""
        for uid, device in misplaced(self.plan, self._placed()):
            try:
                self.host.move(uid, device)
                log.info("%s is computed by %s now.", uid, device)
            except (HiveletError, RuntimeError) as error:  # torch raises the latter where a card has no memory left
                log.warning("%s could not be moved to %s: %s", uid, device, error)

    async def _release(self, uid: str) -> None:
        """Another peer has the better right to this expert, or fewer are allowed here."""
        log.info("Letting go of %s.", uid)
        self.host.remove(uid)
        await self._saving.forget(uid)

    def _layer(self, uid: str) -> LayerSpec:
        return next(layer for layer in self.manifest.layers if layer.grid.contains(uid))

    def _count_work(self, uid: str, samples: int, flops: float, seconds: float) -> None:
        """A batch was served; called by runtime threads."""
        self._parts.ledger.add(samples, flops, seconds, uid)

    # --- training -------------------------------------------------------------------------------------------

    def _mixture(self, layer: LayerSpec) -> RemoteMixtureOfExperts:
        return RemoteMixtureOfExperts(
            in_features=layer.expert.hidden,
            grid=layer.grid,
            caller=self.caller,
            directory=self.directory,
            k_best=layer.k_best,
        )

    async def evaluate(self, deadline_s: float) -> Evaluation:
        """Measure the model on held-out data through the swarm. Raises HiveletError when that is impossible."""
        self.evaluation = await asyncio.to_thread(self.trainer.evaluate, deadline_s, self._parts.gate)
        return self.evaluation

    async def generate(self, prompt: str, length: int) -> str:
        """Continue a text. Raises HiveletError."""
        return await asyncio.to_thread(self.trainer.generate, prompt, length)

    def _host_of(self, uid: str) -> str:
        """The peer that hosts an expert, "" for this one and for nobody. From any thread."""
        contact = self.directory.host_of(uid)
        peer_id = peer_id_of(contact.public_key) if contact is not None else self.directory.peer_id
        return "" if peer_id == self.directory.peer_id else peer_id.hex()

    def trunk_digest(self) -> dict[str, Any]:
        """The trunk in a few numbers, so that two trainers' can be compared."""
        age, vector = self.trainer.trunk.read()
        step = max(1, vector.numel() // DIGEST_NUMBERS)
        return {
            "age": age,
            "digest": hashlib.sha256(vector.numpy().tobytes()).hexdigest(),
            "norm": float(vector.norm()),
            "vector_sample": vector[::step][:DIGEST_NUMBERS].tolist(),
        }

    # --- what is shown --------------------------------------------------------------------------------------

    def view(self) -> ProjectView:
        """How the project goes, as this engine sees it."""
        stats, evaluation, counts = self.trainer.stats(), self.evaluation, self.caller.counters.counts
        return ProjectView(
            project_id=self.manifest.project_id.hex(),
            name=self.manifest.name,
            title=self.manifest.title,
            task=self.manifest.task,
            metric=self.manifest.metric,
            step=stats.step,
            loss=stats.loss,
            metric_value=evaluation.value if evaluation else None,
            baseline=self._dataset.baseline,
            samples_per_s=stats.samples_per_s,
            trainers=self.averager.trainers_seen,
            experts_total=self.directory.experts_total,
            experts_alive=self.directory.experts_alive,
            rpc_calls=counts.rpc_calls,
            rpc_failures=counts.rpc_failures,
            passed_through=counts.passed_through,
        )

    def hosting(self) -> HostingView:
        """How hosting keeps its house."""
        return hosting_view(self.host, self.caller.checks, self._parts.clock)

    def experts(self) -> tuple[ExpertView, ...]:
        """The hosted experts."""
        return tuple(
            ExpertView(
                uid=each.uid,
                state="paused" if self._held else "serving" if each.samples_per_s > 0 else "idle",
                samples_per_s=each.samples_per_s,
                served=each.served,
                served_today=self._parts.ledger.expert_samples_today(each.uid),
                step=each.steps,
                latency_ms=each.latency_s * 1000,
                device=each.device,
                memory_bytes=each.memory_bytes,
            )
            for each in self.host.stats()
        )
