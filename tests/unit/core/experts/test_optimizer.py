"""The flat optimizer does what torch.optim does, and refuses what is not finite."""

import copy

import pytest
import torch
from torch import nn

from core.errors import TensorError
from core.experts.optimizer import FlatOptimizer, learning_rate
from core.experts.spec import OptimizerSpec

TORCH = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 2))


def gradients(count: int, scale: float = 1.0) -> list[list[torch.Tensor]]:
    generator = torch.Generator().manual_seed(1)
    shapes = [p.shape for p in network().parameters()]
    return [[scale * torch.randn(shape, generator=generator) for shape in shapes] for _ in range(count)]


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("name", sorted(TORCH))
def test_follows_the_same_path_as_torch(name: str, decay: float, *, short: bool) -> None:
    mine, theirs = network(), network()
    optimizer = FlatOptimizer(mine, OptimizerSpec(name, 0.01, decay, clip_norm=2.0), short=short)
    reference = TORCH[name](theirs.parameters(), lr=0.01, weight_decay=decay)
    for step in gradients(20):
        optimizer.step(step)
        for parameter, gradient in zip(theirs.parameters(), step, strict=True):
            parameter.grad = gradient.clone()
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 2.0)
        reference.step()
    # bfloat16 rounds the first moment by up to 0.2 % a step: of 20 steps of 0.01, each is off by a part of that.
    near = {"rtol": 0.0, "atol": 5e-4} if short and name != "sgd" else {"rtol": 1e-5, "atol": 1e-6}
    for one, other in zip(mine.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, **near)
    assert optimizer.steps == 20


def test_training_reaches_the_loss_that_exact_moments_reach() -> None:
    """A regression from noisy batches, for three seeds; the losses differ by 0.03 % at most."""

    def final_loss(seed: int, *, exact: bool) -> float:
        generator = torch.Generator().manual_seed(seed)
        inward = torch.randn(8, 3, generator=generator)
        torch.manual_seed(seed)
        module = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 3))
        if exact:
            reference = torch.optim.Adam(module.parameters(), lr=3e-3)
        else:
            optimizer = FlatOptimizer(module, OptimizerSpec("adam", 3e-3, clip_norm=0.0), short=True)
        losses = []
        for _ in range(600):
            x = torch.randn(32, 8, generator=generator)
            target = torch.sin(x @ inward) + 0.1 * torch.randn(32, 3, generator=generator)
            with torch.enable_grad():
                loss = (module(x) - target).pow(2).mean()
                found = torch.autograd.grad(loss, list(module.parameters()))
            losses.append(loss.item())
            if exact:
                for parameter, gradient in zip(module.parameters(), found, strict=True):
                    parameter.grad = gradient
                reference.step()
            else:
                optimizer.step(found)
        return sum(losses[-100:]) / 100

    for seed in range(3):
        assert final_loss(seed, exact=False) == pytest.approx(final_loss(seed, exact=True), rel=0.002)


def test_a_step_is_no_longer_than_the_clip_allows() -> None:
    module = network()
    optimizer = FlatOptimizer(module, OptimizerSpec("sgd", 1.0, clip_norm=0.5))
    before = optimizer.flat.clone()
    optimizer.step(gradients(1, scale=100.0)[0])
    assert torch.linalg.vector_norm(optimizer.flat - before).item() == pytest.approx(0.5, rel=1e-4)


def test_the_learning_rate_warms_up_linearly() -> None:
    optimizer = FlatOptimizer(network(), OptimizerSpec("sgd", 1.0, clip_norm=0.0, warmup_steps=4))
    moves = []
    for step in [gradients(1)[0]] * 6:
        before = optimizer.flat.clone()
        optimizer.step(step)
        moves.append(torch.linalg.vector_norm(optimizer.flat - before).item())
    assert [move / moves[-1] for move in moves] == pytest.approx([0.25, 0.5, 0.75, 1, 1, 1], rel=1e-4)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_gradients_that_are_not_finite_change_nothing(bad: float) -> None:
    optimizer = FlatOptimizer(network(), OptimizerSpec())
    optimizer.step(gradients(1)[0])
    before = optimizer.flat.clone(), copy.deepcopy(optimizer.slots)
    broken = gradients(1)[0]
    broken[2][0, 0] = bad
    with pytest.raises(TensorError, match="not finite"):
        optimizer.step(broken)
    assert torch.equal(optimizer.flat, before[0])
    assert all(torch.equal(optimizer.slots[name], vector) for name, vector in before[1].items())
    assert optimizer.steps == 1


def test_parameters_that_the_output_does_not_use_stand_still() -> None:
    module = network()
    optimizer = FlatOptimizer(module, OptimizerSpec("sgd", 1.0))
    first, *rest = gradients(1)[0]
    unused = module[0].weight.clone()
    optimizer.step([None, *rest])
    assert torch.equal(module[0].weight, unused)
    assert first.shape == unused.shape


def test_a_module_without_parameters_only_counts() -> None:
    optimizer = FlatOptimizer(nn.Identity(), OptimizerSpec())
    optimizer.step([])
    assert optimizer.steps == 1


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("constant", [0.5, 1, 1, 1, 1, 1, 1]),
        ("linear", [0.5, 1, 1, 0.775, 0.55, 0.325, 0.1]),
        ("cosine", [0.5, 1, 1, 0.868198, 0.55, 0.231802, 0.1]),
    ],
)
def test_after_the_warm_up_the_rate_falls_as_the_schedule_says_and_stays(schedule: str, rates: list[float]) -> None:
    spec = OptimizerSpec("sgd", 2.0, warmup_steps=2, schedule=schedule, decay_steps=6, final_share=0.1)
    assert [learning_rate(spec, step) / 2.0 for step in range(7)] == pytest.approx(rates, rel=1e-5)
    assert learning_rate(spec, 10**6) == learning_rate(spec, 7)


@pytest.mark.parametrize("short", [False, True])
def test_moments_take_memory_from_the_first_step_on(*, short: bool) -> None:
    optimizer = FlatOptimizer(network(), OptimizerSpec(), short=short)
    assert not optimizer._slots
    assert all(vector.shape == optimizer.flat.shape and not vector.any() for vector in optimizer.slots.values())
    optimizer.restore(0, optimizer.flat.clone(), optimizer.slots)
    assert not optimizer._slots
    optimizer.step(gradients(1)[0])
    assert optimizer._slots["exp_avg"] is optimizer.slots["exp_avg"]
    other = FlatOptimizer(network(), OptimizerSpec(), short=short)
    other.restore(1, optimizer.flat, optimizer.slots)
    assert all(torch.equal(other.slots[name], vector) for name, vector in optimizer.slots.items())
    assert {name: vector.dtype for name, vector in other.slots.items()} == {
        "exp_avg": torch.bfloat16 if short else torch.float32,
        "exp_avg_sq": torch.float32,
    }
    assert other.slots["exp_avg_sq"] is not optimizer.slots["exp_avg_sq"]
