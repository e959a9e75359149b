"""What an installer's program does before anything else. From source nothing of it is needed."""

import os
import sys
from collections.abc import MutableMapping

_LOADER_PATH = "LD_LIBRARY_PATH"


def prepare() -> None:
    """Serve as a helper of multiprocessing where that was asked for, and give the environment back to the user."""
    if not getattr(sys, "frozen", False):
        return
    import multiprocessing  # noqa: PLC0415 - only a frozen program needs it

    multiprocessing.freeze_support()
    clean(os.environ)


def clean(environment: MutableMapping[str, str]) -> None:
    """Undo what the boot loader set for this process alone.

    A browser or a system tool that we start must find the system's libraries, not ours; and an engine that we start
    outlives us, so it must not take itself for a part of this process.
    """
    original = environment.pop(f"{_LOADER_PATH}_ORIG", None)
    if original is not None:
        environment[_LOADER_PATH] = original
    else:
        environment.pop(_LOADER_PATH, None)
    for name in [name for name in environment if name.startswith("_PYI_")]:
        del environment[name]
