"""The engine's one visible wiring: builds the parts, feeds the state machine, performs what it decides."""

import asyncio
import contextlib
import dataclasses
import logging
import random
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from core import autostart
from core.control.history import History
from core.control.log_buffer import LogBuffer
from core.control.server import ControlServer
from core.control.snapshot import EngineSnapshot, HardwareView
from core.engine.counting import CountingRpc
from core.engine.disturbance import DisturbedRpc
from core.engine.options import EngineOptions
from core.engine.relaying import relays
from core.engine.report import Report
from core.engine.state import (
    Decided,
    Drain,
    Drained,
    EngineState,
    Event,
    Failed,
    FinishAsked,
    Hold,
    PeersChanged,
    QuitAsked,
    Ready,
    Release,
    SetShare,
    Stop,
)
from core.engine.steering import Steering
from core.engine.surroundings import Surroundings
from core.engine.updates import Updates
from core.errors import HiveletError
from core.host.budget import BudgetGate
from core.host.interpreter import spare_imports
from core.host.limits import usable_cores
from core.host.memory import return_freed_memory
from core.host.overrides import Overrides, StateFile
from core.host.policy import Decision, decide
from core.host.signals import Moment
from core.host.standstill import Standstill
from core.host.usage import SystemSensors, UsageSampler
from core.ledger.contribution import ContributionLedger
from core.paths import Home
from core.preferences_file import Preferences
from core.projects.registry import JoinedProject
from core.release.publisher import publisher_key
from net.addresses import PeerId
from net.clock import SystemClock
from net.errors import NetError
from net.identity import Identity
from net.node import NodeConfig, PeerNode
from net.rpc.base import StartingRpc
from net.rpc.peer import PeerStats
from net.words import say, sentence_of

if TYPE_CHECKING:
    from core.engine.attachment import Prepared
    from core.engine.work import ProjectWork

log = logging.getLogger("hivelet.engine")

TICK_S = 1.0
DRAIN_S = 10.0
SILENT_S = 60.0
SETTLE_S = 0.4


