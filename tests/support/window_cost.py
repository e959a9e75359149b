"""What the window costs while it is visible and the swarm is calm: `python -m tests.support.window_cost` prints JSON.

The real window over a real engine that is alone, on a virtual desktop with a tray host: seconds from the process's
start to a visible window (of three starts), resident memory, and the share of one core over half a minute.
"""

import json
import sys
import time

import psutil

from core.control.client import ControlClient
from core.demo.swarm import temporary_folder
from core.errors import ControlError
from core.paths import Home
from tests.support.desktop import virtual_desktop, wait_for

SETTLE_S, MEASURE_S, STARTS = 12.0, 30.0, 3


def main() -> None:
    with temporary_folder() as folder, virtual_desktop() as desktop:
        home = Home(folder / "home").create()
        (home.root / "window.ini").write_text("[General]\nwelcomed=true\n")
        command = [sys.executable, "-m", "app", "--home", str(home.root), "--loopback"]
        first_pixels: list[float] = []
        try:
            for start in range(STARTS):
                began = time.monotonic()
                window = desktop.run(command, OMP_NUM_THREADS="1")
                desktop.window(".*Hivelet")
                first_pixels.append(round(time.monotonic() - began, 2))
                if start < STARTS - 1:
                    window.kill()
                    window.wait()
                    wait_for(lambda: not desktop.has_window(".*Hivelet"), "the end of the window")
            process = psutil.Process(window.pid)
            wait_for(lambda: _works(home), "the engine at work", 60.0)
            ControlClient(home).call("budget", share=0.1)
            time.sleep(SETTLE_S)
            before = sum(process.cpu_times()[:2])
            time.sleep(MEASURE_S)
            used = sum(process.cpu_times()[:2]) - before
            found = {
                "first_pixels_s": first_pixels,
                "resident_MB": round(process.memory_info().rss / 1e6, 1),
                "cpu_percent_of_one_core": round(used / MEASURE_S * 100, 2),
            }
            window.kill()
            window.wait()
        finally:
            _stop(home)
        sys.stdout.write(json.dumps(found) + "\n")


def _works(home: Home) -> bool:
    try:
        return ControlClient(home).call("status", timeout=2.0)["state"] in ("working", "connecting")
    except ControlError:
        return False


def _stop(home: Home) -> None:
    """The engine that the window started outlives it."""
    try:
        pid = ControlClient(home).call("status", timeout=5.0)["pid"]
        ControlClient(home).call("quit", timeout=15.0)
        psutil.Process(pid).wait(20)
    except (ControlError, psutil.Error):
        pass


if __name__ == "__main__":
    main()
