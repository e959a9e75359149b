"""The layer types that an expert can be, by name. Code never comes from the network: only names of what is here."""

import math
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple, Protocol, TypeVar, runtime_checkable

import torch
from torch import nn

from core.errors import ExpertError
from core.experts.plugins import load_plugin
from core.experts.schema import ExpertSchema
from core.experts.spec import CostFunction, ExpertSpec, LayerCost, has_cost, known_layers, register_cost
from core.tensors.descriptor import BatchTensorDescriptor

LayerFactory = Callable[[int, int], nn.Module]
SampleInput = Callable[[int, int], torch.Tensor | tuple[torch.Tensor, ...]]
"""(rows, hidden) -> inputs of that many rows; only their shapes and types matter."""
F = TypeVar("F", bound=LayerFactory)


class _Layer(NamedTuple):
    factory: LayerFactory
    sample_input: SampleInput | None


_LAYERS: dict[str, _Layer] = {}
_TRIAL_ROWS = 2


def register_expert_class(
    name: str, cost: CostFunction | None = None, sample_input: SampleInput | None = None
) -> Callable[[F], F]:
    """Class decorator: let experts be of this type from now on, in this process.

    The class is called as `cls(hidden, inner)` and maps float32 [rows, hidden] to [rows, hidden], every row by
    itself (rows of different callers are computed together). It adds no residual: the mixture's user does.
    sample_input: for a class that takes several inputs, or rows of another shape; its output is like the first input.
    A method `initialise(generator)`, on it or any module inside, draws its own parameters; without one every
    parameter of two or more dimensions is drawn uniformly by its fan-in. cost: `(hidden, inner) -> LayerCost`;
    by default it is counted on a trial instance. Raises ExpertError when the name is taken.
    """

    def register(factory: F) -> F:
        if name in _LAYERS:
            raise ExpertError(f"There is already an expert layer named {name!r}.")
        _LAYERS[name] = _Layer(factory, sample_input)
        if cost is not None:
            register_cost(name, cost)
        elif not has_cost(name):
            register_cost(name, lambda hidden, inner: _count(factory, hidden, inner))
        return factory

    return register


def _count(factory: LayerFactory, hidden: int, inner: int) -> LayerCost:
    with torch.device("meta"):
        parameters = sum(p.numel() for p in factory(hidden, inner).parameters() if p.requires_grad)
    return LayerCost(parameters, 2 * parameters)


@runtime_checkable
class WithGradients(Protocol):
    """A layer of one input that knows its own gradients. Optional: autograd finds those of any other.

    weights: a version of the trainable parameters, in the order of `parameters`, to be used in place of the module's
    own. All methods are called without autograd.
    """

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """The output [rows, hidden], by the module's own parameters."""
        ...

    def keep(self, x: torch.Tensor, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Sequence[torch.Tensor]]:
        """The output [rows, hidden], and what `gradients` needs besides: tensors with one entry a row."""
        ...

    def gradients(
        self,
        kept: Sequence[torch.Tensor],
        upstream: torch.Tensor,
        weights: Sequence[torch.Tensor],
        into: Sequence[torch.Tensor],
    ) -> torch.Tensor:
        """The input's gradient [rows, hidden]; those of the parameters are written over `into`, in their order.

        upstream: the output's gradient [rows, hidden].
        """
        ...


