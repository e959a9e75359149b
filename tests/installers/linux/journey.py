"""What a volunteer does between installing and removing, with either installer."""

import contextlib
import hashlib
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.control.client import ControlClient
from core.control.snapshot import EngineSnapshot
from core.errors import ControlError
from core.paths import Home
from tests.installers.linux.volunteer import Volunteer
from tests.integration.desktop.test_window import FIFTEEN_MINUTES, PAUSE, RESUME, choose_in_tray
from tests.support.desktop import Desktop, virtual_desktop, wait_for

SLOW = 120.0
COLD_START_S = 5.0


class Session:
    """One volunteer's Hivelet, from outside."""

    def __init__(self, person: Volunteer, program: str) -> None:
        self.person = person
        self.program = program
        self.home = Home(person.home / ".local" / "share" / "hivelet")

    def hivelet(self, *words: str) -> str:
        """A command's output."""
        done = self.person.run(self.program, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def wait(self, condition: Callable[[EngineSnapshot], object], what: str) -> EngineSnapshot:
        """The first state of the engine that meets the condition."""

        last = "no answer"

        def look() -> EngineSnapshot | None:
            nonlocal last
            with contextlib.suppress(ControlError):
                snapshot = EngineSnapshot.from_dict(ControlClient(self.home).call("status", timeout=5.0))
                last = f"{snapshot.state} {[reason.code for reason in snapshot.reasons]}, {len(snapshot.peers)} peers"
                return snapshot if condition(snapshot) else None
            return None

        try:
            found = wait_for(look, what, SLOW)
        except AssertionError as error:
            said = self.person.output.read_text(errors="replace")[-2000:]
            raise AssertionError(f"{error}; the engine: {last}; the programs said: {said!r}") from error
        assert found is not None
        return found

    def facts(self) -> dict[str, Any]:
        """What must survive an upgrade."""
        ledger = json.loads(self.hivelet("contribution", "--json"))
        return {"identity": hashlib.sha256(self.home.identity.read_bytes()).hexdigest(), "ledger": ledger}

    def ended(self) -> None:
        """Nothing of the volunteer's runs any more."""
        wait_for(lambda: not [p for p in self.person.processes() if "hivelet" in _name(p)], "the end of Hivelet", 60.0)


def first_day(session: Session, address: str, picture: Path, version: str) -> EngineSnapshot:
    """The window opens, the engine joins the swarm at that address and trains, is paused and resumed from the tray,
    and both are left at work. Returns the engine's last state; its programs end with the desktop."""
    session.hivelet("project", "join", "text", "--bootstrap", address)
    with virtual_desktop() as desktop:
        session.person.opens(desktop, session.program)
        desktop.window("Hivelet")
        _read_introduction(session, desktop)
        session.hivelet("preferences", "set", "busy_percent", "0")  # the swarm itself is an other program
        joined = session.wait(lambda now: now.peers and now.experts, "peers, and experts of one's own")
        assert joined.version == version
        session.wait(_trains, "a training step, with other trainers, and work for others")
        choose_in_tray(desktop, PAUSE, FIFTEEN_MINUTES)
        session.wait(lambda now: now.state == "paused", "the pause")
        desktop.picture(picture)
        choose_in_tray(desktop, RESUME)
        return session.wait(lambda now: now.state != "paused", "the end of the pause")


def _read_introduction(session: Session, desktop: Desktop) -> None:
    session.wait(lambda now: now.state == "paused", "the engine to wait for the person")
    for _ in range(3):
        desktop.xdotool("windowactivate", "--sync", desktop.window(".*Hivelet"), "key", "space")
    session.wait(lambda now: now.state != "paused", "the end of the introduction")


def _trains(now: EngineSnapshot) -> bool:
    """Whether this very engine's trainer has done steps, among others, and others were served."""
    project = now.project
    trained = project is not None and project.loss is not None and project.samples_per_s > 0 and project.step > 0
    return trained and project is not None and project.trainers >= 2 and now.total.samples > 0


def works_alone(session: Session, desktop: Desktop) -> EngineSnapshot:
    """The window is opened for the first time, and the engine trains and serves itself."""
    desktop.window("Hivelet")
    _read_introduction(session, desktop)
    session.hivelet("preferences", "set", "busy_percent", "0")  # the desktop itself is an other program
    return session.wait(_serves, "a training step")


def goes_on(session: Session, before: EngineSnapshot, version: str) -> tuple[EngineSnapshot, list[str]]:
    """Another engine, of that version, took the place of one that worked: identity and ledger are the same. Returns its
    state, and the experts that are lost or set back."""
    again = session.wait(
        lambda now: now.pid != before.pid and len(now.experts) >= len(before.experts) and _serves(now),
        "the new engine at work",
    )
    assert (again.version, again.peer_id) == (version, before.peer_id)
    assert again.started > before.started
    assert again.total.samples >= before.total.samples > 0
    steps = {expert.uid: expert.step for expert in again.experts}
    return again, [expert.uid for expert in before.experts if steps.get(expert.uid, -1) < expert.step]


def _serves(now: EngineSnapshot) -> bool:
    stepped = now.project is not None and now.project.step > 0
    return stepped and now.total.samples > 0 and any(expert.step > 0 for expert in now.experts)


def cold_start(person: Volunteer, desktop: Desktop, program: str) -> float:
    """Seconds from the start of a program that is in no cache until its window is there."""
    subprocess.run(["sync"], check=True)
    Path("/proc/sys/vm/drop_caches").write_text("3\n")
    began = time.monotonic()
    person.opens(desktop, program)
    desktop.window("Hivelet")
    return time.monotonic() - began


def _name(process: Any) -> str:
    try:
        return str(process.name())
    except Exception:  # noqa: BLE001 - it may end at any moment, which is what is waited for
        return ""
