"""What an expert is made of: its layer type, its sizes and its optimizer; and what that costs to host.

Pure values, free of torch, so that manifests and capacity plans can be read without loading it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Literal, NamedTuple, get_args

from core.errors import ExpertError
from core.experts.plugins import plugin_names

BYTES_PER_NUMBER = 4  # experts are kept in float32

OptimizerName = Literal["adam", "adamw", "sgd"]
ScheduleName = Literal["constant", "linear", "cosine"]
OPTIMIZER_BYTES: dict[str, tuple[int, int]] = {"adam": (6, 8), "adamw": (6, 8), "sgd": (0, 0)}
"""What each optimizer keeps beside every parameter: with a first moment in bfloat16, and with both in float32."""
EXACT_BYTES = 32_000_000
"""Experts of a device keep both moments in float32, which trains a little faster, until they take so much; for those
that come after them memory counts."""


class LayerCost(NamedTuple):
    """What one expert of a layer type takes: trainable numbers, and floating-point operations of one forward row."""

    parameters: int
    flops_per_sample: int


SEQUENCE = 128
"""Tokens of one sample, for layers that take sequences; as in Hivemind."""


def _maps(hidden: int, inner: int) -> int:
    """Two linear maps, there and back."""
    return 2 * hidden * inner + inner + hidden


def _attention_cost(hidden: int, inner: int) -> LayerCost:
    """Four square maps with biases, two norms, the two maps; products of all pairs of tokens twice."""
    numbers = 4 * hidden * hidden + 4 * hidden + 4 * hidden + _maps(hidden, inner)
    return LayerCost(numbers, SEQUENCE * (8 * hidden * hidden + 4 * hidden * inner + 4 * SEQUENCE * hidden))


CostFunction = Callable[[int, int], LayerCost]
_COSTS: dict[str, CostFunction] = {
    # Input LayerNorm, two linear maps with biases; a multiplication and an addition each.
    "ffn": lambda hidden, inner: LayerCost(2 * hidden + 2 * hidden * inner + inner + hidden, 4 * hidden * inner),
    "nop": lambda hidden, inner: LayerCost(0, 0),  # noqa: ARG005 - every cost takes both sizes
    "nop_delay": lambda hidden, inner: LayerCost(0, 0),  # noqa: ARG005
    "ffn_residual": lambda hidden, inner: LayerCost(2 * hidden + _maps(hidden, inner), 4 * hidden * inner),
    "det_dropout": lambda hidden, inner: LayerCost(_maps(hidden, inner), 4 * hidden * inner),
    "transformer": _attention_cost,
    "causal_transformer": _attention_cost,
}


def register_cost(layer: str, cost: CostFunction) -> None:
    """Say what a locally added layer type costs: `cost(hidden, inner)`."""
    _COSTS[layer] = cost


def has_cost(layer: str) -> bool:
    """Whether somebody has said what it costs."""
    return layer in _COSTS


def known_layers() -> tuple[str, ...]:
    """Names that `ExpertSpec.layer` may have, sorted; those of installed packages too, which are not loaded for it."""
    return tuple(sorted({*_COSTS, *plugin_names()}))


def row_layers() -> tuple[str, ...]:
    """Those among them whose experts take rows of `hidden` numbers and nothing else, as the built-in models do."""
    return tuple(name for name in known_layers() if name not in {"transformer", "causal_transformer", "det_dropout"})


@dataclass(frozen=True, slots=True)
class OptimizerSpec:
    """How an expert learns. warmup_steps: the learning rate rises linearly over so many steps; clip_norm: longest
    gradient that a step may follow, 0 for no limit; schedule: how the rate falls from the end of the warm-up until
    `decay_steps`, to `final_share` of itself. Raises ExpertError when a value makes no sense."""

    name: str = "adam"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    clip_norm: float = 1.0
    warmup_steps: int = 0
    schedule: str = "constant"
    decay_steps: int = 0
    final_share: float = 0.1

    def __post_init__(self) -> None:
        if self.name not in get_args(OptimizerName):
            raise ExpertError(
                f"{self.name[:40]!r} is no optimizer; choose one of {', '.join(get_args(OptimizerName))}."
            )
        if not 0 < self.learning_rate < 100:
            raise ExpertError(f"A learning rate of {self.learning_rate} cannot be used; it must be between 0 and 100.")
        if not (self.weight_decay >= 0 and self.clip_norm >= 0 and self.warmup_steps >= 0):
            raise ExpertError("weight_decay, clip_norm and warmup_steps must not be negative.")
        if self.schedule not in get_args(ScheduleName):
            raise ExpertError(
                f"{self.schedule[:40]!r} is no schedule; choose one of {', '.join(get_args(ScheduleName))}."
            )
        if self.schedule != "constant" and self.decay_steps <= self.warmup_steps:
            raise ExpertError("decay_steps must be larger than warmup_steps for the learning rate to fall.")
        if not 0 <= self.final_share <= 1:
            raise ExpertError(f"A final_share of {self.final_share} cannot be used; it must be between 0 and 1.")


@dataclass(frozen=True, slots=True)
class ExpertSpec:
    """One expert: `layer` maps rows of `hidden` numbers to rows of `hidden` numbers through `inner` units.

    Raises ExpertError when the sizes make no sense.
    """

    layer: str
    hidden: int
    inner: int
    optimizer: OptimizerSpec = field(default_factory=OptimizerSpec)

    def __post_init__(self) -> None:
        if not (1 <= self.hidden <= 65536 and 1 <= self.inner <= 262144):
            raise ExpertError(f"An expert of {self.hidden} x {self.inner} units cannot be built.")

    @property
    def cost(self) -> LayerCost:
        """Parameters and operations. Raises ExpertError for a layer type that this installation lacks."""
        if self.layer not in _COSTS and self.layer in plugin_names():
            import_module("core.experts.layers").schema_of(self)  # loads the package, which registers the cost
        cost = _COSTS.get(self.layer)
        if cost is None:
            raise ExpertError(
                f"There is no layer type {self.layer[:40]!r} here; known are {', '.join(known_layers())}."
            )
        return cost(self.hidden, self.inner)

    @property
    def parameters(self) -> int:
        """Trainable numbers."""
        return self.cost.parameters

    @property
    def memory_bytes(self) -> int:
        """Weights and optimizer state together. Gradients are the device's, which computes one expert at a time."""
        return self.parameters * (BYTES_PER_NUMBER + OPTIMIZER_BYTES[self.optimizer.name][0])

    @property
    def exact_memory_bytes(self) -> int:
        """The same for one of the first experts of a device, see EXACT_BYTES."""
        return self.parameters * (BYTES_PER_NUMBER + OPTIMIZER_BYTES[self.optimizer.name][1])

    @property
    def gradient_bytes(self) -> int:
        """All parameters' gradients."""
        return self.parameters * BYTES_PER_NUMBER

    @property
    def flops_per_sample(self) -> int:
        """Floating-point operations of one row's forward pass; a backward call takes about three times as many."""
        return self.cost.flops_per_sample