@register_expert_class("ffn")
class FeedForward(nn.Module):
    """The transformer's feed-forward block: hidden -> inner -> hidden with GELU.

    Its input is normalised here, so that one caller's scale does not disturb what an expert has learned from others.
    """

    def __init__(self, hidden: int, inner: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.widen = nn.Linear(hidden, inner)
        self.narrow = nn.Linear(inner, hidden)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[rows, hidden] -> [rows, hidden]."""
        return self.narrow(nn.functional.gelu(self.widen(self.norm(x))))  # type: ignore[no-any-return]

    def keep(self, x: torch.Tensor, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """See `WithGradients`. By hand, as for the few rows of one call autograd's bookkeeping takes as long as a
        third of the arithmetic, and to keep half as much: two steps in a hundred are computed again."""
        scale, shift, widen, widen_bias, narrow, narrow_bias = weights
        normed, mean, rstd = torch.native_layer_norm(x, self.norm.normalized_shape, scale, shift, self.norm.eps)
        wide = torch.addmm(widen_bias, normed, widen.t())
        return torch.addmm(narrow_bias, nn.functional.gelu(wide), narrow.t()), [x, mean, rstd, wide]

    def gradients(
        self,
        kept: Sequence[torch.Tensor],
        upstream: torch.Tensor,
        weights: Sequence[torch.Tensor],
        into: Sequence[torch.Tensor],
    ) -> torch.Tensor:
        """See `WithGradients`."""
        x, mean, rstd, wide = kept
        scale, shift, widen, _, narrow, _ = weights
        d_scale, d_shift, d_widen, d_widen_bias, d_narrow, d_narrow_bias = into
        torch.mm(upstream.t(), nn.functional.gelu(wide), out=d_narrow)
        torch.sum(upstream, 0, out=d_narrow_bias)
        d_wide = torch.ops.aten.gelu_backward(torch.mm(upstream, narrow), wide)
        normed, _, _ = torch.native_layer_norm(x, self.norm.normalized_shape, scale, shift, self.norm.eps)
        torch.mm(d_wide.t(), normed, out=d_widen)
        torch.sum(d_wide, 0, out=d_widen_bias)
        d_x, *found = torch.ops.aten.native_layer_norm_backward(
            torch.mm(d_wide, widen), x, self.norm.normalized_shape, mean, rstd, scale, shift, [True, True, True]
        )
        d_scale.copy_(found[0])
        d_shift.copy_(found[1])
        return d_x  # type: ignore[no-any-return]


@register_expert_class("nop")
class Nop(nn.Module):
    """Returns its input: measures everything but the computation."""

    def __init__(self, hidden: int, inner: int) -> None:  # noqa: ARG002 - every layer takes both sizes
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[rows, hidden] -> the same."""
        return x


def build_layer(spec: ExpertSpec, seed: int) -> nn.Module:
    """A fresh module on the CPU, its parameters a function of `spec` and `seed` alone.

    Raises ExpertError when this installation has no such layer type.
    """
    module = _layer(spec.layer).factory(spec.hidden, spec.inner)
    _initialise(module, torch.Generator().manual_seed(seed % 2**63))
    return module


def schema_of(spec: ExpertSpec) -> ExpertSchema:
    """What experts of this kind take and give. Raises ExpertError when this installation has no such layer type."""
    sample_input = _layer(spec.layer).sample_input
    if sample_input is None:
        return ExpertSchema.rows(spec.hidden)
    with torch.device("meta"):
        sample = sample_input(_TRIAL_ROWS, spec.hidden)
    inputs = tuple(map(BatchTensorDescriptor.of, sample if isinstance(sample, tuple) else (sample,)))
    return ExpertSchema(inputs, inputs[:1])


def _layer(name: str) -> _Layer:
    """Built in, registered, or of an installed package that is loaded now."""
    if name not in _LAYERS:
        import_module("core.experts.layer_types")
    if name not in _LAYERS:
        found = load_plugin(name)
        if found is not None and name not in _LAYERS:  # its import may have registered it
            register_expert_class(name)(found)
    if name not in _LAYERS:
        raise ExpertError(f"There is no layer type {name[:40]!r} here; known are {', '.join(known_layers())}.")
    return _LAYERS[name]


@torch.no_grad()
def _initialise(module: nn.Module, generator: torch.Generator) -> None:
    """Draw parameters from `generator` instead of the process-wide one, which other threads use at the same time."""
    own = getattr(module, "initialise", None)
    if callable(own):
        own(generator)
        return
    parameters = dict(module.named_parameters(recurse=False))
    widest = max((p.shape[1:].numel() for p in parameters.values() if p.dim() >= 2), default=0)
    for name, parameter in parameters.items():
        if parameter.dim() >= 2 or (widest and "bias" in name):
            parameter.uniform_(-1 / math.sqrt(widest), 1 / math.sqrt(widest), generator=generator)
    for child in module.children():
        _initialise(child, generator)
