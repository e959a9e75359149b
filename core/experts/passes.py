"""Forward and backward passes through one module: what is kept between the two, and the gradients that come of it."""

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import torch
from torch import nn
from torch.func import functional_call

from core.experts.layers import WithGradients
from core.experts.tickets import Kept
from core.experts.weights import Weights

PRECISIONS: dict[str, torch.dtype] = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_HALF_TARGET = 2.0**8
"""Largest output gradient that goes through a float16 backward pass: far from both ends of its range."""

Tensors = Sequence[torch.Tensor]


class Passes(Protocol):
    """How one expert's module is computed. All tensors are on its device; weights are a version of its own."""

    def output(self, inputs: Tensors) -> torch.Tensor:
        """The module's output, in whatever precision; nothing is kept. Gradients are off already."""
        ...

    def forward(self, inputs: Tensors, weights: Weights, pieces: Sequence[int]) -> tuple[torch.Tensor, list[Kept]]:
        """The output for all rows, and what to keep for each piece (its number of rows, in order)."""
        ...

    def backward(self, kept: Sequence[Kept], upstream: Tensors, into: Tensors) -> list[tuple[torch.Tensor, ...]]:
        """The input gradients of each kept piece; all of one version. upstream: its output gradients, one a piece.

        The parameters' gradients, summed over the pieces, are written over `into`.
        """
        ...


def passes_for(module: nn.Module, device: torch.device, precision: str) -> Passes:
    """Gradients by hand where the layer knows them and nothing is rounded, else autograd's."""
    if precision == "float32" and isinstance(module, WithGradients):
        return ByHand(module)
    return ByAutograd(module, device, PRECISIONS[precision])


class ByHand:
    """For layers with gradients of their own: pieces are slices of the batch, and are put together again."""

    def __init__(self, module: WithGradients) -> None:
        self._module = module

    def output(self, inputs: Tensors) -> torch.Tensor:
        """See Passes."""
        return self._module(inputs[0])

    @torch.no_grad()
    def forward(self, inputs: Tensors, weights: Weights, pieces: Sequence[int]) -> tuple[torch.Tensor, list[Kept]]:
        """See Passes."""
        y, tensors = self._module.keep(inputs[0], weights.parameters)
        if len(pieces) == 1:
            return y, [_by_hand(weights, tensors, pieces[0])]
        cut = zip(*(torch.split(each, list(pieces)) for each in tensors), strict=True)
        return y, [_by_hand(weights, piece, rows) for piece, rows in zip(cut, pieces, strict=True)]

    @torch.no_grad()
    def backward(self, kept: Sequence[Kept], upstream: Tensors, into: Tensors) -> list[tuple[torch.Tensor, ...]]:
        """See Passes."""
        weights = kept[0].weights.parameters
        if len(kept) == 1:
            return [(self._module.gradients(kept[0].tensors, upstream[0], weights, into),)]
        together = [torch.cat(column) for column in zip(*(each.tensors for each in kept), strict=True)]
        found = self._module.gradients(together, torch.cat(list(upstream)), weights, into)
        return [(piece,) for piece in torch.split(found, [each.rows for each in kept])]


def _by_hand(weights: Weights, tensors: Tensors, rows: int) -> Kept:
    return Kept(weights, tuple(tensors), rows, sum(each.nbytes for each in tensors))


class ByAutograd:
    """For any module. Each piece has a graph of its own, as a graph can only be walked back as a whole.

    dtype: of the arithmetic where torch's autocast finds it safe; float16 is scaled so that small gradients survive.
    """

    def __init__(self, module: nn.Module, device: torch.device, dtype: torch.dtype = torch.float32) -> None:
        self._module = module
        self._device = device
        self._dtype = dtype
        self._names = [name for name, p in module.named_parameters() if p.requires_grad]

    def output(self, inputs: Tensors) -> torch.Tensor:
        """See Passes."""
        with self._autocast():
            y: torch.Tensor = self._module(*inputs)
        return y

    def forward(self, inputs: Tensors, weights: Weights, pieces: Sequence[int]) -> tuple[torch.Tensor, list[Kept]]:
        """See Passes."""
        cut = zip(*(torch.split(each, list(pieces)) for each in inputs), strict=True)
        kept = [self._keep(piece, weights, rows) for piece, rows in zip(cut, pieces, strict=True)]
        outputs = [each.tensors[-1].detach() for each in kept]
        return (outputs[0] if len(outputs) == 1 else torch.cat(outputs)), kept

    def _keep(self, inputs: Tensors, weights: Weights, rows: int) -> Kept:
        sizes: dict[int, int] = {weights.flat.untyped_storage().data_ptr(): 0}

        def count(saved: torch.Tensor) -> torch.Tensor:
            storage = saved.untyped_storage()
            sizes.setdefault(storage.data_ptr(), storage.nbytes())
            return saved

        leaves = [x.detach().requires_grad_(x.is_floating_point()) for x in inputs]
        parameters = dict(zip(self._names, weights.parameters, strict=True))
        hooks = torch.autograd.graph.saved_tensors_hooks(count, lambda saved: saved)
        with torch.enable_grad(), hooks, self._autocast():
            y = functional_call(self._module, parameters, tuple(leaves)).to(torch.float32)
        for each in (*leaves, y):
            count(each)
        return Kept(weights, (*leaves, y), rows, sum(sizes.values()))

    def _autocast(self) -> AbstractContextManager[Any]:
        return nullcontext() if self._dtype == torch.float32 else torch.autocast(self._device.type, self._dtype)

    def backward(self, kept: Sequence[Kept], upstream: Tensors, into: Tensors) -> list[tuple[torch.Tensor, ...]]:
        """See Passes."""
        results = []
        for number, (each, gradient) in enumerate(zip(kept, upstream, strict=True)):
            *leaves, y = each.tensors
            wanted = [x for x in leaves if x.requires_grad]
            scale = self._scale(gradient)
            found = _gradients(y, [*wanted, *each.weights.parameters], gradient * scale if scale != 1 else gradient)
            own = [torch.zeros_like(x) if g is None else g for x, g in zip(wanted, found, strict=False)]
            results.append(tuple(g / scale if scale != 1 else g for g in own))
            for place, g in zip(into, found[len(wanted) :], strict=True):
                if not number:
                    place.zero_()
                if g is not None:
                    place.add_(g, alpha=1 / scale)
        return results

    def _scale(self, gradient: torch.Tensor) -> float:
        """A power of two that brings the largest number near _HALF_TARGET; 1 where nothing is lost anyway."""
        if self._dtype != torch.float16:
            return 1.0
        peak = float(gradient.abs().max())
        if not (0 < peak < math.inf):
            return 1.0
        return 2.0 ** math.floor(math.log2(_HALF_TARGET / peak))


def _gradients(y: torch.Tensor, of: Tensors, upstream: torch.Tensor) -> Sequence[torch.Tensor | None]:
    if not y.requires_grad:  # nothing in it can be trained, and its inputs have no gradients
        return [None] * len(of)
    # The graph is retained, as a batch that fails is computed again call by call; it goes when its ends do.
    return torch.autograd.grad(y, list(of), upstream, retain_graph=True, allow_unused=True)
