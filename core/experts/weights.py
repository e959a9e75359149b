"""Versions of one expert's parameters: a version that a ticket still needs is not written over.

An optimizer steps in place as long as nobody holds the present version; otherwise it leaves that one as it is and
writes the next into a fresh vector. So gradients can be those of the very weights that a forward call used.
"""

import threading
from collections.abc import Sequence

import torch

_counting = threading.Lock()


class Weights:
    """One version: a flat float32 vector, and a view of it for every parameter, which autograd may differentiate by.

    `held` counts the tickets that need it; superseded: a newer version exists.
    """

    __slots__ = ("flat", "held", "parameters", "superseded")

    def __init__(self, flat: torch.Tensor, shapes: Sequence[torch.Size]) -> None:
        self.flat = flat
        self.held = 0
        self.superseded = False
        self.parameters = views(flat, shapes)
        for parameter in self.parameters:
            parameter.requires_grad_()

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return self.flat.nbytes

    def hold(self) -> None:
        """One more ticket needs it. Any thread."""
        with _counting:
            self.held += 1

    def release(self) -> bool:
        """One ticket less needs it; True when it was the last one, and this version is of no use any more."""
        with _counting:
            self.held -= 1
            return self.superseded and not self.held


def views(flat: torch.Tensor, shapes: Sequence[torch.Size]) -> list[torch.Tensor]:
    """Cut a vector into tensors of these shapes that share its memory."""
    pieces = torch.split(flat.detach(), [shape.numel() for shape in shapes])
    return [piece.view(shape).detach() for piece, shape in zip(pieces, shapes, strict=True)]


class Scratch(threading.local):
    """A vector for gradients that every thread keeps for all its experts: fresh memory for each step would cost as
    much as the step itself, and cutting it anew a tenth of that of a small expert."""

    def __init__(self) -> None:
        self._vectors: dict[torch.device, torch.Tensor] = {}
        self._cut: dict[tuple[torch.device, tuple[torch.Size, ...]], tuple[torch.Tensor, list[torch.Tensor]]] = {}

    def gradient(self, shapes: tuple[torch.Size, ...], device: torch.device) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """A vector on that device with room for these shapes, and its views of them; with whatever is in them."""
        found = self._cut.get((device, shapes))
        if found is None:
            size = sum(shape.numel() for shape in shapes)
            vector = self._vectors.get(device)
            if vector is None or vector.numel() < size:
                self._vectors[device] = vector = torch.empty(size, device=device)
                self._cut.clear()  # what was cut from shorter ones would keep them
            found = self._cut[device, shapes] = vector[:size], views(vector[:size], shapes)
        return found
