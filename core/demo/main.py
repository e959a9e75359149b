"""`hivelet demo`: start a swarm, watch it train, disturb it when asked, evaluate, clean up."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.demo.events import Events, JsonSink, RichSink
from core.demo.peer import DemoPeer, PeerSettings
from core.demo.swarm import START_DEADLINE_S, Swarm, even_shares, temporary_folder
from core.demo.tally import Tally
from core.errors import ControlError, HiveletError
from core.paths import START_FOLDER, program_command
from core.projects.manifest import builtin

TICK_S = 1.0
START_TICK_S = 0.25
EVALUATE_EVERY_S = 30.0
EVALUATION_TIMEOUT_S = 25.0


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """The demo's command-line options. steps and seconds: whichever comes first ends the training."""

    peers: int = 4
    task: str = "text"
    steps: int | None = None
    seconds: float | None = 120.0
    headless: bool = False
    as_json: bool = False
    delay_ms: float = 0.0
    fail_rate: float = 0.0
    kill_every: float | None = None
    seed: int = 0
    data: Path | None = None


def run_demo(options: DemoOptions) -> int:
    """Run the whole demo. Returns the exit code: 0, or 130 after Ctrl+C. Raises HiveletError."""
    manifest = builtin(options.task)
    if options.task == "digits":
        from core.training.data import require_digits  # noqa: PLC0415 - fail before any process starts

        require_digits()
    settings = PeerSettings(
        project=options.task,
        delay_ms=options.delay_ms,
        fail_rate=options.fail_rate,
        data=options.data.absolute() if options.data else None,
    )
    events = Events(JsonSink() if options.as_json else RichSink())
    stop = threading.Event()
    with _signals(stop), temporary_folder() as folder:
        swarm = Swarm(folder, settings, even_shares(manifest.experts_total, options.peers), random.Random(options.seed))
        window: subprocess.Popen[bytes] | None = None
        try:
            swarm.start()
            demo = _Demo(options, swarm, events, stop)
            if not options.headless and _has_display():
                window = _open_window(swarm.peers[0])
                demo.spared = swarm.peers[0]
            demo.train()
            if stop.is_set():
                return 130
            demo.finish()
        except KeyboardInterrupt:
            return 130
        finally:
            if window is not None:
                window.terminate()
            swarm.stop()
            events.close()
    return 0


