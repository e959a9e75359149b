"""How Python shares itself between threads that compute and threads that answer."""

import gc
import sys

SWITCH_INTERVAL_S = 0.0005
"""A thread that computes must hand the interpreter over quickly: a call to an expert is shorter than Python's 5 ms."""


def hand_over_quickly() -> None:
    """Set it for this process."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)


def spare_imports() -> None:
    """Let the garbage collector skip what exists by now, above all torch's modules. Call it when all is imported.

    A full collection stops every thread, and looking through torch's 180,000 objects takes it some 80 ms.
    """
    gc.freeze()
