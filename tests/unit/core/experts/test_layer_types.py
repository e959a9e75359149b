"""Hivemind's layer types, and layers that other installed packages bring."""

import sys
from importlib.metadata import EntryPoint

import pytest
import torch

from core.errors import ExpertError
from core.experts import layers, plugins, spec
from core.experts.backend import ExpertBackend
from core.experts.layers import build_layer, schema_of
from core.experts.spec import SEQUENCE, ExpertSpec, OptimizerSpec, known_layers
from tests.support.expert_swarm import rows

CPU = torch.device("cpu")


def inputs_of(name: str, count: int) -> list[torch.Tensor]:
    x = rows(count, 8) if "transformer" not in name else rows(count * SEQUENCE, 8).view(count, SEQUENCE, 8)
    if name == "transformer":
        return [x, torch.arange(SEQUENCE).repeat(count, 1) > 100]
    if name == "det_dropout":
        return [x, (rows(count, 8, seed=2) > -1).long()]
    return [x]


@pytest.mark.parametrize("name", ["ffn_residual", "transformer", "causal_transformer", "det_dropout"])
def test_every_type_fits_its_schema_and_cost_and_learns(name: str) -> None:
    expert = ExpertSpec(name, 8, 16, OptimizerSpec(learning_rate=1e-2))
    backend = ExpertBackend("ffn.0", expert, 0, CPU)
    inputs = inputs_of(name, 3)
    assert all(each.matches(x, 3) for each, x in zip(schema_of(expert).inputs, inputs, strict=True))
    assert sum(p.numel() for p in build_layer(expert, 0).parameters()) == expert.parameters
    target = torch.zeros_like(inputs[0])
    errors = []
    for _ in range(20):
        error = backend.forward(*inputs) - target
        errors.append(error.square().mean().item())
        assert backend.backward(*inputs, 2 * error / error.numel()).shape == inputs[0].shape
    assert errors[-1] < errors[0]


def test_what_is_padding_is_not_looked_at_and_the_future_neither() -> None:
    encoder = build_layer(ExpertSpec("transformer", 8, 16), 0)
    x, padding = inputs_of("transformer", 2)
    changed = x.clone()
    changed[:, 101:] += 1.0
    torch.testing.assert_close(encoder(x, padding)[:, :101], encoder(changed, padding)[:, :101])
    assert torch.isfinite(encoder(x, torch.ones_like(padding))).all()
    decoder = build_layer(ExpertSpec("causal_transformer", 8, 16), 0)
    torch.testing.assert_close(decoder(x)[:, :101], decoder(changed)[:, :101])
    assert not torch.allclose(decoder(x)[:, 101:], decoder(changed)[:, 101:])


def test_the_delayed_one_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    layer = build_layer(ExpertSpec("nop_delay", 8, 1), 0)
    monkeypatch.setattr(sys.modules["core.experts.layer_types"].time, "sleep", waited.append)
    assert torch.equal(layer(rows(2, 8)), rows(2, 8))
    assert waited == [0.5]


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> dict[str, EntryPoint]:
    installed: dict[str, EntryPoint] = {}
    monkeypatch.setattr(plugins, "_installed", lambda: installed)
    monkeypatch.setattr(layers, "_LAYERS", dict(layers._LAYERS))
    monkeypatch.setattr(spec, "_COSTS", dict(spec._COSTS))
    return installed


def test_a_package_s_layer_is_loaded_when_it_is_asked_for_and_not_before(packages, tmp_path, monkeypatch) -> None:
    (tmp_path / "bees_for_hives.py").write_text(
        "from torch import nn\nclass Bee(nn.Linear):\n    def __init__(self, hidden, inner):\n"
        "        super().__init__(hidden, hidden)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    packages["bee"] = EntryPoint("bee", "bees_for_hives:Bee", plugins.GROUP)
    expert = ExpertSpec("bee", 8, 1)
    assert "bee" in known_layers()
    assert "bees_for_hives" not in sys.modules
    assert expert.parameters == 8 * 9
    assert build_layer(expert, 0)(rows(2, 8)).shape == (2, 8)
    del sys.modules["bees_for_hives"]


def test_a_package_that_breaks_is_one_clear_sentence(packages, tmp_path, monkeypatch) -> None:
    (tmp_path / "broken_hive.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    packages["broken"] = EntryPoint("broken", "broken_hive:Bee", plugins.GROUP)
    with pytest.raises(ExpertError, match=r"^The expert layer 'broken' .*broken_hive.* ZeroDivisionError"):
        build_layer(ExpertSpec("broken", 8, 1), 0)
    with pytest.raises(ExpertError, match="no layer type 'unheard'"):
        build_layer(ExpertSpec("unheard", 8, 1), 0)
