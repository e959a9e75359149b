"""Folders that go into an installer: one time, one set of modes, whatever machine they were made on."""

import os
import stat
from pathlib import Path


def files_below(folder: Path) -> list[Path]:
    """All files and links, sorted, folders left out."""
    return sorted(
        Path(parent, name)
        for parent, folders, names in os.walk(folder)
        for name in (*names, *(each for each in folders if Path(parent, each).is_symlink()))
    )


def size_of(folder: Path) -> int:
    """Bytes in all its files; a link counts nothing."""
    return sum(path.stat().st_size for path in files_below(folder) if not path.is_symlink())


def normalise(folder: Path, epoch: int) -> None:
    """Everything is as old as the commit; files are 0644, or 0755 where their owner may run them; folders 0755."""
    for parent, folders, names in os.walk(folder, topdown=False):
        for path in (Path(parent, name) for name in (*names, *folders)):
            if not path.is_symlink():
                runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
                path.chmod(0o755 if runs else 0o644)
            os.utime(path, (epoch, epoch), follow_symlinks=os.utime not in os.supports_follow_symlinks)
    folder.chmod(0o755)
    os.utime(folder, (epoch, epoch))