class Engine:
    """One engine. `run` lives until `quit` or `finish`; everything else is called from its loop."""

    def __init__(
        self,
        home: Home,
        options: EngineOptions,
        project: JoinedProject,
        preferences: Preferences,
        identity: Identity,
        log_buffer: LogBuffer,
    ) -> None:
        self.home = home
        self.project = project
        self.options = options
        self.preferences = preferences
        self.log_buffer = log_buffer
        self.identity = identity
        self.clock = SystemClock()
        self.state = EngineState()
        cores = usable_cores()
        self.gate = BudgetGate(cores)
        self.usage = UsageSampler(SystemSensors(home.root), cores)
        self.surroundings = Surroundings(home, self.clock, self.usage, cores)
        self.updates = Updates(home, project.manifest, publisher_key(), lambda: self.preferences.flag("update_notice"))
        self.history = History()
        self.ledger = ContributionLedger(home.ledger)
        self.hardware = HardwareView()
        self.problems: tuple[str, ...] = ()  # sentences about what cannot be used, for the window
        self.unused_card = ""  # the same of a graphics card that only another torch could use
        self.decision = Decision(None, 1.0)
        self.node: PeerNode | None = None
        self.work: ProjectWork | None = None
        self._prepared: Prepared | None = None
        self._state_file = StateFile(home.state)
        self._kept, problems = self._state_file.load()
        for problem in problems:
            log.warning("%s", problem)
        self._met: dict[PeerId, str] = {}
        self._report = Report(self)
        self._gone = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    # --- what others ask for --------------------------------------------------------------------------------

    def quit(self) -> None:
        """Save everything and stop. May be called again and again."""
        self._feed(QuitAsked())

    def finish(self) -> None:
        """Complete the batches under way, save everything, then stop."""
        self._feed(FinishAsked())

    def pause(self, seconds: float | None) -> None:
        """Stop computing: for so long, until `resume` (None), or UNTIL_RESTART. Raises ValueError, HomeError."""
        self._override(Overrides.pause(seconds, self.clock.time()))

    def resume(self) -> None:
        """Compute again, as far as the guards allow. Raises HomeError."""
        if self.preferences.word("mode") == "paused":
            self.change_preferences({"mode": "auto"})
        self._override(Overrides())

    def change_preferences(self, values: dict[str, Any]) -> None:
        """Change preferences, all or none, keep them, and follow them at once. Raises PreferenceError, HomeError."""
        changed = self.preferences.copy()
        changed.update(values)
        autostart.follow(self.home, self.preferences, changed)
        changed.save(self.home.preferences)
        self.preferences.update(values)
        self._decide()
        self.updates.wake()
        if self.node is not None:
            self._cap(self.node)
        if self._prepared is not None and self.work is not None:
            self._prepared.follow(self.preferences, self.work)

    def project_names(self) -> dict[str, str]:
        """Titles of the projects that are attached, by their ids."""
        return {self.project.manifest.project_id.hex(): self.project.manifest.title}

    def snapshot(self) -> EngineSnapshot:
        """Everything about this engine now."""
        return self._report.snapshot()

    def peers(self) -> list[PeerStats]:
        """Other peers that are there now."""
        now = self.clock.monotonic()
        # Of a peer that only dialled us, and that we cannot dial, silence is all that tells its end.
        return [
            peer
            for peer in (self.node.peers() if self.node else ())
            if peer.direction == "out" or now - peer.last_seen < SILENT_S
        ]

    # --- life -----------------------------------------------------------------------------------------------

    async def run(self, announce: Callable[[str], None]) -> int:
        """Start, work, stop. announce: told the address as soon as others can join. Returns the exit code.

        Raises NetError when this engine cannot listen, HiveletError when it cannot be steered or has no project.
        """
        control = ControlServer(self.home, Steering(self).handle)
        await control.start()
        try:
            self.ledger.start()
            self.surroundings.start()
            self._decide()
            self.node = node = await self._listen()
            self._cap(node)
            log.info("Listening at %s, as peer %s.", node.address, node.peer_id.hex()[:16])
            announce(node.address)
            self._spawn(self._load(node))
            quick, own = self.options.fast_announcements, self.identity.public_key
            self._spawn(self.updates.run(node.dht, own, self.clock, lambda: not node.peers(), quick=quick))
            while not self._gone.is_set():
                self._tick()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._gone.wait(), TICK_S)
        finally:
            await self._stop()
            await control.close()
        return 0

    async def _listen(self) -> PeerNode:
        config = NodeConfig(
            listen=self.options.listen,
            bootstrap=(*self.options.bootstrap, *self.project.bootstrap),
            loopback=self.options.loopback,
            contacts_file=self.home.contacts,
            port_mapping=self.preferences.flag("port_mapping"),
            lan_discovery=self.preferences.flag("lan_discovery"),
            record_checks=self.updates.checks,
        )
        return await PeerNode.start(config, self.identity, self.clock)

    async def _load(self, node: PeerNode) -> None:
        """Look at the hardware, load the project, begin. Takes seconds: torch is loaded in a thread beside."""
        if self.updates.required:  # not even looked at: nobody knows what a newer project means to an older program
            self._feed(Ready())
            return
        from core.engine.attachment import prepare  # noqa: PLC0415 - the control socket answers before torch is here

        spare_imports()
        try:
            ready = await asyncio.to_thread(prepare, self.home, self.options, self.preferences, self.project.manifest)
            self.hardware, self.problems = ready.hardware.view(ready.speeds), ready.hardware.problems
            book = self.surroundings.trust
            rpc: StartingRpc = CountingRpc(node.rpc, book, ready.manifest.project_id.hex(), node.peer_id)
            if self.options.delay_ms or self.options.fail_rate:
                rpc = DisturbedRpc(rpc, self.options.delay_ms / 1000, self.options.fail_rate, random.Random())
            self.work = ready.attach(self, node, rpc)
            self._prepared = ready
            self.unused_card = ready.unused
            log.info("Attached to %s.", ready.manifest.title)
            for line in self.work.plan.explanation:
                log.info("%s", line)
            await self.work.start()
        except HiveletError as error:
            log.exception("The engine cannot work")
            self._feed(Failed(sentence_of(error)))
        else:
            await asyncio.to_thread(return_freed_memory)  # loading leaves much behind
            self._feed(Ready())

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.work is not None:
            await self.work.stop()
        self.gate.close()
        if self.node is not None:
            await self.node.close()
        self.ledger.close()
        self.surroundings.awake.want(False)  # in the thread that asked for it
        await asyncio.to_thread(self.surroundings.close)

    # --- the loop -------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        if standstill := self.surroundings.woke():
            self._wake(standstill)
        self._decide()
        peers = {peer.peer_id: peer.address for peer in self.peers()}
        for peer_id in peers.keys() - self._met.keys():
            log.info("Found peer %s at %s.", peer_id.hex()[:16], peers[peer_id])
        for peer_id in self._met.keys() - peers.keys():
            log.info("Peer %s at %s is gone.", peer_id.hex()[:16], self._met[peer_id])
        self._met = peers
        self._feed(PeersChanged(len(peers)))
        self._report.remember()
        project = self.work.view() if self.work else None
        self.surroundings.look(self.decision, self.preferences, self.peers(), self.ledger.total(), project)
        if self.surroundings.activity.waiting:
            self._spawn(self.surroundings.flush())

    def _wake(self, standstill: Standstill) -> None:
        """Others have given this computer up meanwhile, and what it knows of them is old: begin anew with all."""
        log.info("To begin anew: %s.", standstill.sentence)
        if self.node is not None:
            self.node.woke()
        if self.work is not None:
            self.work.woke()

    def _decide(self) -> None:
        now, signals = Moment(self.clock.time(), self.clock.monotonic()), self.surroundings.sense(self.preferences)
        self._kept = dataclasses.replace(self._kept, overrides=self._kept.overrides.at(now.wall))
        decision = decide(signals, self.preferences, self._kept.overrides, now, self.decision.memory)
        self.decision = self.updates.over(decision)
        self._feed(Decided(self.decision.hold, self.decision.share, self.decision.reasons))
        if self._prepared is not None and self.work is not None:
            self._prepared.limit_cards(self.preferences, self.decision, self.work)
        if self.node is not None:
            self.node.relay_for_others(relays(self.preferences, self.decision))

    def _cap(self, node: PeerNode) -> None:
        """Keep the network to what the volunteer allows."""
        up, down = (self.preferences.number(name) * 1e6 or None for name in ("upload_limit", "download_limit"))
        node.set_rates(up, down)
        flag = self.preferences.flag
        node.allow(port_mapping=flag("port_mapping"), lan_discovery=flag("lan_discovery"))

    def _override(self, overrides: Overrides) -> None:
        self._kept = dataclasses.replace(self._kept, overrides=overrides)
        self._decide()  # stop first: a disk that is full must not keep the volunteer from pausing
        self._state_file.save(self._kept)

    def _feed(self, event: Event) -> None:
        for instruction in self.state.handle(event):
            match instruction:
                case SetShare(share):
                    self.gate.set_share(share)
                case Hold():
                    log.info("Holding work: %s.", "; ".join(reason.text for reason in self.state.reasons) or "a fault")
                    self.gate.pause()
                    if self.work is not None:
                        self.work.hold()
                    self._spawn(self._shrink())
                case Release():
                    log.info("Working again.")
                    self.gate.resume()
                    if self.work is not None:
                        self.work.release()
                case Drain():
                    self._spawn(self._drain())
                case Stop():
                    self._gone.set()

    async def _shrink(self) -> None:
        """An engine that only waits takes as little as it can."""
        await asyncio.sleep(SETTLE_S)  # batches under way end meanwhile
        await asyncio.to_thread(return_freed_memory)

    async def _drain(self) -> None:
        if self.work is not None:
            await self.work.drain(DRAIN_S)
        self._feed(Drained())

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        async def guarded() -> None:
            try:
                await coroutine
            except (HiveletError, NetError) as error:
                self._feed(Failed(sentence_of(error)))
            except Exception:
                log.exception("A part of the engine stopped")
                self._feed(Failed(say("A part of the engine stopped unexpectedly; the log says more. Restart it.")))

        task = asyncio.get_running_loop().create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