class _Demo:
    """The loop: once a second look at every engine, tell what changed, and disturb them when asked."""

    def __init__(self, options: DemoOptions, swarm: Swarm, events: Events, stop: threading.Event) -> None:
        self._options = options
        self._swarm = swarm
        self._events = events
        self._stop = stop
        self._tally = Tally()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="demo-evaluate")
        self._evaluation: Future[dict[str, Any]] | None = None
        self._announced: set[int] = set()
        self.spared: DemoPeer | None = None

    def train(self) -> None:
        """Until the steps or seconds are over, or someone pressed Ctrl+C."""
        options = self._options
        self._await_all()
        began = self._events.elapsed
        now, next_kill, next_evaluation = 0.0, options.kill_every, EVALUATE_EVERY_S
        while not self._stop.is_set():
            self._look()
            if options.steps is not None and self._tally.steps >= options.steps:
                break
            if options.seconds is not None and now >= options.seconds:
                break
            if next_kill is not None and now >= next_kill:
                next_kill += options.kill_every or 0.0
                self._kill_one()
            if now >= next_evaluation and self._evaluation is None:
                next_evaluation = now + EVALUATE_EVERY_S
                self._evaluation = self._pool.submit(self._evaluate)
            self._tell_evaluation()
            self._stop.wait(TICK_S)
            now = self._events.elapsed - began

    def _await_all(self) -> None:
        """Until every engine has loaded; those that have train meanwhile. Raises HiveletError."""
        end = self._events.elapsed + START_DEADLINE_S
        while not self._stop.is_set() and not self._swarm.check_start(self._swarm.peers):
            if self._events.elapsed > end:
                raise HiveletError(f"The engines did not start within {START_DEADLINE_S:.0f} s.")
            self._look()
            self._stop.wait(START_TICK_S)

    def finish(self) -> None:
        """The last evaluation, and the summary. Raises HiveletError when nobody can evaluate."""
        if self._evaluation is not None:
            with contextlib.suppress(HiveletError):
                self._evaluation.result(EVALUATION_TIMEOUT_S)
        self._look()
        # Learning is over; measure the model that stands, without trainers that compete for this computer.
        result = self._evaluate()
        self._look()
        tally, hosts = self._tally, self._tally.hosts
        self._events("evaluation", metric=result["metric"], value=result["value"], baseline=result["baseline"])
        self._events(
            "finished",
            task=self._options.task,
            steps=tally.steps,
            loss_first=tally.loss_first,
            loss_last=tally.loss,
            **{result["metric"]: result["value"]},
            baseline=result["baseline"],
            experts_total=tally.experts_total,
            experts_alive=tally.experts_alive,
            experts_lost=tally.experts_lost,
            rpc_calls=tally.rpc_calls,
            rpc_failures=tally.rpc_failures,
            passed_through=tally.passed_through,
            peers={peer_id[:16]: count for peer_id, count in sorted(hosts.items())},
            largest_share=max(hosts.values(), default=0) / max(1, tally.experts_total),
            trainers=len(self._swarm.living),
        )

    def _look(self) -> None:
        snapshots = self._swarm.refresh()
        self._tally.update(snapshots)
        for peer in self._swarm.peers:
            if peer.latest and peer.latest.experts and peer.number not in self._announced:
                self._announced.add(peer.number)
                self._events(
                    "peer_started", peer=peer.name, peer_id=peer.latest.peer_id, experts=len(peer.latest.experts)
                )
            if not peer.alive and not peer.killed:
                peer.killed = True
                self._lose(peer, "peer_died", reason=peer.last_words(), exit_code=peer.process.returncode)
        names = {peer.latest.peer_id: peer.name for peer in self._swarm.peers if peer.latest}
        for uid, peer_id in self._tally.adopted:
            self._events("expert_adopted", uid=uid, peer=names.get(peer_id, peer_id[:16]))
        if self._tally.loss is not None:
            self._events(
                "step",
                step=self._tally.steps,
                loss=round(self._tally.loss, 4),
                samples_per_s=round(self._tally.samples_per_s, 1),
                experts_alive=self._tally.experts_alive,
                experts_total=self._tally.experts_total,
                peers=len(snapshots),
            )

    def _kill_one(self) -> None:
        victim = self._swarm.victim(self.spared)
        self._swarm.replace(victim)
        self._lose(victim, "peer_killed")

    def _lose(self, peer: DemoPeer, event: str, **fields: Any) -> None:
        lost = self._tally.lose(peer.latest.peer_id) if peer.latest else []
        self._events(event, peer=peer.name, experts=lost, **fields)

    def _evaluate(self) -> dict[str, Any]:
        """Ask one engine after the other until one has measured the model."""
        problem = "no engine is left"
        for peer in sorted(
            self._swarm.living, key=lambda p: -(p.latest.project.step if p.latest and p.latest.project else 0)
        ):
            try:
                return peer.ask("evaluate", wait_s=EVALUATION_TIMEOUT_S)
            except ControlError as error:
                problem = str(error)
        raise HiveletError(f"The model could not be evaluated: {problem}")

    def _tell_evaluation(self) -> None:
        if self._evaluation is not None and self._evaluation.done():
            with contextlib.suppress(HiveletError):
                result = self._evaluation.result()
                self._events("evaluation", metric=result["metric"], value=result["value"], baseline=result["baseline"])
            self._evaluation = None


@contextlib.contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """Ctrl+C and a polite kill end the demo in order."""
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), lambda *_: stop.set()) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _open_window(peer: DemoPeer) -> subprocess.Popen[bytes]:
    """The window, as a process of its own: Qt and torch never share one."""
    return subprocess.Popen(
        [*program_command(), "--home", str(peer.home.root), "--attach-only"],
        cwd=START_FOLDER,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
