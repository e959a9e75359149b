"""One expert's optimizer over one flat vector: clipping, checking and stepping take a few operations in all."""

import math
from collections.abc import Sequence

import torch
from torch import nn

from core.errors import TensorError
from core.experts.spec import OptimizerSpec
from core.experts.weights import Scratch, Weights
from core.tensors.adam import adam_step

_SLOTS: dict[str, tuple[str, ...]] = {"adam": ("exp_avg_sq", "exp_avg"), "adamw": ("exp_avg_sq", "exp_avg"), "sgd": ()}
_SHORT = {"exp_avg": torch.bfloat16}
"""What may be kept shorter than float32. A mean over ten steps is told well enough by 8 bits of precision; the other
moment is one over a thousand, to which a single step adds less than such a number can show."""
_scratch = Scratch()


class FlatOptimizer:
    """Moves a module's trainable parameters into one contiguous vector and steps that.

    The module's own parameters always show the present version. An expert that nobody has trained takes no memory for
    moments. short: Adam's first moment is kept in bfloat16. Not thread-safe: its expert's lock guards it.
    """

    def __init__(self, module: nn.Module, spec: OptimizerSpec, *, short: bool = False) -> None:
        self.spec = spec
        self.short = short
        self.steps = 0
        self.parameters = [p for p in module.parameters() if p.requires_grad]
        self.shapes = tuple(p.shape for p in self.parameters)
        pieces = [p.detach().reshape(-1) for p in self.parameters]
        flat = torch.cat(pieces) if pieces else torch.empty(0)
        self._slots: dict[str, torch.Tensor] = {}  # from the first step on
        self.weights = Weights(flat, self.shapes)
        self._show()

    @property
    def flat(self) -> torch.Tensor:
        """The present parameters as one vector."""
        return self.weights.flat

    @property
    def slots(self) -> dict[str, torch.Tensor]:
        """The optimizer's moments by name, vectors like `flat`, some with shorter numbers."""
        return self._slots or self._fresh_slots()

    def gradient(self) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """This thread's vector for gradients, and its views, one a parameter. What was in it is still there."""
        return _scratch.gradient(self.shapes, self.flat.device)

    def step(self, gradients: Sequence[torch.Tensor | None]) -> None:
        """Follow these gradients, one a parameter (None: it stands still). See `follow`."""
        vector, places = self.gradient()
        for place, gradient in zip(places, gradients, strict=True):
            if gradient is None:
                place.zero_()
            else:
                place.copy_(gradient)
        self.follow(vector)

    @torch.no_grad()
    def follow(self, gradient: torch.Tensor, own: int = 0) -> Weights | None:
        """Follow a gradient, a vector like `flat`, which is used up. Raises TensorError, and changes nothing, unless
        it is finite.

        own: how many of those who hold the present weights do not need them any more. Where others do, the weights
        stay as they are, and are returned, and the next version is another vector.
        """
        kept = None
        if self.parameters:
            norm = float(torch.linalg.vector_norm(gradient))
            if not math.isfinite(norm):
                raise TensorError("The gradients lead to numbers that are not finite.")
            if 0 < self.spec.clip_norm < norm:
                gradient.mul_(self.spec.clip_norm / norm)
            if self.weights.held > own:
                kept = self.weights
                kept.superseded = True
                self.weights = Weights(kept.flat.clone(), self.shapes)
                self._show()
            self._follow(gradient, learning_rate(self.spec, self.steps))
        self.steps += 1
        return kept

    @torch.no_grad()
    def restore(self, steps: int, flat: torch.Tensor, slots: dict[str, torch.Tensor]) -> None:
        """Take up where another optimizer of the same kind stopped. flat and slots: vectors of equal length, of any
        floating type."""
        self.flat.copy_(flat)
        self.steps = steps
        trained = any(bool(vector.any()) for vector in slots.values())
        self._slots = self._fresh_slots() if trained else {}
        for name, vector in self._slots.items():
            vector.copy_(slots[name])

    def _fresh_slots(self) -> dict[str, torch.Tensor]:
        """Zeros, in one block: smaller ones, which stay for good, would lie scattered among what comes and goes, and
        keep a heap from shrinking."""
        kinds, numbers, device = (
            dict.fromkeys(_SLOTS[self.spec.name], torch.float32),
            self.flat.numel(),
            self.flat.device,
        )
        # Apple's GPU has no bfloat16 before macOS 14.
        if self.short and (device.type != "mps" or torch.backends.mps.is_macos_or_newer(14, 0)):
            kinds |= {name: kind for name, kind in _SHORT.items() if name in kinds}
        block = torch.zeros(numbers * sum(kind.itemsize for kind in kinds.values()), dtype=torch.uint8)
        pieces = torch.split(block.to(device), [numbers * kind.itemsize for kind in kinds.values()])
        return {name: piece.view(kind) for (name, kind), piece in zip(kinds.items(), pieces, strict=True)}

    def _show(self) -> None:
        for parameter, view in zip(self.parameters, self.weights.parameters, strict=True):
            parameter.data = view.detach()

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
        self._slots = self.slots
        adam_step(self.flat, gradient, (self._slots["exp_avg"], self._slots["exp_avg_sq"]), self.steps + 1, rate)


def learning_rate(spec: OptimizerSpec, steps: int) -> float:
    """The rate of the step that follows `steps` others: up linearly over `warmup_steps`, then as `schedule` says down
    to `final_share` of itself after `decay_steps` in all, where it stays."""
    if steps < spec.warmup_steps:
        return spec.learning_rate * (steps + 1) / spec.warmup_steps
    if spec.schedule == "constant":
        return spec.learning_rate
    done = min(1.0, (steps - spec.warmup_steps) / max(1, spec.decay_steps - spec.warmup_steps))
    left = 1 - done if spec.schedule == "linear" else (1 + math.cos(math.pi * done)) / 2
    return spec.learning_rate * (spec.final_share + (1 - spec.final_share) * left)
