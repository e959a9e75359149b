"""Which project an engine works on."""

from core.paths import Home
from core.projects.manifest import builtin, resolve
from core.projects.registry import JoinedProject, ProjectRegistry

DEFAULT_PROJECT = "text"


def choose_project(home: Home, named: str | None) -> JoinedProject:
    """The one that was named (a file or a built-in name), else the one that was joined last, else the built-in text.

    Raises ManifestError.
    """
    if named:
        return JoinedProject(resolve(named))
    joined = ProjectRegistry(home).projects()
    return max(joined, key=lambda project: project.joined) if joined else JoinedProject(builtin(DEFAULT_PROJECT))
