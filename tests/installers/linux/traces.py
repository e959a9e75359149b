"""Everything on the file system that an installation could leave behind, before and after."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.installers.linux.volunteer import Volunteer

Entry = tuple[int, int, int, int, float]
_WATCHED = ("/etc", "/opt", "/usr", "/var", "/lib/systemd", "/home", "/run/user")
_SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock")  # noqa: S108
"""Where everybody leaves files: only the volunteer's are looked at."""
_KEPT_BY_SYSTEM = (
    "/var/lib/dpkg", "/var/log", "/var/cache", "/var/lib/apt", "/var/lib/systemd",
    "/usr/share/applications/mimeinfo.cache", "/usr/share/icons/hicolor/icon-theme.cache", "/etc/ld.so.cache",
)  # fmt: skip
"""What package managers keep for themselves; the package's own records are looked at by name."""


@dataclass(frozen=True, slots=True)
class Traces:
    """Paths and, for each, its mode, owner, size and time of change; a folder has no size and no time."""

    entries: dict[str, Entry]

    def changes_since(self, before: "Traces") -> dict[str, str]:
        """Each path that was added, removed or changed meanwhile."""
        changes = dict.fromkeys(self.entries.keys() - before.entries.keys(), "added")
        changes |= dict.fromkeys(before.entries.keys() - self.entries.keys(), "removed")
        both = self.entries.keys() & before.entries.keys()
        changes |= {path: "changed" for path in both if self.entries[path] != before.entries[path]}
        return dict(sorted(changes.items()))


def look(person: Volunteer, without: tuple[str, ...] = ()) -> Traces:
    """Walk over it. without: folders that somebody else works in, such as this checkout."""
    skipped = (*_KEPT_BY_SYSTEM, *without)
    entries = {}
    for root in _WATCHED:
        entries |= dict(_walk(Path(root), skipped))
    for root in _SHARED:
        entries |= {path: entry for path, entry in _walk(Path(root), ()) if entry[1] == person.uid}
    for path in Path("/var/lib/dpkg").rglob("hivelet*"):
        entries[str(path)] = _entry(path.lstat())
    return Traces(entries)


def _walk(root: Path, skipped: tuple[str, ...]) -> Iterator[tuple[str, Entry]]:
    for parent, folders, names in os.walk(root):
        folders[:] = [name for name in folders if f"{parent}/{name}" not in skipped]
        for name in (*folders, *names):
            path = f"{parent}/{name}"
            if path not in skipped:
                try:
                    yield path, _entry(os.lstat(path))
                except FileNotFoundError:
                    continue  # somebody else's, gone meanwhile


def _entry(found: os.stat_result) -> Entry:
    changing = not stat.S_ISDIR(found.st_mode)
    return (found.st_mode, found.st_uid, found.st_gid, found.st_size * changing, found.st_mtime * changing)
