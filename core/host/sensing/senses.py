"""All detectors of this computer, read by one thread, so that nobody who decides ever waits for another program."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.host.sensing.dbus import Bus
from core.host.sensing.detector import Detector, FirstThatWorks, Reading, Unknown
from core.host.sensing.everywhere import OtherPrograms, RunningPrograms, Temperature, shown
from core.host.sensing.linux import (
    CompositorIdle,
    GnomeBusy,
    GnomeIdle,
    KdeBusy,
    LoginIdle,
    NetworkManagerMetered,
    X11Fullscreen,
    X11Idle,
)
from core.host.sensing.macos import MacIdle
from core.host.sensing.wayland import WaylandIdle
from core.host.sensing.windows import WindowsFullscreen, WindowsIdle, WindowsMetered
from core.host.sensing.x11 import X11
from net.words import say

log = logging.getLogger(__name__)

STALE_PERIODS = 6
"""A reading that was not renewed for so many periods is no longer believed."""
_LONGEST_WAIT_S = 1.0
_TITLES = {
    "idle": "Whether somebody uses the computer",
    "fullscreen": "Whether a program fills the screen",
    "metered": "Whether the network is metered",
    "temperature": "Temperature of the processor",
    "others_cpu": "What other programs take of the processor",
    "exclusive": "Which of the listed programs run",
}
_NOT_ON_MAC = say("macOS does not tell programs like this one.")


@dataclass(frozen=True, slots=True)
class Sensed:
    """What the detectors say; None: unknown. The fields are those of `core.host.signals.Signals`."""

    idle_s: float | None = None
    fullscreen: bool | None = None
    metered: bool | None = None
    temperature: float | None = None
    others_cpu: float | None = None
    exclusive: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DetectorView:
    """For Settings. works: whether it can tell now; sentence: how, or why not."""

    name: str
    title: str
    works: bool
    reading: str
    sentence: str


@dataclass(slots=True)
class _Slot:
    detector: Detector[Any]
    due: float = 0.0
    at: float = 0.0
    reading: Reading[Any] = field(default_factory=lambda: Reading(None, say("Not asked yet.")))


class Senses:
    """Reads each detector in its own rhythm. `sensed` and `views` may be called from any thread.

    detectors: by the names of `_TITLES`; clock: monotonic seconds.
    """

    def __init__(
        self,
        detectors: Mapping[str, Detector[Any]],
        programs: RunningPrograms | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._slots = {name: _Slot(detector) for name, detector in detectors.items()}
        self._programs = programs
        self._clock = clock
        self._changed = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to read, in a thread that `close` ends."""
        self._thread = threading.Thread(target=self._run, name="senses", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop reading."""
        self._stopping = True
        self._changed.set()
        if self._thread is not None:
            self._thread.join(5.0)

    def look_for(self, names: tuple[str, ...]) -> None:
        """Which programs to look for, in lower case."""
        if self._programs is not None and names != self._programs.names:
            self._programs.names = names
            slot = self._slots["exclusive"]
            slot.due, slot.reading = 0.0, Reading(None, say("Not asked yet."))
            self._changed.set()

    def renew(self) -> None:
        """Believe nothing that was read before, and read everything now: the computer slept."""
        for slot in self._slots.values():
            slot.due, slot.reading = 0.0, Reading(None, say("Not asked yet."))
        self._changed.set()

    def sensed(self) -> Sensed:
        """The newest readings."""
        value = {name: self._value(slot) for name, slot in self._slots.items()}
        return Sensed(
            idle_s=self._idle(value.get("idle")),
            fullscreen=value.get("fullscreen"),
            metered=value.get("metered"),
            temperature=value.get("temperature"),
            others_cpu=value.get("others_cpu"),
            exclusive=value.get("exclusive"),
        )

    def views(self) -> list[DetectorView]:
        """Every detector with its reading in words, in the order of their making."""
        return [
            DetectorView(
                name,
                _TITLES.get(name, name),
                self._value(slot) is not None,
                _words(name, self._value(slot)),
                slot.reading.sentence,
            )
            for name, slot in self._slots.items()
        ]

    def step(self) -> float:
        """Read what is due; returns seconds until the next one is."""
        for name, slot in self._slots.items():
            now = self._clock()
            if slot.due > now:
                continue
            slot.due = now + slot.detector.period_s
            try:
                slot.reading = slot.detector.read()
            except Exception:
                # A system that answers in unforeseen ways must not blind the other detectors.
                log.exception("The detector %r failed.", name)
                slot.reading = Reading(None, say("It failed; the log says how."))
            slot.at = self._clock()
        return max(0.0, min((slot.due for slot in self._slots.values()), default=0.0) - self._clock())

    def _run(self) -> None:
        while not self._stopping:
            wait_s = self.step()
            self._changed.wait(min(max(wait_s, 0.01), _LONGEST_WAIT_S))
            self._changed.clear()
        for slot in self._slots.values():
            slot.detector.close()

    def _value(self, slot: _Slot) -> Any:
        age = self._clock() - slot.at
        return slot.reading.value if age <= STALE_PERIODS * slot.detector.period_s else None

    def _idle(self, idle: float | None) -> float | None:
        """Seconds count on from the last reading: a threshold is passed between two of them."""
        return None if idle is None else idle + max(0.0, self._clock() - self._slots["idle"].at)


def detectors_of_this_computer(programs: RunningPrograms) -> dict[str, Detector[Any]]:
    """The detectors for this system and desktop, by name."""
    common: dict[str, Detector[Any]] = {
        "temperature": Temperature(),
        "others_cpu": OtherPrograms(),
        "exclusive": programs,
    }
    if sys.platform == "win32":
        return {"idle": WindowsIdle(), "fullscreen": WindowsFullscreen(), "metered": WindowsMetered(), **common}
    if sys.platform == "darwin":
        unknown = Unknown(_NOT_ON_MAC)
        return {"idle": MacIdle(), "fullscreen": unknown, "metered": unknown, **common}
    return {**_unix(os.environ), **common}


def _unix(environment: Mapping[str, str]) -> dict[str, Detector[Any]]:
    """Linux and its relatives: what there is depends on the desktop."""
    display, wayland = environment.get("DISPLAY", ""), environment.get("WAYLAND_DISPLAY", "")
    session, system = Bus("SESSION"), Bus("SYSTEM")
    metered = NetworkManagerMetered(system)
    if not display and not wayland:
        nobody = LoginIdle(system, nobody_at=say("No desktop and no login manager: nobody sits at this computer."))
        return {"idle": nobody, "fullscreen": Unknown(say("There is no desktop here.")), "metered": metered}
    idle: list[Detector[float]] = []
    full: list[Detector[bool]] = []
    if wayland:
        socket = Path(environment.get("XDG_RUNTIME_DIR", "/run/user")) / wayland
        idle += [GnomeIdle(session), CompositorIdle(WaylandIdle(socket))]
        # Under Wayland no program may look at the windows of another; what keeps the screen awake tells as much.
        full += [GnomeBusy(session), KdeBusy(session)]
    elif display:
        idle += [X11Idle(X11(display)), GnomeIdle(session)]
        full += [X11Fullscreen(X11(display))]
    idle.append(LoginIdle(system))
    return {"idle": FirstThatWorks(idle, period_s=2.0), "fullscreen": FirstThatWorks(full), "metered": metered}


def _words(name: str, value: Any) -> str:
    match name, value:
        case "idle", float() | int() if value != float("inf"):
            return say("idle for {seconds} s", seconds=round(value))
        case "temperature", float() | int():
            return say("{value:celsius}", value=value)
        case "others_cpu", float() | int():
            return say("{value:percent}", value=value)
    return shown(value)
