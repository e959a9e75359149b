"""Expert layers of other packages that are installed on this computer.

A package names them in its metadata, as entry points of the group `hivelet.experts`: the name is the layer's, the
object a class for `register_expert_class`, or one that it has decorated already. Nothing of a package is imported
until an expert of that very name is to be built, and nothing is ever fetched.
"""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from core.errors import ExpertError

GROUP = "hivelet.experts"


@cache
def _installed() -> dict[str, EntryPoint]:
    return {each.name: each for each in entry_points(group=GROUP)}


def plugin_names() -> tuple[str, ...]:
    """Layers that installed packages offer, sorted; their code is not loaded for it."""
    return tuple(sorted(_installed()))


def load_plugin(name: str) -> Any:
    """What the entry point of this name is; None when no package offers it.

    Raises ExpertError, with the package's name, when it cannot be imported.
    """
    found = _installed().get(name)
    if found is None:
        return None
    try:
        return found.load()
    except Exception as error:
        package = found.dist.name if found.dist else found.module
        raise ExpertError(
            f"The expert layer {name!r} of the package {package} cannot be loaded: {type(error).__name__}: {error}"
        ) from error
