"""Running the programs that build."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from installers.common.errors import BuildError

_LAST_WORDS = 2000


def require(program: str, hint: str) -> str:
    """The path of a program. hint: how to get it. Raises BuildError."""
    found = shutil.which(program)
    if found is None:
        raise BuildError(f"{program} is not installed. {hint}")
    return found


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    timeout_s: float = 3600.0,
) -> str:
    """Run a program to its end and return what it printed. Raises BuildError with its last words."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except OSError as error:
        raise BuildError(f"{words[0]} cannot be run ({error.strerror}).") from error
    except subprocess.TimeoutExpired:
        raise BuildError(f"{words[0]} did not end within {timeout_s:.0f} s.") from None
    if done.returncode:
        raise BuildError(f"{words[0]} failed ({done.returncode}):\n{done.stdout[-_LAST_WORDS:]}")
    return done.stdout
