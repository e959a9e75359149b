"""When the engine is started, and what the volunteer is told about it. No I/O: events in, one decision out.

    looking ──silent──> starting ──answered──> running <──> unresponsive
                           ^                      │ died
                           └────── waiting <──────┤
                                                  └ left on purpose ──> stopped

With `attach_only` nothing is ever started: `absent` says that no engine answers.
"""

import signal
from dataclasses import dataclass, field, replace
from typing import Literal

from app.backoff import Backoff
from app.formatting import duration, plain
from app.translation import translate

Phase = Literal["looking", "starting", "running", "unresponsive", "waiting", "stopped", "absent"]

SLOW_START_S = 45.0
CRASHES_THAT_STAY_VISIBLE = 3


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What the window knows about the engine's process.

    problem: one sentence about the last unexpected end, kept until it is dismissed or forgotten; retry_at: when the
    next start happens by itself (Unix seconds), 0 when none is planned; crashes: unexpected ends in a row.
    """

    phase: Phase = "looking"
    sentence: str = field(default_factory=lambda: translate("Engine", "Looking for the engine…"))
    problem: str = ""
    retry_at: float = 0.0
    crashes: int = 0

    @property
    def can_retry(self) -> bool:
        """Whether a start can be asked for."""
        return self.phase in ("waiting", "stopped")


@dataclass(slots=True)
class Supervision:
    """Takes what happens to the engine; every method returns True when a process must be started now."""

    attach_only: bool = False
    backoff: Backoff = field(default_factory=Backoff)
    status: EngineStatus = field(default_factory=EngineStatus)
    _since: float = 0.0
    _leaving: bool = False

    def silent(self, now: float) -> bool:
        """No engine answered, and none is known to live."""
        if self.attach_only:
            self._to("absent", translate("Engine", "No engine answers in this folder. It may have ended."))
            return False
        if self.status.phase == "looking":
            return self._start(now)
        return False

    def answered(self, now: float, leaving: bool) -> None:
        """The engine answered. leaving: it says itself that it is about to stop."""
        if self.status.phase != "running":
            self._since = now
            # An engine that appears while a start was only planned is not ours: what ours said no longer matters.
            problem = "" if self.status.phase == "waiting" else self.status.problem
            self._to("running", "", retry_at=0.0, problem=problem)
            self._leaving = False
        self._leaving = self._leaving or leaving
        if self.status.crashes and self.backoff.succeeded_for(now - self._since):
            sticky = self.status.crashes >= CRASHES_THAT_STAY_VISIBLE
            self.status = replace(self.status, crashes=0, problem=self.status.problem if sticky else "")

    def stalled(self) -> None:
        """The engine's process lives, but it does not answer."""
        if self.status.phase == "running":
            self._to("unresponsive", translate("Engine", "The engine is busy and does not answer at the moment."))

    def exited(self, code: int | None, last_line: str, now: float) -> bool:
        """The engine's process is gone. code: None when it was not our child; last_line: its last words."""
        if self.attach_only:
            return self.silent(now)
        if code == 0 or self._leaving:
            self._leaving = False
            self._to("stopped", translate("Engine", "The engine is stopped; nothing is computed."), problem="")
            return False
        delay = self.backoff.fail()
        self.status = EngineStatus(
            phase="waiting",
            sentence=translate("Engine", "The engine stopped unexpectedly."),
            problem=explain(code, last_line),
            retry_at=now + delay,
            crashes=self.backoff.failures,
        )
        return False

    def failed_to_start(self, why: str, now: float) -> bool:
        """The process could not even be made."""
        self.exited(None, "", now)
        self.status = replace(self.status, sentence=translate("Engine", "The engine cannot be started."), problem=why)
        return False

    def tick(self, now: float) -> bool:
        """Time passes."""
        # A wait that is longer than any can be: the clock was set back.
        if self.status.phase == "waiting" and not 0 < self.status.retry_at - now <= self.backoff.longest:
            return self._start(now)
        if self.status.phase == "starting" and now - self._since > SLOW_START_S:
            slow = translate("Engine", "The engine takes unusually long to start. The log tells what it does.")
            self._to("starting", slow)
        return False

    def stop_asked(self) -> None:
        """The volunteer asked the engine to finish or quit: its end will be no crash."""
        self._leaving = True

    def retry_asked(self, now: float) -> bool:
        """The volunteer wants the engine started now."""
        if not self.status.can_retry or self.attach_only:
            return False
        self.backoff.reset()
        return self._start(now)

    def dismiss(self) -> None:
        """The volunteer has read the problem."""
        self.status = replace(self.status, problem="")

    def _start(self, now: float) -> bool:
        self._since = now
        self._leaving = False
        self._to("starting", translate("Engine", "Starting the engine…"), retry_at=0.0)
        return True

    def _to(self, phase: Phase, sentence: str, **changes: object) -> None:
        self.status = replace(self.status, phase=phase, sentence=sentence, **changes)  # type: ignore[arg-type]


def explain(code: int | None, last_line: str) -> str:
    """One sentence from an exit code and the last thing that the process said."""
    words = plain(last_line, 240).strip().rstrip(".")
    if code is None:
        how = translate("Engine", "The engine's process is gone")
    elif code < 0:
        how = translate("Engine", "The engine was ended by {signal}").format(signal=_signal_name(-code))
    else:
        how = translate("Engine", "The engine ended with exit code {code}").format(code=code)
    return f"{how}: {words}." if words else f"{how}."


def next_try(status: EngineStatus, now: float) -> str:
    """`Starting it again in 8 s.`, or nothing."""
    if status.phase != "waiting":
        return ""
    time = duration(max(1.0, status.retry_at - now))
    return translate("Engine", "Starting it again in {time}.").format(time=time)


def _signal_name(value: int) -> str:
    try:
        return translate("Engine", "signal {number}").format(number=f"{value} ({signal.Signals(value).name})")
    except ValueError:
        return translate("Engine", "signal {number}").format(number=value)
