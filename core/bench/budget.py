"""`hivelet bench budget`: whether a real engine keeps to the share of this computer that it was given, and stops."""

import random
import time
from dataclasses import dataclass
from typing import Any

import psutil

from core.demo.peer import DemoPeer, PeerSettings
from core.demo.swarm import Swarm, temporary_folder
from core.errors import HiveletError
from core.host.limits import usable_cores
from core.projects.manifest import resolve

_START_S = 120.0
_POLL_S = 0.1
_SETTLE_S = 3.0
_PAUSE_S = 3.0
_PAUSE_STEP_S = 0.2
_STILL = 0.2
"""An interval after the pause counts as work when more than this much of one core was used."""


@dataclass(frozen=True, slots=True)
class BudgetOptions:
    """budgets: shares to hold, 0 to 1; seconds: of each measurement; project: what the engine trains and hosts."""

    budgets: tuple[float, ...] = (0.3, 0.5, 0.8)
    seconds: float = 20.0
    project: str = "text"


def run_budget(options: BudgetOptions) -> dict[str, Any]:
    """Measure one engine, alone in its swarm, with all of a project's experts. Raises HiveletError."""

    experts = resolve(options.project).experts_total
    with temporary_folder() as folder:
        swarm = Swarm(folder, PeerSettings(options.project), [experts], random.Random(0))
        try:
            swarm.start()
            return _measure(swarm.peers[0], options)
        finally:
            swarm.stop()


def _measure(peer: DemoPeer, options: BudgetOptions) -> dict[str, Any]:
    cores = usable_cores()
    peer.ask("preferences_set", values={"threads": 0})  # all real cores, as a volunteer's engine begins
    _wait_working(peer)
    unlimited = _share(peer, 1.0, options.seconds / 2, cores)
    rows = [{"budget": b, "cpu_share": round(_share(peer, b, options.seconds, cores), 3)} for b in options.budgets]
    peer.ask("budget", share=1.0)
    time.sleep(_SETTLE_S)
    return {
        "rows": rows,
        "pause_s": round(_seconds_to_stop(peer), 2),
        "unlimited_share": round(unlimited, 3),
        "others_share": round(max(0.0, psutil.cpu_percent(0.5) / 100), 3),
        "seconds": options.seconds,
        "cores": cores,
    }


def _wait_working(peer: DemoPeer) -> None:
    """Until it hosts experts and has trained on something."""
    end = time.monotonic() + _START_S
    while time.monotonic() < end:
        now = peer.refresh()
        if not peer.alive or (now and now.state == "error"):
            raise HiveletError(f"The engine did not start: {peer.last_words()}")
        if now and now.project and now.experts and now.project.step > 0:
            return
        time.sleep(_POLL_S)  # a poll between processes: there is no event to wait for
    raise HiveletError(f"The engine did not begin to train within {_START_S:.0f} s.")


def _share(peer: DemoPeer, budget: float, seconds: float, cores: float) -> float:
    """The process tree's share of all cores over so many seconds, at this budget."""
    peer.ask("budget", share=budget)
    time.sleep(_SETTLE_S)
    began, used = time.monotonic(), tree_cpu_seconds(peer.process.pid)
    time.sleep(seconds)
    return (tree_cpu_seconds(peer.process.pid) - used) / (time.monotonic() - began) / cores


def _seconds_to_stop(peer: DemoPeer) -> float:
    """From the order to pause until the last interval in which it still computed."""
    began = before = time.monotonic()
    used = tree_cpu_seconds(peer.process.pid)
    peer.ask("pause", seconds=None)
    last = 0.0
    while before - began < _PAUSE_S:
        time.sleep(_PAUSE_STEP_S)
        now, used_now = time.monotonic(), tree_cpu_seconds(peer.process.pid)
        if used_now - used > _STILL * (now - before):
            last = now - began
        before, used = now, used_now
    return last


def tree_cpu_seconds(pid: int) -> float:
    """CPU time of a process and all below it, since each began."""
    total = 0.0
    try:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            times = process.cpu_times()
            total += times.user + times.system
    except psutil.NoSuchProcess:
        return total
    return total
