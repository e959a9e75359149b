"""What `hivelet bench moe` counts as the host's memory."""

import json
import os
import subprocess
import sys


def test_every_expert_has_learned_before_its_host_is_measured() -> None:
    """A batch of 2 rows and k = 1 trains two of eight experts; their host is measured with the moments of all."""
    options = ["--experts=8", "--grid", "2", "4", "--hidden=16", "--batch=2", "--k=1", "--seconds=0.2", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "app", "bench", "moe", *options],
        env={**os.environ, "HIVELET_LOOPBACK": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    found = json.loads(done.stdout)
    assert (found["experts"], found["experts_trained"]) == (8, 8)
    assert found["host_processes"] == 1
    assert found["steps_per_s"] > 0
