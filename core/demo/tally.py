"""The swarm's progress, added up from its engines' snapshots, also across engines that were killed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.control.snapshot import EngineSnapshot


@dataclass(slots=True)
class Tally:
    """Values in, values out: feed `update` with snapshots, read the totals."""

    steps: int = 0
    loss: float | None = None
    loss_first: float | None = None
    samples_per_s: float = 0.0
    experts_total: int = 0
    experts_alive: int = 0
    experts_lost: int = 0
    rpc_calls: int = 0
    rpc_failures: int = 0
    passed_through: int = 0
    adopted: list[tuple[str, str]] = field(default_factory=list)  # (uid, peer id) since the last update
    _seen: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    _host: dict[str, str] = field(default_factory=dict)
    _orphans: set[str] = field(default_factory=set)

    def update(self, snapshots: Sequence[EngineSnapshot]) -> None:
        """Take the present snapshots of all engines that answer."""
        projects = [(s.peer_id, s.project) for s in snapshots if s.project]
        for peer_id, project in projects:
            now = (project.step, project.rpc_calls, project.rpc_failures, project.passed_through)
            before = self._seen.get(peer_id, (0, 0, 0, 0))
            self._seen[peer_id] = now
            self.steps += max(0, now[0] - before[0])
            self.rpc_calls += max(0, now[1] - before[1])
            self.rpc_failures += max(0, now[2] - before[2])
            self.passed_through += max(0, now[3] - before[3])
        losses = [p.loss for _, p in projects if p.loss is not None]
        if losses:
            self.loss = sum(losses) / len(losses)
            self.loss_first = self.loss if self.loss_first is None else self.loss_first
        self.samples_per_s = sum(p.samples_per_s for _, p in projects)
        self.experts_total = max([self.experts_total, *(p.experts_total for _, p in projects)])
        self._follow_experts(snapshots)

    def lose(self, peer_id: str) -> list[str]:
        """An engine was killed: the experts that nobody else holds have lost their training."""
        lost = sorted(uid for uid, host in self._host.items() if host == peer_id)
        for uid in lost:
            del self._host[uid]
        self._orphans.update(lost)
        self.experts_lost += len(lost)
        self.experts_alive = len(self._host)
        return lost

    def _follow_experts(self, snapshots: Sequence[EngineSnapshot]) -> None:
        self.adopted = []
        answering = {s.peer_id for s in snapshots}
        hosted = {expert.uid: s.peer_id for s in snapshots for expert in s.experts}
        kept = {uid: host for uid, host in self._host.items() if host not in answering}
        for uid, host in hosted.items():
            if uid in self._orphans:
                self._orphans.discard(uid)
                self.adopted.append((uid, host))
        self._host = {**kept, **hosted}
        self.experts_alive = len(self._host)

    @property
    def hosts(self) -> dict[str, int]:
        """Experts by peer id."""
        counts: dict[str, int] = {}
        for host in self._host.values():
            counts[host] = counts.get(host, 0) + 1
        return counts
