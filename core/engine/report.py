"""What the engine tells about itself: snapshots on request, and the history behind the charts."""

import math
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from core.control.history import HistoryPoint
from core.control.snapshot import EngineSnapshot, ExpertView, HostingView, PeerView, ProjectView, Reason, UsageView
from core.engine.reachability import Words, words
from core.version import VERSION, about

if TYPE_CHECKING:
    from core.engine.driver import Engine


class Report:
    """Reads the engine's parts; changes nothing."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self._started = engine.clock.time()
        self._about = dict(about())

    def snapshot(self) -> EngineSnapshot:
        """Everything about the engine now."""
        engine = self._engine
        project, experts = self._project(), self._experts()
        peers = self._peers()
        reached = self._reachability()
        usage, around = engine.usage.usage(), engine.surroundings
        title = project.title if project else ""
        return EngineSnapshot(
            version=VERSION,
            pid=os.getpid(),
            peer_id=engine.identity.peer_id.hex(),
            home=str(engine.home.root),
            started=self._started,
            now=engine.clock.time(),
            state=engine.state.shown,
            reasons=self._reasons(),
            headline=engine.state.headline(title, len(experts)),
            budget=engine.preferences.number("cpu_percent") / 100,
            budget_now=0.0 if engine.decision.hold else engine.decision.share,
            address=engine.node.address if engine.node else "",
            reachability=reached.text,
            reachability_state=reached.state,
            reachability_help=reached.help,
            hardware=engine.hardware,
            usage=UsageView(
                usage.cpu_share,
                usage.resident_bytes,
                sum(peer.sent_bytes for peer in peers),
                sum(peer.received_bytes for peer in peers),
                engine.node.relayed_bytes if engine.node else 0,
            ),
            project=project,
            experts=experts,
            experts_allowed=engine.work.plan.count if engine.work else 0,
            peers=peers,
            today=replace(engine.ledger.today(), kwh=around.activity.kwh(1)),
            week=replace(engine.ledger.week(), kwh=around.activity.kwh(7)),
            total=replace(engine.ledger.total(), kwh=around.activity.kwh()),
            hosting=engine.work.hosting() if engine.work else HostingView(),
            samples_per_s=sum(expert.samples_per_s for expert in experts),
            in_use=engine.decision.in_use,
            idle_s=None if around.signals.idle_s == math.inf else around.signals.idle_s,
            traffic_month=around.activity.traffic_month,
            energy_note=around.energy.source.sentence,
            kept_awake=around.awake.held,
            update=engine.updates.view(),
            about=self._about,
        )

    def remember(self) -> None:
        """Keep one point of the charts; once a second."""
        engine, project = self._engine, self._project()
        point = HistoryPoint(
            t=engine.clock.time(),
            samples_per_s=sum(expert.samples_per_s for expert in self._experts()),
            loss=project.loss if project else None,
            metric=project.metric_value if project else None,
            budget_now=0.0 if engine.decision.hold else engine.decision.share,
            state=engine.state.shown,
        )
        engine.history.add(point)

    def _project(self) -> ProjectView | None:
        return self._engine.work.view() if self._engine.work else None

    def _experts(self) -> tuple[ExpertView, ...]:
        engine = self._engine
        return engine.work.experts() if engine.work else ()

    def _reasons(self) -> tuple[Reason, ...]:
        """Why it is held, and what else the volunteer should know."""
        engine = self._engine
        around = engine.surroundings
        notes = [Reason("woke", around.woken.sentence)] if around.woken is not None else []
        notes += [Reason("hardware", text) for text in engine.problems]
        if engine.unused_card and engine.preferences.flag("use_gpu"):
            notes.append(Reason("gpu_unused", engine.unused_card, fix="preference:use_gpu"))
        files = (engine.ledger.problem, around.activity.problem, around.trust.problem)
        notes += [Reason("ledger", problem) for problem in files if problem]
        if around.awake.problem:
            notes.append(Reason("keep_awake", around.awake.problem, fix="preference:keep_awake"))
        if engine.node and engine.node.bootstrap_problem:
            notes.append(Reason("bootstrap", engine.node.bootstrap_problem))
        if engine.node and engine.node.clock_problem:
            notes.append(Reason("clock", engine.node.clock_problem))
        if engine.work and not engine.work.plan.count:
            notes.append(Reason("no_expert_fits", engine.work.plan.explanation[-1], fix="preference:memory_gb"))
        return (*engine.decision.reasons, *(replace(note, holds=False) for note in notes))

    def _reachability(self) -> Words:
        engine = self._engine
        if engine.node is None:
            return Words("unknown", "")
        asks = engine.preferences.flag("port_mapping")
        return words(engine.node.reach, loopback=engine.options.loopback, port_mapping=asks)

    def _peers(self) -> tuple[PeerView, ...]:
        engine = self._engine
        away = engine.clock.time() - engine.clock.monotonic()
        hosted = engine.work.directory.experts_of if engine.work else lambda _: 0
        return tuple(
            PeerView(
                peer_id=peer.peer_id.hex(),
                address=peer.address,
                direction=peer.direction,
                latency_ms=(peer.rtt_s or 0.0) * 1000,
                experts=hosted(peer.peer_id),
                last_seen=peer.last_seen + away,
                sent_bytes=peer.sent_bytes,
                received_bytes=peer.received_bytes,
            )
            for peer in engine.peers()
        )
