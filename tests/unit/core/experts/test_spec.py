"""What experts cost."""

import pytest
import torch

from core.errors import ExpertError
from core.experts.layers import build_layer
from core.experts.optimizer import FlatOptimizer
from core.experts.spec import ExpertSpec, OptimizerSpec, known_layers


@pytest.mark.parametrize("layer", ["ffn", "nop"])
def test_the_stated_number_of_parameters_is_what_is_built(layer: str) -> None:
    spec = ExpertSpec(layer, 12, 40)
    assert spec.parameters == sum(p.numel() for p in build_layer(spec, 0).parameters())


def test_memory_counts_weights_and_moments_gradients_are_shared() -> None:
    for name, short, exact in (("adam", 6, 8), ("adamw", 6, 8), ("sgd", 0, 0)):
        spec = ExpertSpec("ffn", 8, 16, OptimizerSpec(name))
        assert spec.memory_bytes == spec.parameters * (4 + short)
        assert spec.exact_memory_bytes == spec.parameters * (4 + exact)
        assert spec.gradient_bytes == spec.parameters * 4
        for kind, stated in ((True, spec.memory_bytes), (False, spec.exact_memory_bytes)):
            optimizer = FlatOptimizer(build_layer(spec, 0), spec.optimizer, short=kind)  # what is really allocated
            assert sum(each.nbytes for each in (optimizer.flat, *optimizer.slots.values())) == stated


def test_operations_of_a_row_are_those_of_its_matrices() -> None:
    assert ExpertSpec("ffn", 128, 512).flops_per_sample == 2 * 2 * 128 * 512


def test_an_unknown_layer_is_named_with_the_known_ones() -> None:
    with pytest.raises(ExpertError, match=r"'fnn'.*ffn"):
        _ = ExpertSpec("fnn", 8, 8).parameters
    assert "ffn" in known_layers()


@pytest.mark.parametrize(
    "settings",
    [
        {"name": "rprop"},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"weight_decay": -1.0},
        {"clip_norm": float("nan")},
        {"warmup_steps": -1},
    ],
)
def test_optimizers_that_make_no_sense_are_refused(settings: dict) -> None:
    with pytest.raises(ExpertError):
        OptimizerSpec(**settings)


@pytest.mark.parametrize(("hidden", "inner"), [(0, 4), (4, 0), (-1, 4), (1 << 20, 4)])
def test_sizes_that_cannot_be_built_are_refused(hidden: int, inner: int) -> None:
    with pytest.raises(ExpertError):
        ExpertSpec("ffn", hidden, inner)


def test_the_same_seed_builds_the_same_expert_wherever_it_is_built() -> None:
    spec = ExpertSpec("ffn", 6, 10)
    torch.manual_seed(1)
    one = build_layer(spec, 7).state_dict()
    torch.manual_seed(2)
    same, other = build_layer(spec, 7).state_dict(), build_layer(spec, 8).state_dict()
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["widen.weight"], other["widen.weight"])
