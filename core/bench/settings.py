"""What every process of a measurement sets before it begins, so that figures are those of an engine."""

import torch

from core.host.interpreter import hand_over_quickly, spare_imports
from core.host.memory import keep_heap_small
from core.host.torch_setup import configure_torch

THREADS = 1


def like_an_engine() -> None:
    """One torch thread, and whatever else an engine sets for its process."""
    hand_over_quickly()
    spare_imports()
    keep_heap_small()
    configure_torch(THREADS)
    torch.set_grad_enabled(False)
