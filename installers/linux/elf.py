"""What the programs and libraries of a folder need from the system that they will run on."""

import re
from dataclasses import dataclass
from pathlib import Path

from installers.common.errors import BuildError
from installers.common.programs import require, run
from installers.common.trees import files_below

_NEEDED = re.compile(r"^\s*NEEDED\s+(\S+)", re.MULTILINE)
_GLIBC = re.compile(r"\bGLIBC_(\d+)\.(\d+)")
_SECTION = re.compile(r"^(.+):\s+file format elf", re.MULTILINE)
_AT_ONCE = 100


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
    objdump = require("objdump", "It comes with binutils.")
    files = files_below(folder)
    inside = {path.name for path in files}
    elves = [path for path in files if is_elf(path)]
    sonames: dict[str, Path] = {}
    glibc = (0, 0)
    for start in range(0, len(elves), _AT_ONCE):
        said = run([objdump, "-p", *elves[start : start + _AT_ONCE]])
        parts = _SECTION.split(said)[1:]
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            for soname in _NEEDED.findall(text):
                if soname not in inside:
                    sonames.setdefault(soname, Path(name))
            # Only what is required counts; a bundled library may define versions of its own.
            required = text.partition("Version References:")[2]
            glibc = max([glibc, *((int(major), int(minor)) for major, minor in _GLIBC.findall(required))])
    if glibc == (0, 0):
        raise BuildError(f"No program of Linux was found in {folder}.")
    return Needs(sonames, glibc)
