"""Experts' states on disk: written whole or not at all, the newest two of each kept, checked when they are read.

A file is `<folder>/<project id, hex>/<uid in safe letters>-<hash of the uid>.<step>.snapshot`. Its content:

    8 bytes   magic
    32 bytes  SHA-256 of all that follows
    8 bytes   step, big-endian
    2 bytes   length of the uid, big-endian, then the uid in UTF-8
    the rest  the state (safetensors, for this module just bytes)

Names that came from the network are never used as they are: not in a path, and not compared by a file system that
may ignore case.
"""

import hashlib
import logging
import re
import struct
from dataclasses import dataclass
from pathlib import Path

from core.errors import HomeError
from core.files import sweep_leftovers, write_atomically

log = logging.getLogger(__name__)

KEEP = 2
MAX_BYTES = 1 << 30
_MAGIC = b"HVSNAP1\n"
_HEAD = struct.Struct(">QH")
_DIGEST = hashlib.sha256().digest_size
_MAX_STEP = (1 << 63) - 1
_MAX_UID_BYTES = 512
_UNSAFE = re.compile(r"[^a-z0-9]+")
_NAME = re.compile(r"(?P<stem>[a-z0-9-]+)\.(?P<step>[0-9]{1,19})\.snapshot")


@dataclass(frozen=True, slots=True)
class Saved:
    """One saved expert: its newest step that can be read from the file's name and head."""

    uid: str
    step: int


class SnapshotStore:
    """The snapshots below one folder (`Home.experts`). One engine at a time uses it, from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, project_id: bytes, uid: str, step: int, state: bytes) -> None:
        """Keep this state. Raises HomeError with one clear sentence; older states are then untouched."""
        name = uid.encode()
        if not 0 <= step <= _MAX_STEP or not 0 < len(name) <= _MAX_UID_BYTES or len(state) > MAX_BYTES:
            raise ValueError(f"no snapshot can be kept of {uid[:80]!r} at step {step} with {len(state)} bytes")
        folder = self._project(project_id)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise HomeError(f"{folder} cannot be made ({error.strerror}). Make {self._folder} writable.") from error
        body = _HEAD.pack(step, len(name)) + name + state
        write_atomically(folder / f"{_stem(uid)}.{step}.snapshot", _MAGIC + hashlib.sha256(body).digest() + body)
        self._thin_out(folder, _stem(uid))

    def load(self, project_id: bytes, uid: str) -> tuple[int, bytes] | None:
        """(step, state) of the newest snapshot that is whole, or None. A damaged one is passed over and logged."""
        for path in self._files(self._project(project_id), _stem(uid)):
            try:
                found_uid, step, state = _read(path)
            except (OSError, ValueError) as error:
                log.warning("The snapshot %s cannot be used: %s", path.name, error)
                continue
            if found_uid == uid:
                return step, state
            log.warning("The snapshot %s belongs to another expert.", path.name)
        return None

    def saved(self, project_id: bytes) -> list[Saved]:
        """Every expert of the project that has a snapshot, by uid. The states themselves are not checked here."""
        newest: dict[str, int] = {}
        for path in self._files(self._project(project_id)):
            try:
                uid, step = _read_head(path)
            except (OSError, ValueError) as error:
                log.warning("The snapshot %s cannot be used: %s", path.name, error)
                continue
            newest[uid] = max(step, newest.get(uid, 0))
        return [Saved(uid, step) for uid, step in sorted(newest.items())]

    def remove(self, project_id: bytes, uid: str) -> None:
        """Forget an expert. Raises HomeError when a file stays."""
        for path in self._files(self._project(project_id), _stem(uid)):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise HomeError(f"{path} cannot be deleted ({error.strerror}). Delete it by hand.") from error

    def sweep(self) -> None:
        """Remove what writers left behind that were killed. Once, at the engine's start."""
        if self._folder.is_dir():
            for folder in self._folder.iterdir():
                if folder.is_dir():
                    sweep_leftovers(folder)

    def _project(self, project_id: bytes) -> Path:
        return self._folder / project_id.hex()

    def _files(self, folder: Path, stem: str | None = None) -> list[Path]:
        """The snapshot files of one expert, or of all, newest step first."""
        if not folder.is_dir():
            return []
        found = []
        for path in folder.iterdir():
            name = _NAME.fullmatch(path.name)
            if name and stem in (None, name["stem"]):
                found.append((int(name["step"]), path))
        return [path for _, path in sorted(found, reverse=True)]

    def _thin_out(self, folder: Path, stem: str) -> None:
        # By age, not by step: after an older state was restored on purpose, the one just written must stay.
        files = sorted(self._files(folder, stem), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in files[KEEP:]:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                log.warning("The old snapshot %s cannot be deleted: %s", path.name, error)


def _stem(uid: str) -> str:
    """A file name that is safe everywhere, differs for every uid, and can still be recognised."""
    readable = _UNSAFE.sub("-", uid.lower()).strip("-")[:40] or "expert"
    return f"{readable}-{hashlib.sha256(uid.encode()).hexdigest()[:16]}"


def _read(path: Path) -> tuple[str, int, bytes]:
    """(uid, step, state), all checked. Raises OSError or ValueError."""
    if path.stat().st_size > MAX_BYTES + 4096:
        raise ValueError("it is too large")
    data = path.read_bytes()
    body = memoryview(data)[len(_MAGIC) + _DIGEST :]
    if not data.startswith(_MAGIC) or len(body) < _HEAD.size:
        raise ValueError("it is no snapshot")
    if hashlib.sha256(body).digest() != data[len(_MAGIC) : len(_MAGIC) + _DIGEST]:
        raise ValueError("its checksum is wrong")
    step, length = _HEAD.unpack_from(body)
    uid = bytes(body[_HEAD.size : _HEAD.size + length]).decode()
    return uid, step, bytes(body[_HEAD.size + length :])


def _read_head(path: Path) -> tuple[str, int]:
    """(uid, step), unchecked. Raises OSError or ValueError."""
    with path.open("rb") as file:
        head = file.read(len(_MAGIC) + _DIGEST + _HEAD.size + _MAX_UID_BYTES)
    body = head[len(_MAGIC) + _DIGEST :]
    if not head.startswith(_MAGIC) or len(body) < _HEAD.size:
        raise ValueError("it is no snapshot")
    step, length = _HEAD.unpack_from(body)
    if len(body) < _HEAD.size + length:
        raise ValueError("it is cut off")
    return body[_HEAD.size : _HEAD.size + length].decode(), step
