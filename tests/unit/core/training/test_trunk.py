"""The shared vector: steps, shifts and replicas do not get into each other's way."""

import dataclasses

import pytest
import safetensors.torch
import torch
from torch import nn

from core.errors import TensorError
from core.projects.manifest import TrainerSpec
from core.training.trunk import BETAS, FlatModule, Trunk

SPEC = TrainerSpec(batch=1, learning_rate=0.01, weight_decay=0.1, clip_norm=0.0, warmup_steps=0)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Linear(4, 2))


def test_parameters_are_views_of_one_vector(model):
    expected = model(torch.ones(1, 3))
    flat = FlatModule(model)
    assert torch.equal(flat.module(torch.ones(1, 3)), expected)
    assert [p.dim() for p in flat.parameters] == [2, 2, 1, 1, 1, 1]
    assert flat.matrices == 12 + 8
    flat.vector.zero_()
    assert all(not p.any() for p in model.parameters())


def test_steps_are_those_of_adamw(model):
    trunk = Trunk(model, dataclasses.replace(SPEC, clip_norm=2.0, warmup_steps=3))
    twin = FlatModule(model)
    matrices, rest = twin.parameters[:2], twin.parameters[2:]
    reference = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}],
        lr=0.01,
        betas=BETAS,
        eps=1e-8,
    )
    for step in range(6):
        gradient = torch.randn(trunk.size, generator=torch.Generator().manual_seed(step)) * (step + 0.1)
        assert trunk.apply(gradient.clone())
        clipped = gradient * min(1.0, 2.0 / float(gradient.norm()))
        start = 0
        for parameter in twin.parameters:
            parameter.grad = clipped[start : start + parameter.numel()].view(parameter.shape)
            start += parameter.numel()
        for group in reference.param_groups:
            group["lr"] = 0.01 * min(1.0, (step + 1) / 3)
        reference.step()
    age, vector = trunk.read()
    assert age == trunk.applied == 6
    assert torch.allclose(vector, twin.vector, atol=1e-6)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e30])
def test_a_gradient_that_is_not_finite_changes_nothing(model, bad):
    trunk = Trunk(model, SPEC)
    before = trunk.read()[1]
    gradient = torch.zeros(trunk.size)
    gradient[3] = bad
    assert not trunk.apply(gradient)
    assert trunk.age == trunk.applied == 0
    assert torch.equal(trunk.read()[1], before)


def test_replicas_are_independent_until_refreshed(model):
    trunk = Trunk(model, SPEC)
    replica = trunk.replica()
    x = torch.ones(1, 3)
    before = replica.module(x).detach()
    loss = replica.module(x).sum()  # a batch in flight ...
    trunk.apply(torch.ones(trunk.size))
    trunk.shift(torch.full((trunk.size,), 0.5))
    assert torch.equal(replica.module(x), before)
    gradient = replica.flatten(torch.autograd.grad(loss, replica.parameters))  # ... is not disturbed
    assert torch.isfinite(gradient).all()
    trunk.refresh(replica)
    assert torch.equal(replica.vector, trunk.read()[1])
    assert not torch.equal(replica.module(x), before)


def test_the_model_given_is_left_alone(model):
    before = [p.clone() for p in model.parameters()]
    trunk = Trunk(model, SPEC)
    trunk.apply(torch.ones(trunk.size))
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), before, strict=True))


def test_shifts_and_replacements(model):
    trunk = Trunk(model, SPEC)
    _, start = trunk.read()
    trunk.shift(torch.ones(trunk.size), age=7)
    age, vector = trunk.read()
    assert age == 7
    assert torch.allclose(vector, start + 1)
    vector.zero_()  # a copy: the trunk is not touched
    assert torch.allclose(trunk.read()[1], start + 1)
    trunk.shift(torch.zeros(trunk.size), age=3)
    assert trunk.age == 7
    trunk.replace(2, start)
    assert trunk.age == 2
    assert torch.equal(trunk.read()[1], start)


def test_unused_parameters_get_no_gradient(model):
    flat = FlatModule(model)
    loss = model[0](torch.ones(1, 3)).sum()
    gradient = flat.flatten(torch.autograd.grad(loss, flat.parameters, allow_unused=True))
    assert gradient.shape == flat.vector.shape
    assert gradient[:12].all()
    assert not gradient[12:20].any()


def test_a_restored_trunk_goes_on_as_if_it_had_never_stopped(model):
    trunk, twin = Trunk(model, SPEC), Trunk(model, SPEC)
    for step in range(3):
        trunk.apply(torch.full((trunk.size,), 0.5 + step))
    trunk.shift(torch.zeros(trunk.size), age=9)
    twin.restore(trunk.state())
    assert (twin.age, twin.applied) == (9, 3)
    for one in (trunk, twin):
        one.apply(torch.linspace(-1, 1, one.size))
    assert torch.equal(trunk.read()[1], twin.read()[1])


def damaged(trunk, **changes):
    return safetensors.torch.save({**safetensors.torch.load(trunk.state()), **changes})


@pytest.mark.parametrize(
    "state",
    [
        lambda trunk: b"",
        lambda trunk: trunk.state()[:-1],
        lambda trunk: damaged(trunk, parameters=torch.zeros(trunk.size + 1)),
        lambda trunk: damaged(trunk, first=torch.zeros(trunk.size, dtype=torch.float64)),
        lambda trunk: damaged(trunk, second=torch.full((trunk.size,), float("nan"))),
        lambda trunk: damaged(trunk, counters=torch.tensor([5, -1])),
        lambda trunk: damaged(trunk, more=torch.zeros(1)),
    ],
)
def test_a_state_that_is_not_of_this_trunk_changes_nothing(model, state):
    trunk = Trunk(model, SPEC)
    trunk.apply(torch.ones(trunk.size))
    before = trunk.state()
    with pytest.raises(TensorError, match="saved trunk"):
        trunk.restore(state(trunk))
    assert trunk.state() == before
