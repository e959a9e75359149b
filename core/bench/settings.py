"""What every process of a measurement sets before it begins, so that figures are those of an engine."""

import sys

import torch

from core.engine.attachment import configure_torch
from core.engine.main import SWITCH_INTERVAL_S
from core.host.memory import keep_heap_small

THREADS = 1


def like_an_engine() -> None:
    """One torch thread, and whatever else an engine sets for its process."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    keep_heap_small()
    configure_torch(THREADS)
    torch.set_grad_enabled(False)
