"""A disk that is soon full."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.installers.linux.volunteer import Volunteer


@contextlib.contextmanager
def small_disk(place: Path, megabytes: int, files: int = 0, owner: Volunteer | None = None) -> Iterator[Path]:
    """A file system of that size over a folder, which is made where it is missing. files: how many it holds at most,
    0 for any number."""
    made = not place.exists()
    place.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes}m" + (f",nr_inodes={files}" if files else "")
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=True, capture_output=True)
    try:
        if owner is not None:
            os.chown(place, owner.uid, owner.gid)
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True, capture_output=True)
        if made:
            with contextlib.suppress(OSError):
                place.rmdir()
