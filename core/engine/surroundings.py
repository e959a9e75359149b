"""What is around the engine: what it senses, remembers and costs, and what it does to the computer beside computing."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from core.control.snapshot import ContributionView, ProjectView
from core.host.awake import KeepAwake, system_inhibitor
from core.host.energy import EnergyMeter
from core.host.policy import Decision
from core.host.replay import replay
from core.host.sensing.everywhere import RunningPrograms
from core.host.sensing.senses import Senses, detectors_of_this_computer
from core.host.signals import Signals
from core.host.standstill import Standstill, StandstillWatch
from core.host.usage import UsageSampler
from core.ledger.activity import Activity, Look
from core.ledger.trust import TrustBook
from core.paths import Home
from core.preference import program_names
from core.preferences_file import Preferences
from net.addresses import PeerId
from net.clock import Clock
from net.rpc.peer import PeerStats

log = logging.getLogger("hivelet.engine")

TOLD_S = 60.0
"""For so long the window says that the computer slept."""
REPLAY_S = 7 * 86400.0


class Surroundings:
    """Belongs to the engine's loop. Call `look` about once a second."""

    def __init__(self, home: Home, clock: Clock, usage: UsageSampler, cores: float) -> None:
        self._clock = clock
        self._usage = usage
        self._cores = cores
        programs = RunningPrograms()
        self.senses = Senses(detectors_of_this_computer(programs), programs)
        self.activity = Activity(home.activity, clock.time)
        self.trust = TrustBook(home.trust, clock.time)
        self.awake = KeepAwake(system_inhibitor())
        self.energy = EnergyMeter(cores)
        self.signals = Signals()
        self._traffic = TrafficCounter()
        self._seen: float | None = None
        self._standstills = StandstillWatch(clock)
        self._woke: tuple[Standstill, float] | None = None
        self._given = ContributionView()

    def start(self) -> None:
        """Begin to sense."""
        self.senses.start()

    def close(self) -> None:
        """Stop sensing and write everything. Waits for the disk."""
        self.senses.close()
        self.activity.close()
        self.trust.close()

    def sense(self, preferences: Preferences) -> Signals:
        """Everything that policy looks at, now."""
        self.senses.look_for(program_names(preferences.text("exclusive_apps")))
        own = self._usage.signals()
        self.signals = replace(own, **asdict(self.senses.sensed()), traffic_month=self.activity.traffic_month)
        return self.signals

    def woke(self) -> Standstill | None:
        """Whether the computer has just slept, stood still, or had its clock set. Then everything is sensed anew, and
        the time between is nobody's. Ask about once a second."""
        found = self._standstills.look()
        if found is not None:
            self._woke = (found, self._clock.monotonic())
            self._seen = None
            self.senses.renew()
        return found

    @property
    def woken(self) -> Standstill | None:
        """The last one, for as long as people are told about it."""
        if self._woke is None or self._clock.monotonic() - self._woke[1] > TOLD_S:
            return None
        return self._woke[0]

    def look(
        self,
        decision: Decision,
        preferences: Preferences,
        peers: Iterable[PeerStats],
        given: ContributionView,
        project: ProjectView | None,
    ) -> None:
        """Remember the last second. given: all that was contributed since Hivelet was installed."""
        wall, steady = self._clock.time(), self._clock.monotonic()
        span_s = steady - self._seen if self._seen is not None else 0.0
        self._seen = steady
        used = self._usage.usage().cpu_share
        joules = self.energy.joules(
            used * self._cores * span_s,
            span_s,
            self.signals.others_cpu,
            watts=preferences.number("cpu_watts"),
            battery=self.signals.battery_percent is not None,
        )
        sent, received = self._traffic.step(peers)
        self.activity.look(
            Look(
                wall,
                steady,
                0.0 if decision.hold else decision.share,
                used,
                samples=max(0, given.samples - self._given.samples) if span_s else 0,
                flops=max(0.0, given.gflop_hours - self._given.gflop_hours) * 3.6e12 if span_s else 0.0,
                joules=joules,
                sent=sent,
                received=received,
                loss=project.loss if project else None,
                metric=project.metric_value if project else None,
                held=tuple(reason.code for reason in decision.reasons if reason.holds),
                signals=self.signals,
            )
        )
        self._given = given
        working = decision.hold is None and self.signals.on_battery is not True
        self.awake.want(preferences.flag("keep_awake") and working)

    async def flush(self) -> None:
        """Write what has gathered."""
        await asyncio.to_thread(self.activity.flush)
        await asyncio.to_thread(self.trust.flush)

    async def simulate(self, now: Preferences, then: Preferences) -> dict[str, Any]:
        """What `now` and `then` would have done in the last seven days, for the command of that name."""

        def both() -> dict[str, Any]:
            past = self.activity.past(self._clock.time() - REPLAY_S)
            return {
                "since": past[0].t if past else 0.0,
                "hours": sum(minute.seconds for minute in past) / 3600,
                "now": replay(past, now).to_dict(),
                "then": replay(past, then).to_dict(),
            }

        return await asyncio.to_thread(both)


class TrafficCounter:
    """Bytes since the last look, from counters that begin anew with each connection."""

    def __init__(self) -> None:
        self._last: dict[PeerId, tuple[int, int]] = {}

    def step(self, peers: Iterable[PeerStats]) -> tuple[int, int]:
        """(sent, received) since the last call. What a connection carried after the last look at it is missed."""
        now = {peer.peer_id: (peer.sent_bytes, peer.received_bytes) for peer in peers}
        sent = received = 0
        for peer_id, (up, down) in now.items():
            up_before, down_before = self._last.get(peer_id, (0, 0))
            sent += up - up_before if up >= up_before else up
            received += down - down_before if down >= down_before else down
        self._last = now
        return sent, received
