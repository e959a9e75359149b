"""One expert's optimizer over one flat vector: clipping, checking and stepping take a few operations in all."""

import math
from collections.abc import Sequence

import torch
from torch import nn

from core.errors import TensorError
from core.experts.spec import OPTIMIZER_SLOTS, OptimizerSpec
from core.tensors.adam import adam_step

_SLOT_NAMES: dict[int, tuple[str, ...]] = {2: ("exp_avg", "exp_avg_sq"), 0: ()}


class FlatOptimizer:
    """Moves a module's trainable parameters into one contiguous vector and steps that.

    The module's own parameters become views of the vector. Not thread-safe: its expert's lock guards it.
    """

    def __init__(self, module: nn.Module, spec: OptimizerSpec) -> None:
        self.spec = spec
        self.steps = 0
        self.parameters = [p for p in module.parameters() if p.requires_grad]
        pieces = [p.detach().reshape(-1) for p in self.parameters]
        self.flat = torch.cat(pieces) if pieces else torch.empty(0)
        self.slots = {name: torch.zeros_like(self.flat) for name in _SLOT_NAMES[OPTIMIZER_SLOTS[spec.name]]}
        start = 0
        for parameter in self.parameters:
            end = start + parameter.numel()
            parameter.data = self.flat[start:end].view(parameter.shape)
            start = end

    @torch.no_grad()
    def step(self, gradients: Sequence[torch.Tensor | None]) -> None:
        """Follow these gradients, one a parameter, at once. Raises TensorError, and changes nothing, unless finite."""
        if self.parameters:
            pairs = zip(gradients, self.parameters, strict=True)
            flat = torch.cat([(torch.zeros_like(p) if g is None else g).reshape(-1) for g, p in pairs])
            norm = float(torch.linalg.vector_norm(flat))
            if not math.isfinite(norm):
                raise TensorError("The gradients lead to numbers that are not finite.")
            if 0 < self.spec.clip_norm < norm:
                flat.mul_(self.spec.clip_norm / norm)
            self._follow(flat, self._learning_rate())
        self.steps += 1

    @torch.no_grad()
    def restore(self, steps: int, flat: torch.Tensor, slots: dict[str, torch.Tensor]) -> None:
        """Take up where another optimizer of the same kind stopped. flat and slots: vectors of equal length."""
        self.flat.copy_(flat)
        self.steps = steps
        for name, vector in slots.items():
            self.slots[name].copy_(vector)

    def _learning_rate(self) -> float:
        warmth = (self.steps + 1) / self.spec.warmup_steps if self.spec.warmup_steps else 1.0
        return self.spec.learning_rate * min(1.0, warmth)

    def _follow(self, gradient: torch.Tensor, rate: float) -> None:
        """SGD; Adam (Kingma & Ba, 2015); AdamW (Loshchilov & Hutter, 2019), as in torch.optim."""
        decay = self.spec.weight_decay
        if decay and self.spec.name == "adamw":
            self.flat.mul_(1 - rate * decay)
        elif decay:
            gradient.add_(self.flat, alpha=decay)
        if self.spec.name == "sgd":
            self.flat.add_(gradient, alpha=-rate)
            return
        adam_step(self.flat, gradient, (self.slots["exp_avg"], self.slots["exp_avg_sq"]), self.steps + 1, rate)
