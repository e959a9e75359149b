"""The real window over the fake engine: `python -m tests.support.fake_window DIR`."""

import sys
from pathlib import Path

from app.application import WindowOptions, run_window
from core.paths import Home

if __name__ == "__main__":
    home = Home(Path(sys.argv[1]))
    engine = (sys.executable, "-m", "tests.support.fake_engine", "engine", "--home", str(home.root))
    sys.exit(run_window(WindowOptions(home, loopback=True, engine=engine)))
