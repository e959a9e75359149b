"""What the programs and libraries of a folder need from the system that they will run on."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from installers.common.errors import BuildError
from installers.common.programs import require, run
from installers.common.trees import files_below

_NEEDED = re.compile(r"^\s*NEEDED\s+(\S+)", re.MULTILINE)
_GLIBC = re.compile(r"\bGLIBC_(\d+)\.(\d+)")
_SECTION = re.compile(r"^(.+):\s+file format elf", re.MULTILINE)
_AT_ONCE = 100
_PACKED_RELOCATIONS = (2, 36)
"""The first glibc whose loader reads them."""


@dataclass(frozen=True, slots=True)
class Needs:
    """sonames: libraries that are not in the folder itself, and a file that names each. glibc: the oldest that fits."""

    sonames: dict[str, Path]
    glibc: tuple[int, int]


def is_elf(path: Path) -> bool:
    """Whether this is a program or library of Linux."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def needs(folder: Path) -> Needs:
    """Of all programs and libraries in the folder. Raises BuildError."""
    inside = {path.name for path in files_below(folder)}
    sonames: dict[str, Path] = {}
    glibc = (0, 0)
    for path, text in _headers(folder).items():
        for soname in _NEEDED.findall(text):
            if soname not in inside:
                sonames.setdefault(soname, path)
        # Only what is required counts; a bundled library may define versions of its own.
        required = text.partition("Version References:")[2]
        glibc = max([glibc, *((int(major), int(minor)) for major, minor in _GLIBC.findall(required))])
        if "GLIBC_ABI_DT_RELR" in required:
            glibc = max(glibc, _PACKED_RELOCATIONS)
    if glibc == (0, 0):
        raise BuildError(f"No program of Linux was found in {folder}.")
    return Needs(sonames, glibc)


def unneeded(folder: Path, candidates: Iterable[Path]) -> list[Path]:
    """Those of the candidates that nothing else in the folder needs, nor any of them that is needed. Raises
    BuildError."""
    wanted = {path: set(_NEEDED.findall(text)) for path, text in _headers(folder).items()}
    left = set(candidates)
    needed = {soname for path, sonames in wanted.items() if path not in left for soname in sonames}
    while found := [path for path in left if path.name in needed]:
        left.difference_update(found)
        needed.update(*(wanted.get(path, set()) for path in found))
    return sorted(left)


def _headers(folder: Path) -> dict[Path, str]:
    """What objdump says of each program and library. Raises BuildError."""
    objdump = require("objdump", "It comes with binutils.")
    elves = [path for path in files_below(folder) if is_elf(path)]
    found: dict[Path, str] = {}
    for start in range(0, len(elves), _AT_ONCE):
        parts = _SECTION.split(run([objdump, "-p", *elves[start : start + _AT_ONCE]]))[1:]
        found.update(zip(map(Path, parts[::2]), parts[1::2], strict=True))
    return found
