"""`python -m tests.installers [PATH…] [pytest's options]`: builds the installers and installs them, for many minutes.

    python -m tests.installers tests/installers/linux                 as root on Debian or Ubuntu
    python -m tests.installers tests/installers/linux --reuse-frozen  with the frozen program of the last build

Figures are printed at the end. Pictures and installers are kept in `build/tests`.
"""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

if __name__ == "__main__":
    arguments = sys.argv[1:]
    places = [] if any(Path(word).exists() for word in arguments) else [str(HERE)]
    sys.exit(
        pytest.main(
            [*places, "--timeout=3000", "-v", "--durations=12", "-o", "console_output_style=classic", *arguments]
        )
    )
