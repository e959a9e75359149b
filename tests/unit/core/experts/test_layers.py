"""Layer types by name, and those that a researcher adds."""

import pytest
import torch
from torch import nn

from core.errors import ExpertError
from core.experts import layers, spec
from core.experts.backend import ExpertBackend
from core.experts.layers import WithGradients, build_layer, register_expert_class, schema_of
from core.experts.outcome import Kind
from core.experts.spec import ExpertSpec, LayerCost
from tests.support.expert_swarm import rows


@pytest.fixture
def clean_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "_LAYERS", dict(layers._LAYERS))
    monkeypatch.setattr(spec, "_COSTS", dict(spec._COSTS))


def test_ffn_treats_every_row_by_itself_whatever_its_scale() -> None:
    layer = build_layer(ExpertSpec("ffn", 6, 12), 0)
    x = torch.randn(5, 6, generator=torch.Generator().manual_seed(3))
    together = layer(x)
    torch.testing.assert_close(together, torch.cat([layer(row[None]) for row in x]))
    torch.testing.assert_close(layer(x * 1000), together, rtol=1e-3, atol=1e-3)


def test_gradients_by_hand_are_those_of_autograd() -> None:
    layer = build_layer(ExpertSpec("ffn", 6, 12), 0)
    assert isinstance(layer, WithGradients)
    x, upstream = rows(5, 6), rows(5, 6, seed=1)
    inputs = x.clone().requires_grad_()
    want = torch.autograd.grad(layer(inputs), [inputs, *layer.parameters()], upstream)
    weights = [p.detach() for p in layer.parameters()]
    gradients = [torch.full_like(p, 7.0) for p in weights]  # what was there before does not matter
    with torch.no_grad():
        y, kept = layer.keep(x, weights)
        d_x = layer.gradients(kept, upstream, weights, gradients)
    torch.testing.assert_close(y, layer(x))
    for one, other in zip([d_x, *gradients], want, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_nop_returns_its_input() -> None:
    x = torch.ones(2, 3)
    assert torch.equal(build_layer(ExpertSpec("nop", 3, 1), 0)(x), x)


@pytest.mark.usefixtures("clean_registry")
def test_a_registered_class_is_built_counted_and_seeded() -> None:
    @register_expert_class("shift")
    class Shift(nn.Module):
        def __init__(self, hidden: int, inner: int) -> None:
            super().__init__()
            self.offset = nn.Parameter(torch.empty(hidden))

        def initialise(self, generator: torch.Generator) -> None:
            self.offset.normal_(generator=generator)

    built = build_layer(ExpertSpec("shift", 4, 1), 9)
    assert isinstance(built, Shift)
    assert torch.equal(built.offset, build_layer(ExpertSpec("shift", 4, 1), 9).offset)
    assert ExpertSpec("shift", 4, 1).parameters == 4


@pytest.mark.usefixtures("clean_registry")
def test_a_stated_cost_is_believed_and_a_taken_name_refused() -> None:
    register_expert_class("wide", cost=lambda hidden, inner: LayerCost(hidden, 99))(nn.Bilinear)
    assert ExpertSpec("wide", 4, 1).cost == LayerCost(4, 99)
    with pytest.raises(ExpertError, match="already"):
        register_expert_class("ffn")(nn.Bilinear)


@pytest.mark.usefixtures("clean_registry")
def test_parameters_without_their_own_rule_are_drawn_by_fan_in() -> None:
    class Free(nn.Module):
        def __init__(self, hidden: int, inner: int) -> None:
            super().__init__()
            self.table = nn.Parameter(torch.zeros(inner, hidden))
            self.scale = nn.Parameter(torch.ones(hidden))

    register_expert_class("free")(Free)
    built = build_layer(ExpertSpec("free", 16, 64), 0)
    assert 0 < built.table.abs().max() <= 1 / 4
    assert torch.equal(built.scale, torch.ones(16))


def test_an_unknown_layer_is_refused() -> None:
    with pytest.raises(ExpertError, match="no layer type 'transformer9'"):
        build_layer(ExpertSpec("transformer9", 4, 4), 0)


@pytest.mark.usefixtures("clean_registry")
def test_a_layer_with_several_inputs_says_what_it_takes() -> None:
    @register_expert_class(
        "mixed",
        sample_input=lambda n, hidden: (torch.empty(n, hidden), torch.empty(n, dtype=torch.bool), torch.empty(n, 2)),
    )
    class Mixed(nn.Module):
        def __init__(self, hidden: int, inner: int) -> None:
            super().__init__()

        def forward(self, x: torch.Tensor, mask: torch.Tensor, extra: torch.Tensor) -> torch.Tensor:
            return (x + extra[:, :1]) * mask[:, None]

    mixed = ExpertSpec("mixed", 6, 1)
    schema = schema_of(mixed)
    assert [str(each) for each in schema.inputs] == ["float32 [rows, 6]", "bool [rows]", "float32 [rows, 2]"]
    assert [str(each) for each in schema.answer(Kind.FORWARD)] == ["float32 [rows, 6]"]
    assert [str(each) for each in schema.answer(Kind.BACKWARD)] == ["float32 [rows, 6]", "float32 [rows, 2]"]
    backend = ExpertBackend("ffn.0", mixed, 0, torch.device("cpu"))
    x, mask, extra = rows(3, 6), torch.tensor([True, False, True]), rows(3, 2)
    torch.testing.assert_close(backend.forward(x, mask, extra), (x + extra[:, :1]) * mask[:, None])
    d_x, d_extra = backend.backward(x, mask, extra, torch.ones(3, 6))
    torch.testing.assert_close(d_x, mask[:, None].expand(3, 6).float())
    torch.testing.assert_close(d_extra, torch.stack([mask * 6.0, torch.zeros(3)], 1))
