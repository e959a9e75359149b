"""What every build is told: where the source is, where results go, which version this is and when it was made."""

import os
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from installers.common.errors import BuildError

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class BuildContext:
    """One build of one target.

    root: the checkout. output: where finished installers go. work: scratch space of this build, which may be kept
    between builds. version: from pyproject.toml, the one place where it stands. commit: the full hash with "-dirty"
    where files differ from it, "" outside a Git checkout. epoch: Unix time of that commit, the only time that
    results may carry. reuse_frozen: take the frozen program of the last build in `work` as it is. compression: 0 to 9,
    that of xz.
    """

    root: Path
    output: Path
    work: Path
    version: str
    commit: str
    epoch: int
    reuse_frozen: bool = False
    compression: int = 6

    @classmethod
    def of(cls, root: Path, output: Path, *, reuse_frozen: bool = False) -> "BuildContext":
        """From a checkout. Raises BuildError."""
        return cls(
            root=root,
            output=output,
            work=root / "build",
            version=project_version(root),
            commit=_commit(root),
            epoch=source_date_epoch(root, os.environ),
            reuse_frozen=reuse_frozen,
        )

    @property
    def downloads(self) -> Path:
        """Where pinned downloads are kept."""
        return self.work / "downloads"

    def environment(self) -> dict[str, str]:
        """Of programs that build: the time of the commit, one order of hashes, one time zone, one language."""
        fixed = {"SOURCE_DATE_EPOCH": str(self.epoch), "PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        return {**os.environ, **fixed}


def project_version(root: Path) -> str:
    """What pyproject.toml says. Raises BuildError."""
    try:
        return str(tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, ValueError, KeyError) as error:
        raise BuildError(f"pyproject.toml in {root} names no version ({error}).") from error


def source_date_epoch(root: Path, environment: Mapping[str, str]) -> int:
    """$SOURCE_DATE_EPOCH where it is set, else the time of the last commit, Unix seconds. Raises BuildError."""
    said = environment.get("SOURCE_DATE_EPOCH") or _git(root, "log", "-1", "--format=%ct")
    if not said.isdecimal():
        raise BuildError("This is no Git checkout: set SOURCE_DATE_EPOCH to the release's time in Unix seconds.")
    return int(said)


def _commit(root: Path) -> str:
    commit = _git(root, "rev-parse", "HEAD")
    return f"{commit}-dirty" if commit and _git(root, "status", "--porcelain", "--untracked-files=no") else commit


def _git(root: Path, *arguments: str) -> str:
    """What git prints, "" where there is no git, no checkout, or no commit."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
