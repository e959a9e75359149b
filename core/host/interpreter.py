"""How Python shares itself between threads that compute and threads that answer."""

import sys

SWITCH_INTERVAL_S = 0.0005
"""A thread that computes must hand the interpreter over quickly: a call to an expert is shorter than Python's 5 ms."""


def hand_over_quickly() -> None:
    """Set it for this process."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
