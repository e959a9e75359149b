"""What the engine is doing, and what follows from each event. No I/O: events in, instructions out.

    starting ──Ready──> running ──FinishAsked──> finishing ──Drained──┐
        │                  │                                          ├──> stopping
        └──────────────────┴──────────────QuitAsked───────────────────┘
    Failed leads to `error` from anywhere: the engine stays reachable, so that the reason can be read.

While running, policy alone decides whether work is held and at which share (`Decided`).
"""

from dataclasses import dataclass, field
from typing import Literal

from core.control.snapshot import Reason, State
from net.words import say

UPDATE_REQUIRED = "update_required"
"""The code of the reason that the project asks for a newer Hivelet."""

Phase = Literal["starting", "running", "finishing", "stopping", "error"]


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything is loaded; work may begin."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Policy has spoken. hold: None (work), "paused" or "guarded"; share: 0 to 1; reasons: all that apply."""

    hold: Literal["paused", "guarded"] | None
    share: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class PeersChanged:
    """How many other peers are known to be there."""

    count: int


@dataclass(frozen=True, slots=True)
class FinishAsked:
    """The volunteer wants the running work completed, then the engine gone."""


@dataclass(frozen=True, slots=True)
class QuitAsked:
    """The volunteer, or the system, wants the engine gone."""


@dataclass(frozen=True, slots=True)
class Drained:
    """After Drain: no batch is under way any more."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Something that the engine cannot work without is broken. text: one sentence for people."""

    text: str


Event = Ready | Decided | PeersChanged | FinishAsked | QuitAsked | Drained | Failed


@dataclass(frozen=True, slots=True)
class SetShare:
    """Use at most this share of the machine."""

    share: float


@dataclass(frozen=True, slots=True)
class Hold:
    """Stop computing within a second; keep the experts, and say so to the swarm."""


@dataclass(frozen=True, slots=True)
class Release:
    """Compute again."""


@dataclass(frozen=True, slots=True)
class Drain:
    """Start no new batch, complete those under way, then report Drained."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Save everything and leave."""


Instruction = SetShare | Hold | Release | Drain | Stop


@dataclass(slots=True)
class EngineState:
    """The machine. `handle` is its only entrance."""

    phase: Phase = "starting"
    hold: Literal["paused", "guarded"] | None = None
    share: float = 1.0
    reasons: tuple[Reason, ...] = ()
    peers: int = 0
    problem: str = ""
    _held: bool = field(default=False, repr=False)

    def handle(self, event: Event) -> list[Instruction]:
        """Take one event and return what must be done now, in order."""
        match event:
            case Ready() if self.phase == "starting":
                self.phase = "running"
                return self._apply()
            case Decided(hold, share, reasons):
                changed = share != self.share
                self.hold, self.share, self.reasons = hold, share, reasons
                return [*([SetShare(share)] if changed else []), *self._apply()]
            case PeersChanged(count):
                self.peers = count
            case FinishAsked() if self.phase in ("starting", "running"):
                self.phase = "finishing"
                # Held work cannot complete, and there is nothing to wait for.
                return [Drain()] if not self._held else [Drain(), Release()]
            case Drained() if self.phase == "finishing":
                self.phase = "stopping"
                return [Stop()]
            case QuitAsked() if self.phase != "stopping":
                self.phase = "stopping"
                return [Stop()]
            case Failed(text) if self.phase != "stopping":
                self.phase, self.problem = "error", text
                held, self._held = self._held, True
                return [] if held else [Hold()]
        return []

    def _apply(self) -> list[Instruction]:
        """Bring the work in line with policy, while policy rules."""
        wanted = self.hold is not None
        if self.phase != "running" or wanted == self._held:
            return []
        self._held = wanted
        return [Hold()] if wanted else [Release()]

    @property
    def shown(self) -> State:
        """The word that windows and scripts see."""
        if self.phase == "running":
            return self.hold or ("working" if self.peers else "connecting")
        return self.phase

    def headline(self, project: str, hosted: int) -> str:
        """One plain sentence: what happens now."""
        title = project or say("no project")
        match self.shown:
            case "starting":
                return say("Starting: loading and measuring this computer.")
            case "connecting":
                return say("Working alone on {title} until another peer is found.", title=title)
            case "working":
                if self.peers == 1:
                    return say(
                        "Training {title} with 1 other peer; {hosted} experts live on this computer.",
                        title=title,
                        hosted=hosted,
                    )
                return say(
                    "Training {title} with {peers} other peers; {hosted} experts live on this computer.",
                    title=title,
                    peers=self.peers,
                    hosted=hosted,
                )
            case "paused":
                return say("Paused: nothing is computed.")
            case "guarded" if any(reason.code == UPDATE_REQUIRED for reason in self.reasons):
                return say("Waiting for a newer Hivelet, which this project needs.")
            case "guarded":
                return say("Holding work to protect this computer.")
            case "finishing":
                return say("Finishing the work under way, then stopping.")
            case "error":
                return self.problem
            case _:
                return say("Stopping.")
