"""The README's pictures: `python -m tests.support.pictures [FOLDER]`, by default docs/screenshots.

Every page in both themes at 100 % and 200 %, and the first start, from a window over an engine of a swarm that trains
meanwhile: the engines are those of `hivelet demo`, nothing is made up. Takes about two minutes.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from core.control.client import ControlClient
from core.control.snapshot import EngineSnapshot
from core.demo.peer import PeerSettings
from core.demo.swarm import Swarm, even_shares, temporary_folder
from core.errors import ControlError
from core.paths import Home
from core.projects.manifest import builtin

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "docs" / "screenshots"
PEERS, TRAINED_S, PATIENCE_S = 3, 60.0, 120.0


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else FOLDER).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    manifest = builtin("text")
    with temporary_folder() as homes:
        settings = PeerSettings(project="text")
        swarm = Swarm(homes, settings, even_shares(manifest.experts_total, PEERS), random.Random(0))
        try:
            swarm.start()
            home = swarm.peers[0].home
            _wait_until_trained(home)
            for percent in (100, 200):
                environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(percent / 100)}
                command = [sys.executable, "-m", "tests.support.photographer", str(home.root), str(folder)]
                subprocess.run([*command, str(percent)], cwd=ROOT, env=environment, check=True, timeout=300)
        finally:
            swarm.stop()


def _wait_until_trained(home: Home) -> None:
    """Until there is something to see: a minute of training, and a first evaluation."""
    deadline = time.monotonic() + TRAINED_S + PATIENCE_S
    begun: float | None = None
    while time.monotonic() < deadline:
        try:
            snapshot = EngineSnapshot.from_dict(ControlClient(home).call("status", timeout=5.0))
        except ControlError:
            snapshot = None
        if snapshot is not None and snapshot.project is not None and snapshot.project.step > 0:
            begun = begun or time.monotonic()
            if time.monotonic() - begun > TRAINED_S:
                if snapshot.project.metric_value is None:
                    ControlClient(home).call("evaluate", timeout=PATIENCE_S)
                return
        time.sleep(0.5)
    raise SystemExit("The engine did not train within its time.")


if __name__ == "__main__":
    main()
