"""A batch that can be left in its middle: a pause must not wait for a slow computer to finish forward and backward."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn


class InterruptedBatchError(Exception):
    """The batch under way was given up; nothing is learned from it."""


def interruptible(module: nn.Module, stop: Callable[[], bool]) -> None:
    """Ask `stop` before each part of the module computes, forward and backward; True raises InterruptedBatchError.

    One operation inside a part is never interrupted.
    """

    def check() -> None:
        if stop():
            raise InterruptedBatchError

    def before(_module: nn.Module, _inputs: Any) -> None:
        check()

    def after(_module: nn.Module, _inputs: Any, output: Any) -> None:
        # The hook of a tensor runs when its gradient is known: between two parts on the way back.
        if isinstance(output, torch.Tensor) and output.requires_grad:
            output.register_hook(lambda _gradient: check())  # type: ignore[no-untyped-call]

    for part in module.modules():
        part.register_forward_pre_hook(before)
        part.register_forward_hook(after)
