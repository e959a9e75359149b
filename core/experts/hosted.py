"""What a host needs of an expert, whatever it is made of."""

from collections.abc import Sequence
from typing import Protocol

import torch

from core.experts.backend import Lesson
from core.experts.schema import ExpertSchema
from core.experts.tickets import Kept
from core.experts.weights import Weights


class Costs(Protocol):
    """The part of an `ExpertSpec` that a host counts with."""

    @property
    def flops_per_sample(self) -> int:
        """Floating-point operations of one row's forward pass."""
        ...


class HostedExpert(Protocol):
    """`core.experts.backend.ExpertBackend` is the usual one; see there for what the methods promise."""

    uid: str
    schema: ExpertSchema
    step_s: float
    keeps: bool
    """Whether `forward_keeping` may be called: the expert can remember a forward call for its backward call."""

    @property
    def spec(self) -> Costs:
        """What it costs."""
        ...

    @property
    def memory_bytes(self) -> int:
        """What its weights and its optimizer's state take once it is trained."""
        ...

    @property
    def steps(self) -> int:
        """Optimizer steps since it was born."""
        ...

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """Inputs as `schema` says -> the output."""
        ...

    def forward_keeping(
        self, inputs: Sequence[torch.Tensor], pieces: Sequence[int]
    ) -> tuple[torch.Tensor, Sequence[Kept]]:
        """The same, and what is kept of each piece."""
        ...

    def train(self, lessons: Sequence[Lesson]) -> tuple[list[tuple[torch.Tensor, ...]], Weights | None]:
        """One step for several callers' calls; the input gradients of each."""
        ...

    def state(self) -> bytes:
        """Everything that must be saved, in safetensors format."""
        ...
