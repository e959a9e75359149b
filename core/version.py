"""Which Hivelet this is: the version, from the one place where it stands, and what is known about its build.

The version stands in the package's metadata (pyproject.toml). Installers write `resources/build.json` with the commit
and the target that they were made from; a program that was installed from source has no such file.
"""

import json
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

SOURCE = "source"
UNKNOWN = "0+unknown"
_MOST_BYTES = 4096
_MOST_CHARS = 100
_COMMIT_CHARS = 12


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """What an installer was built from. commit: full hash, with "-dirty" where files differed from it; date: of that
    commit, ISO 8601 in UTC; target: the installer's kind. "" and "source" where nobody wrote it down."""

    version: str = ""
    commit: str = ""
    date: str = ""
    target: str = SOURCE

    def __str__(self) -> str:
        """In one line: `linux-deb, commit 0123456789ab, 2026-11-29`."""
        commit, dash, dirty = self.commit.partition("-")
        parts = (self.target, f"commit {commit[:_COMMIT_CHARS]}{dash}{dirty}" if commit else "", self.date[:10])
        return ", ".join(part for part in parts if part)


def read_build_info(data: bytes) -> BuildInfo:
    """From the content of `build.json`; what cannot be read counts as not written."""
    try:
        said = json.loads(data[: _MOST_BYTES + 1])
    except (ValueError, RecursionError):
        said = None
    if len(data) > _MOST_BYTES or not isinstance(said, dict):
        return BuildInfo()
    known = {name: said.get(name) for name in ("version", "commit", "date", "target")}
    good = {
        name: value
        for name, value in known.items()
        if isinstance(value, str) and value.isprintable() and len(value) <= _MOST_CHARS
    }
    return BuildInfo(**good)


def _build_info() -> BuildInfo:
    try:
        return read_build_info(files("resources").joinpath("build.json").read_bytes())
    except OSError:
        return BuildInfo()


def _version() -> str:
    try:
        return version("hivelet")
    except PackageNotFoundError:  # a program without metadata, or a checkout that was never installed
        return BUILD.version or UNKNOWN


BUILD = _build_info()
VERSION = _version()


def about() -> tuple[tuple[str, str], ...]:
    """(what, which) of everything that a report of a fault should name. Loads none of it."""
    return (
        ("Hivelet", VERSION),
        ("build", str(BUILD)),
        ("Python", platform.python_version()),
        ("PyTorch", installed("torch")),
        ("Qt", installed("PySide6-Essentials")),
        ("system", f"{platform.system()} {platform.release()} {platform.machine()}".strip()),
    )


def installed(distribution: str) -> str:
    """The version of an installed distribution, "unknown" where its metadata is not there."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"
