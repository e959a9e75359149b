"""Pinned downloads: taken only when every byte is the one that was pinned, else refused and deleted."""

import contextlib
import hashlib
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from installers.common.errors import BuildError

_PIECE = 1 << 20
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Pinned:
    """A file that a build needs. name: what it is called here. size: bytes. sha256: 64 lower-case hex digits."""

    name: str
    url: str
    size: int
    sha256: str


def fetch(pinned: Pinned, folder: Path) -> Path:
    """The file, from `folder` where it lies already, else downloaded. Raises BuildError, and leaves nothing behind,
    when it is cut, altered, longer than pinned or cannot be had."""
    path = folder / pinned.name
    if path.exists():
        check(pinned, path)
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{pinned.name}-", delete=False) as part:
        arrived = Path(part.name)
        try:
            with urllib.request.urlopen(pinned.url, timeout=_PATIENCE_S) as source:  # noqa: S310 - checked below
                left = pinned.size + 1  # one byte more shows that it is too long; nobody makes us fill the disk
                while left and (piece := source.read(min(_PIECE, left))):
                    part.write(piece)
                    left -= len(piece)
            part.close()
            check(pinned, arrived)
            arrived.replace(path)
        except (urllib.error.URLError, HTTPException, OSError) as error:
            raise BuildError(f"{pinned.name} cannot be downloaded from {pinned.url} ({error}).") from error
        finally:
            part.close()
            arrived.unlink(missing_ok=True)
    return path


def check(pinned: Pinned, path: Path) -> None:
    """Raises BuildError, after deleting the file, unless it is the pinned one."""
    size = path.stat().st_size
    if size != pinned.size:
        trouble = f"{'cut' if size < pinned.size else 'too long'}: {size} bytes instead of {pinned.size}"
    elif (found := sha256_of(path)) != pinned.sha256:
        trouble = f"altered: its SHA-256 is {found}, pinned is {pinned.sha256}"
    else:
        return
    with contextlib.suppress(OSError):
        path.unlink()
    raise BuildError(f"{pinned.name} is {trouble}. It was deleted and is not used.")


def sha256_of(path: Path) -> str:
    """Of a file's content, in hex."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
