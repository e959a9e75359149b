"""Projects as windows see them: the one at work, the joined ones, those that ship; look, join, leave."""

from typing import Any

from core.errors import ManifestError
from core.paths import Home
from core.projects.authoring import describe
from core.projects.manifest import BUILTIN, Manifest, builtin
from core.projects.registry import JoinedProject, ProjectRegistry


class ProjectsDesk:
    """Reads and writes files, so every method may be called from a thread beside the loop. current: at work now."""

    def __init__(self, home: Home, current: JoinedProject) -> None:
        self._registry = ProjectRegistry(home)
        self._current = current

    def all(self) -> list[dict[str, Any]]:
        """The one at work first, then the joined ones, then those that ship with Hivelet."""
        joined = self._registry.projects()
        shipped = [JoinedProject(builtin(name)) for name in BUILTIN]
        found: dict[bytes, JoinedProject] = {}
        for project in (self._current, *joined, *shipped):
            found.setdefault(project.manifest.project_id, project)
        known = {project.manifest.project_id for project in joined}
        return [self._told(project, known) for project in found.values()]

    def look(self, what: str) -> dict[str, Any]:
        """One project before it is joined. Raises ManifestError."""
        return self._told(self._registry.look(what.strip()), self._known())

    def join(self, what: str) -> dict[str, Any]:
        """Join it. Raises ManifestError, HomeError."""
        return self._told(self._registry.join(what.strip()), self._known())

    def leave(self, project_id: str) -> None:
        """Forget a joined project. Raises ManifestError, HomeError."""
        if len(project_id) != 2 * len(self._current.manifest.project_id):
            raise ManifestError("A project is left by its whole id.")
        self._registry.leave(project_id)

    def _known(self) -> set[bytes]:
        return {project.manifest.project_id for project in self._registry.projects()}

    def _told(self, project: JoinedProject, joined: set[bytes]) -> dict[str, Any]:
        manifest: Manifest = project.manifest
        return {
            **describe(manifest),
            "bootstrap": list(project.bootstrap),
            "joined": manifest.project_id in joined,
            "current": manifest.project_id == self._current.manifest.project_id,
            "built_in": manifest.name in BUILTIN and builtin(manifest.name).project_id == manifest.project_id,
        }
