"""The trunk: all parameters of the model that are not experts, as one vector that many threads share.

Batches in flight never compute on the master: each has a replica, refreshed before the batch, and hands its gradient
back. So an optimizer step, or a shift by averaging, cannot break another batch's graph.
"""

import math
import threading
from collections.abc import Sequence
from copy import deepcopy

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import nn

from core.errors import TensorError
from core.projects.manifest import TrainerSpec
from core.tensors.adam import adam_step
from core.tensors.codec import is_finite

BETAS = (0.9, 0.99)
"""AdamW's constants. The memory for squared gradients is short: trunks are averaged every few dozens of steps, and
what came long before that is soon wrong."""


class FlatModule:
    """A module whose trainable parameters are views of one contiguous float32 vector.

    Matrices come first in the vector, then all parameters of one dimension, so that weight decay is a slice.
    """

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        trainable = [p for p in module.parameters() if p.requires_grad]
        self.parameters = sorted(trainable, key=lambda p: p.dim() < 2)  # stable: equal models, equal order
        self.vector = torch.cat([p.detach().to(torch.float32).reshape(-1) for p in self.parameters])
        self.matrices = sum(p.numel() for p in self.parameters if p.dim() >= 2)
        start = 0
        for parameter in self.parameters:
            end = start + parameter.numel()
            parameter.data = self.vector[start:end].view(parameter.shape)
            start = end

    def flatten(self, gradients: Sequence[torch.Tensor | None]) -> torch.Tensor:
        """One gradient a parameter, None for a parameter that was not used, as one vector."""
        pairs = zip(gradients, self.parameters, strict=True)
        return torch.cat([(torch.zeros_like(p) if g is None else g).reshape(-1) for g, p in pairs])


class Trunk:
    """The master parameters and their AdamW. Every method may be called from any thread.

    The trunk's age is the number of steps behind it, its own or, after averaging or a copy, those of the peer that
    has more. Vectors are float32 of `size` numbers; the caller owns those that are returned.
    """

    def __init__(self, model: nn.Module, spec: TrainerSpec) -> None:
        self._model = deepcopy(model)
        self._master = FlatModule(self._model)
        self._spec = spec
        self._lock = threading.Lock()
        self._age = 0
        self._applied = 0
        vector = self._master.vector
        self.size = vector.numel()
        self._moments = (torch.zeros_like(vector), torch.zeros_like(vector))

    @property
    def age(self) -> int:
        """Steps behind the present parameters."""
        return self._age

    @property
    def applied(self) -> int:
        """Steps that this very trunk has taken."""
        return self._applied

    def replica(self) -> FlatModule:
        """A copy of the model with the present parameters, for one thread."""
        with self._lock:
            return FlatModule(deepcopy(self._model))

    def refresh(self, replica: FlatModule) -> None:
        """Bring a replica up to date."""
        with self._lock:
            replica.vector.copy_(self._master.vector)

    def read(self) -> tuple[int, torch.Tensor]:
        """(age, a copy of the vector)."""
        with self._lock:
            return self._age, self._master.vector.clone()

    def apply(self, gradient: torch.Tensor) -> bool:
        """Take one optimizer step along a gradient [size]. False, and nothing changes, when it is not finite."""
        norm = float(torch.linalg.vector_norm(gradient))
        if not math.isfinite(norm):
            return False
        if 0 < self._spec.clip_norm < norm:
            gradient = gradient * (self._spec.clip_norm / norm)
        with self._lock:
            self._applied += 1
            self._age += 1
            self._follow(gradient, self._spec.learning_rate * min(1.0, self._applied / max(1, self._spec.warmup_steps)))
        return True

    def _follow(self, gradient: torch.Tensor, rate: float) -> None:
        """AdamW (Loshchilov & Hutter, 2019)."""
        vector = self._master.vector
        vector[: self._master.matrices].mul_(1 - rate * self._spec.weight_decay)
        adam_step(vector, gradient, self._moments, self._applied, rate, BETAS)

    def shift(self, delta: torch.Tensor, age: int = 0) -> None:
        """Add `delta` to the parameters; steps that were taken meanwhile stay. age: of the peer they are met with."""
        with self._lock:
            self._master.vector.add_(delta)
            self._age = max(self._age, age)

    def replace(self, age: int, vector: torch.Tensor) -> None:
        """Forget the present parameters and take these."""
        with self._lock:
            self._master.vector.copy_(vector)
            self._age = age

    def state(self) -> bytes:
        """What `restore` needs: parameters, AdamW's moments and counters, in safetensors format."""
        with self._lock:
            first, second = (moment.clone() for moment in self._moments)
            tensors = {
                "counters": torch.tensor([self._age, self._applied]),
                "parameters": self._master.vector.clone(),
                "first": first,
                "second": second,
            }
        return safetensors.torch.save(tensors)

    def restore(self, state: bytes) -> None:
        """Go on where `state` was taken. Raises TensorError, and changes nothing, when it is not of this model."""
        try:
            saved = safetensors.torch.load(state)
        except (SafetensorError, ValueError, KeyError) as error:
            raise TensorError("The saved trunk is damaged and cannot be read.") from error
        expected = {"counters": (2, torch.int64)} | dict.fromkeys(
            ("parameters", "first", "second"), (self.size, torch.float32)
        )
        if {name: (tensor.numel(), tensor.dtype) for name, tensor in saved.items()} != expected:
            raise TensorError("The saved trunk is of another model.")
        age, applied = saved["counters"].tolist()
        vectors = [saved[name] for name in ("parameters", "first", "second")]
        if not (applied >= 0 and age >= 0 and all(is_finite(vector) for vector in vectors)):
            raise TensorError("The saved trunk is damaged: its numbers make no sense.")
        with self._lock:
            for mine, theirs in zip((self._master.vector, *self._moments), vectors, strict=True):
                mine.copy_(theirs.reshape(-1))
            self._age, self._applied = age, applied
