"""Writing files so that a crash, a full disk or a second reader never sees half of one."""

import contextlib
import errno
import os
import tempfile
import time
from pathlib import Path

from core.errors import HomeError

_SUFFIX = ".tmp"
_LEFTOVER_AGE_S = 3600.0
_REPLACE_TRIES = 20
_REPLACE_WAIT_S = 0.05


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` at `path`, readable by the user alone (0600): the old content stays until the new is on the disk.

    Raises HomeError with one clear sentence; the old file is then untouched.
    """
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(suffix=_SUFFIX, prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise HomeError(_sentence(path, error)) from error


def set_aside(path: Path, most: int = 9) -> Path:
    """Rename a broken file to `<stem>.broken-<n><suffix>` beside it, so that nothing is lost, and return the new path.

    At most `most` such files are kept; then the oldest one gives way. Raises OSError.
    """
    names = [path.with_name(f"{path.stem}.broken-{n}{path.suffix}") for n in range(1, most + 1)]
    free = [name for name in names if not name.exists()]
    chosen = free[0] if free else min(names, key=lambda name: name.stat().st_mtime_ns)
    _replace(path, chosen)
    return chosen


def sweep_leftovers(folder: Path) -> None:
    """Remove temporary files that a killed process left behind more than an hour ago."""
    oldest = time.time() - _LEFTOVER_AGE_S
    for path in folder.glob(f".*{_SUFFIX}"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()


def _replace(source: Path, target: Path) -> None:
    """os.replace, patient with Windows, where a reader or a virus scanner holds a file for a moment."""
    for left in reversed(range(_REPLACE_TRIES)):
        try:
            source.replace(target)
        except PermissionError:
            if os.name != "nt" or not left:
                raise
            time.sleep(_REPLACE_WAIT_S)  # the system has no event for "the other program has closed the file"
        else:
            return


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where folders can be synchronised."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):  # some network file systems refuse; the content itself is safe
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sentence(path: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", -1)):
        return f"The disk is full: {path.name} could not be saved in {path.parent}. Free some space; nothing was lost."
    return f"{path.name} could not be saved in {path.parent} ({error.strerror}). Make this folder writable."
