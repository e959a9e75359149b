"""A stand-in for `hivelet engine` that starts at once: `python -m tests.support.fake_engine engine --home DIR`.

It answers on the real control socket with made-up numbers, and does what pause, resume, budget, finish and quit say.
With HIVELET_FAKE_CRASH=1 it complains and ends with exit code 3 instead.
"""

import asyncio
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.control.commands import Command
from core.control.server import ControlServer
from core.control.snapshot import Reason
from core.paths import Home
from net.clock import new_event_loop
from tests.support import snapshots


class FakeEngine:
    """Holds the little state that commands change."""

    def __init__(self) -> None:
        self.started = time.time()
        self.paused_until: float | None = -1.0  # None: until resumed
        self.budget = 0.5
        self.preferences = dict(snapshots.PREFERENCES)
        self.done = asyncio.Event()

    @property
    def paused(self) -> bool:
        return self.paused_until is None or time.time() < self.paused_until

    async def handle(self, command: Command) -> dict[str, Any]:
        arguments = command.arguments
        match command.name:
            case "status":
                return self._status()
            case "history":
                return {"points": snapshots.history(time.time(), 60)}
            case "log":
                return {"lines": [line for line in snapshots.log_lines() if int(str(line[0])) > arguments["after"]]}
            case "pause":
                self.paused_until = None if arguments["seconds"] is None else time.time() + arguments["seconds"]
            case "resume":
                self.paused_until = -1.0
            case "budget":
                self.budget = arguments["share"]
            case "preferences_get":
                return {"values": self.preferences}
            case "preferences_set":
                self.preferences |= arguments["values"]
            case "detectors":
                return {"detectors": []}
            case "finish" | "quit":
                self.done.set()
        return {}

    def _status(self) -> dict[str, Any]:
        made = snapshots.snapshot("paused" if self.paused else "working", time.time())
        reasons = (
            (Reason("paused_by_user", "paused by you", self.paused_until or 0.0, "resume"),) if self.paused else ()
        )
        return replace(
            made, pid=os.getpid(), started=self.started, budget=self.budget, budget_now=self.budget, reasons=reasons
        ).to_dict()


async def serve(home: Home) -> None:
    engine = FakeEngine()
    server = ControlServer(home, engine.handle)
    await server.start()
    try:
        await engine.done.wait()
    finally:
        await server.close()


def main() -> None:
    if os.environ.get("HIVELET_FAKE_CRASH"):
        sys.stderr.write("The fake engine was told to fail.\n")
        sys.exit(3)
    home = Home(Path(sys.argv[sys.argv.index("--home") + 1])).create()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(serve(home))


if __name__ == "__main__":
    main()
