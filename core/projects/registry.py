"""The projects that this computer has joined: their manifests, and where their swarms were found.

One file a project in the home's `projects` folder, `<project id>.toml`, exactly as it was published, and beside it
`<project id>.json` with bootstrap addresses. Files that cannot be read are reported and left alone.
"""

import contextlib
import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import HomeError, ManifestError
from core.files import write_atomically
from core.paths import Home
from core.projects.link import MAX_BOOTSTRAP, JoinLink, check_bootstrap, is_link
from core.projects.manifest import BUILTIN, Manifest, builtin, load, read_file, resolve

log = logging.getLogger("hivelet.projects")

MAX_SIDECAR_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class JoinedProject:
    """A project on this computer, and peers that know its swarm. joined: when, Unix time; 0 for one that is not."""

    manifest: Manifest
    bootstrap: tuple[str, ...] = ()
    joined: float = 0.0


class ProjectRegistry:
    """The joined projects of one home. Every method reads or writes files, and holds nothing in memory."""

    def __init__(self, home: Home) -> None:
        self._folder = home.projects

    def projects(self) -> list[JoinedProject]:
        """All joined projects by name; what cannot be read is left out and logged."""
        found = []
        for path in self._folder.glob("*.toml"):
            if not re.fullmatch("[0-9a-f]{64}", path.stem):
                continue
            try:
                found.append(self._read(path))
            except ManifestError as error:
                log.warning("A joined project is left out: %s", error)
        return sorted(found, key=lambda project: (project.manifest.name, project.manifest.project_id))

    def find(self, name: str) -> JoinedProject:
        """The joined project of this name, or whose id begins so (8 digits or more). Raises ManifestError."""
        joined = self.projects()
        by_id = [p for p in joined if len(name) >= 8 and p.manifest.project_id.hex().startswith(name.lower())]
        matching = [p for p in joined if p.manifest.name == name] or by_id
        if not matching:
            names = ", ".join(p.manifest.name for p in joined) or "none so far"
            raise ManifestError(f"The project {name[:64]!r} is not joined on this computer; joined are: {names}.")
        if len(matching) > 1:
            ids = ", ".join(p.manifest.project_id.hex()[:12] for p in matching)
            raise ManifestError(f"Several joined projects are named {name[:64]!r}; name one by its id: {ids}.")
        return matching[0]

    def join(self, what: str, bootstrap: Sequence[str] = ()) -> JoinedProject:
        """Join by a built-in name, a signed file or a join link; joining again adds addresses.

        Raises ManifestError, HomeError.
        """
        addresses = tuple(check_bootstrap(address) for address in bootstrap)
        found = self.look(what)
        manifest, addresses = found.manifest, (*addresses, *found.bootstrap)
        path = self._path(manifest)
        known = self._bootstrap(path) if path.exists() else ()
        # The newest addresses first: of too many, the oldest are forgotten.
        kept = tuple(dict.fromkeys((*addresses, *known)))[:MAX_BOOTSTRAP]
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path.with_suffix(".json"), json.dumps({"bootstrap": kept}).encode())
        write_atomically(path, manifest.toml)
        return self._read(path)

    def look(self, what: str) -> JoinedProject:
        """What `join` would join, with the addresses that a link brings. Changes nothing. Raises ManifestError."""
        if not is_link(what):
            return JoinedProject(resolve(what))
        link = JoinLink.parse(what)
        return JoinedProject(self._linked(link), link.bootstrap)

    def leave(self, name: str) -> Manifest:
        """Forget a joined project, by name or id; its experts' saved states stay. Raises ManifestError, HomeError."""
        manifest = self.find(name).manifest
        path = self._path(manifest)
        try:
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
        except OSError as error:
            raise HomeError(f"{path} cannot be removed ({error.strerror}).") from error
        return manifest

    def _linked(self, link: JoinLink) -> Manifest:
        """The manifest that a link names, from this installation or this home."""
        candidates = [builtin(name) for name in BUILTIN] + [project.manifest for project in self.projects()]
        for manifest in candidates:
            if manifest.project_id == link.project_id:
                return manifest
        raise ManifestError(
            f"This computer does not have the project file of {link.name} ({link.project_id.hex()[:12]}); "
            "ask the organiser for it, then: hivelet project join FILE"
        )

    def _path(self, manifest: Manifest) -> Path:
        return self._folder / f"{manifest.project_id.hex()}.toml"

    def _read(self, path: Path) -> JoinedProject:
        shipped = {builtin(name).toml for name in BUILTIN}
        # What ships with Hivelet is trusted without a signature, wherever a copy of it lies.
        manifest = load(path, unsigned=read_file(path) in shipped)
        if manifest.project_id.hex() != path.stem:
            raise ManifestError(f"{path} was changed: it holds another project than its name says.")
        return JoinedProject(manifest, self._bootstrap(path), path.stat().st_mtime)

    def _bootstrap(self, path: Path) -> tuple[str, ...]:
        sidecar = path.with_suffix(".json")
        addresses: list[str] = []
        with contextlib.suppress(OSError, ValueError, RecursionError):
            if sidecar.stat().st_size <= MAX_SIDECAR_BYTES:
                content = json.loads(sidecar.read_bytes())
                listed = content.get("bootstrap") if isinstance(content, dict) else None
                addresses = [item for item in listed if isinstance(item, str)] if isinstance(listed, list) else []
        good = []
        for address in addresses[:MAX_BOOTSTRAP]:
            try:
                good.append(check_bootstrap(address))
            except ManifestError as error:
                log.warning("%s: %s", sidecar, error)
        return tuple(good)
