"""`bench dht` with few peers: real processes, all gone afterwards."""

import json
import os
import signal
import subprocess
import sys

import psutil
import pytest

from tests.support.processes import environment, hivelet, wait_for


def test_stores_and_gets_between_processes():
    done = hivelet("bench", "dht", "--peers", "3", "--rounds", "2", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["stores"], figures["gets"], figures["success"]) == (24, 24, 1.0)
    assert figures["seconds"] > 0


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT to one process")
def test_no_process_outlives_an_interrupted_bench():
    # A shell that starts this in the background has it ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    bench = subprocess.Popen(
        [sys.executable, "-m", "app", "bench", "dht", "--peers", "3", "--rounds", "1000", "--json"],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        peers = wait_for("three peers", lambda: (found := psutil.Process(bench.pid).children())[2:] and found, 30)
        bench.send_signal(signal.SIGINT)
        assert bench.wait(20) != 0
        assert psutil.wait_procs(peers, timeout=5)[1] == []
    finally:
        bench.kill()
        bench.wait()


def test_a_peer_needs_no_torch():
    code = (
        "import sys, core.bench.dht_peer, core.bench.dht; sys.exit('torch' in sys.modules or 'PySide6' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], env=environment(), check=False, timeout=30).returncode == 0
