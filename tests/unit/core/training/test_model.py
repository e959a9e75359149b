"""The models' contracts: shapes, causality, equal beginnings, and branches that begin almost silent."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from core.projects.manifest import NgramSpec
from core.training.model import NgramEmbedding, build_model
from tests.support.mixtures import LocalMixture


def test_shapes(manifest, digits_manifest):
    text = build_model(manifest, LocalMixture)(torch.randint(0, 256, (3, 16)))
    assert text.shape == (3, 16, 256)
    assert build_model(manifest, LocalMixture)(torch.randint(0, 256, (2, 5))).shape == (2, 5, 256)
    assert build_model(digits_manifest, LocalMixture)(torch.zeros(3, 64)).shape == (3, 10)


def test_a_prediction_depends_on_earlier_bytes_alone(manifest):
    model = build_model(manifest, LocalMixture).eval()
    with torch.no_grad():
        for parameter in model.parameters():  # loud branches, so that any leak is heard
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)))
        text = torch.randint(0, 256, (1, 16), generator=torch.Generator().manual_seed(2))
        changed = text.clone()
        changed[0, 9] = (changed[0, 9] + 1) % 256
        before, after = model(text), model(changed)
    assert torch.allclose(before[:, :9], after[:, :9], atol=1e-5)
    for position in (9, 10, 15):  # and on all of them
        assert not torch.allclose(before[:, position], after[:, position], atol=1e-4)


def test_trainers_begin_alike_and_leave_the_global_generator_alone(manifest):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first = build_model(manifest, LocalMixture)
    assert torch.equal(torch.rand(1), expected)
    torch.manual_seed(6)
    second = build_model(manifest, LocalMixture)
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)


def test_branches_begin_almost_silent(manifest):
    class Loud(nn.Module):
        def forward(self, x):
            return torch.full_like(x, 5.0)

    text = torch.randint(0, 256, (2, 16))
    loud, local = build_model(manifest, lambda layer: Loud()), build_model(manifest, LocalMixture)
    with torch.no_grad():
        assert (loud.branches[-1](torch.zeros(1, 1, 16)).abs() < 0.2).all()
        assert torch.isfinite(loud(text)).all()
        assert local(text).std() < 0.5


def test_ngrams_know_the_last_bytes_and_nothing_else():
    ngram = NgramEmbedding(NgramSpec(order=3, buckets=4096), 4)
    rows = ngram(torch.tensor([[1, 2, 3, 1, 2, 3, 0, 0, 0, 0]]))[0]
    assert torch.equal(rows[2], rows[5])
    assert not torch.equal(rows[2], rows[4])
    assert not torch.equal(rows[0], rows[3])  # nothing before it is not the same as other bytes before it
    assert torch.equal(rows[8], rows[9])
    zeros = ngram(torch.zeros(1, 3, dtype=torch.int64))[0]
    assert not torch.equal(zeros[0], zeros[1])  # a zero byte is not the same as no byte


def test_copies_share_experts_but_not_gates(manifest):
    model = build_model(manifest, LocalMixture)
    twin = deepcopy(model)
    ours, theirs = model.branches[-1].inner.mixture, twin.branches[-1].inner.mixture
    assert ours.experts is theirs.experts
    assert ours.gate.weight is not theirs.gate.weight


@pytest.mark.parametrize("fixture", ["manifest", "digits_manifest"])
def test_experts_are_not_part_of_the_trunk(fixture, request):
    manifest = request.getfixturevalue(fixture)
    numbers = sum(parameter.numel() for parameter in build_model(manifest, LocalMixture).parameters())
    gates = sum((manifest.model.width + 1) * sum(layer.dims) for layer in manifest.layers)
    without = sum(parameter.numel() for parameter in build_model(manifest, lambda layer: nn.Identity()).parameters())
    assert numbers == without + gates
