"""Which project an engine works on."""

from core.paths import Home
from core.projects.manifest import builtin, resolve
from core.projects.registry import JoinedProject, ProjectRegistry

DEFAULT_PROJECT = "text"


def choose_project(home: Home, named: str | None) -> JoinedProject:
    """The one that was named (a file or a built-in name), else the first that was joined, else the built-in text.

    Raises ManifestError.
    """
    if named:
        return JoinedProject(resolve(named))
    joined = ProjectRegistry(home).projects()
    return joined[0] if joined else JoinedProject(builtin(DEFAULT_PROJECT))
