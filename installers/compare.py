"""Compares what two builds made: `python -m installers.compare FOLDER FOLDER`.

Every file is compared byte by byte, links by where they lead, and both by whether they may be run. Of a frozen program
that differs, the parts that do are named, down to Python's modules.
"""

import hashlib
import importlib.util
import os
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from installers.common.downloads import sha256_of
from installers.common.errors import BuildError
from installers.common.trees import files_below


@dataclass(frozen=True, slots=True)
class Comparison:
    """same: how many files are alike. differs: those that are not, with the parts that differ where they have any.
    only: those that are in one folder alone."""

    same: int
    differs: dict[str, list[str]]
    only: list[str]

    @property
    def identical(self) -> bool:
        """Whether the folders hold the same."""
        return not self.differs and not self.only


def compare(one: Path, other: Path) -> Comparison:
    """Raises BuildError when one is no folder or holds nothing."""
    left, right = _contents(one), _contents(other)
    both = left.keys() & right.keys()
    differs = {name: _parts(one / name, other / name) for name in sorted(both) if left[name] != right[name]}
    return Comparison(len(both) - len(differs), differs, sorted(left.keys() ^ right.keys()))


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """The names whose values differ, or that only one side has."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _contents(folder: Path) -> dict[str, str]:
    """Each file below the folder by what it holds."""
    if not folder.is_dir():
        raise BuildError(f"{folder} is no folder.")
    found = {path.relative_to(folder).as_posix(): _content(path) for path in files_below(folder)}
    if not found:
        raise BuildError(f"{folder} is empty.")
    return found


def _content(path: Path) -> str:
    if path.is_symlink():
        return f"link to {path.readlink()}"
    runs = "program" if path.stat().st_mode & stat.S_IXUSR and os.name == "posix" else "file"
    return f"{runs} {sha256_of(path)}"


def _parts(one: Path, other: Path) -> list[str]:
    """What differs inside two frozen programs; nothing where they are none, or cannot be looked into here."""
    if importlib.util.find_spec("PyInstaller") is None or one.is_symlink() or other.is_symlink():
        return []
    from PyInstaller.loader.pyimod01_archive import ArchiveReadError  # noqa: PLC0415

    try:
        return differing(parts_of(one), parts_of(other))
    except ArchiveReadError:
        return []


def parts_of(program: Path) -> dict[str, str]:
    """Each part of a program that PyInstaller made, by its hash; the order of parts, too."""
    from PyInstaller.archive.readers import CArchiveReader  # noqa: PLC0415

    archive = CArchiveReader(str(program))
    found = {"boot loader": _hash(program.read_bytes()[: archive._start_offset]), "order": _hash(repr([*archive.toc]))}
    for name, entry in archive.toc.items():
        if entry[-1] not in "zZ":
            found[name] = _hash(archive.extract(name))
            continue
        modules = archive.open_embedded_archive(name)
        found[f"{name}: order"] = _hash(repr([*modules.toc]))
        for module in modules.toc:
            found[f"{name}: {module}"] = _hash(modules.extract(module, raw=True) or b"")
    return found


def _hash(data: bytes | str) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code: 0 the same, 1 different, 2 bad use."""
    if len(arguments) != 2:
        print("usage: python -m installers.compare FOLDER FOLDER", file=sys.stderr)
        return 2
    try:
        found = compare(Path(arguments[0]), Path(arguments[1]))
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for line in lines(found):
        print(line)
    return 0 if found.identical else 1


def lines(found: Comparison) -> list[str]:
    """For people to read."""
    written = [f"{found.same} files are the same, {len(found.differs)} differ, {len(found.only)} are on one side only"]
    for name, parts in found.differs.items():
        written += [f"differs: {name}", *(f"         {part}" for part in parts)]
    return [*written, *(f"only one has: {name}" for name in found.only)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
