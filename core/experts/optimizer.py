"""One expert's optimizer over one flat vector: clipping, checking and stepping take a few operations in all."""

import math
from collections.abc import Sequence

import torch
from torch import nn

from core.errors import TensorError
from core.experts.spec import OPTIMIZER_SLOTS, OptimizerSpec

_SLOT_NAMES = {2: ("exp_avg", "exp_avg_sq"), 0: ()}


class FlatOptimizer:
    """Moves a module's trainable parameters into one contiguous vector and steps that.

    The module's own parameters become views of the vector. Not thread-safe: its expert's lock guards it.
    """

    def __init__(self, module: nn.Module, spec: OptimizerSpec) -> None:
        self.spec = spec
        self.steps = 0
        self.parameters = [p for p in module.parameters() if p.requires_grad]
        pieces = [p.detach().reshape(-1) for p in self.parameters]
        self.flat = nn.Parameter(torch.cat(pieces) if pieces else torch.empty(0))
        start = 0
        for parameter in self.parameters:
            end = start + parameter.numel()
            parameter.data = self.flat.data[start:end].view(parameter.shape)
            start = end
        self._optimizer = _make(self.flat, spec)

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
            self.flat.grad = flat
            warmth = min(1.0, (self.steps + 1) / self.spec.warmup_steps) if self.spec.warmup_steps else 1.0
            self._optimizer.param_groups[0]["lr"] = self.spec.learning_rate * warmth
            self._optimizer.step()
            self.flat.grad = None
        self.steps += 1

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the vectors that are kept beside the parameters."""
        return _SLOT_NAMES[OPTIMIZER_SLOTS[self.spec.name]]

    def slot(self, name: str) -> torch.Tensor:
        """A copy of one of them, as long as the flat vector; zeros before the first step."""
        kept = self._optimizer.state.get(self.flat, {}).get(name)
        return torch.zeros_like(self.flat.data) if kept is None else kept.detach().clone()

    @torch.no_grad()
    def restore(self, steps: int, flat: torch.Tensor, slots: dict[str, torch.Tensor]) -> None:
        """Take up where another optimizer of the same kind stopped. flat and slots: vectors of equal length."""
        self.flat.copy_(flat)
        self.steps = steps
        if slots:
            device = self.flat.device
            self._optimizer.state[self.flat] = {
                "step": torch.tensor(float(steps), device=device),
                **{name: vector.to(device).clone() for name, vector in slots.items()},
            }


def _make(flat: nn.Parameter, spec: OptimizerSpec) -> torch.optim.Optimizer:
    fused = flat.device.type in ("cpu", "cuda") and flat.numel() > 0
    match spec.name:
        case "sgd":
            return torch.optim.SGD([flat], spec.learning_rate, weight_decay=spec.weight_decay, fused=fused)
        case "adamw":
            return torch.optim.AdamW([flat], spec.learning_rate, weight_decay=spec.weight_decay, fused=fused)
        case _:
            return torch.optim.Adam([flat], spec.learning_rate, weight_decay=spec.weight_decay, fused=fused)
