"""Forward calls that are kept: their backward calls bring the gradients of the very weights that were used."""

import copy

import pytest
import torch
from torch import nn

from core.errors import TensorError
from core.experts.backend import ExpertBackend, Lesson
from core.experts.layers import build_layer
from core.experts.passes import ByAutograd
from core.experts.spec import ExpertSpec, OptimizerSpec
from core.experts.tickets import Kept
from core.experts.weights import Weights
from tests.support.expert_swarm import rows

SPEC = ExpertSpec("ffn", 6, 12, OptimizerSpec("sgd", 0.05, clip_norm=0.0))
CPU = torch.device("cpu")
X, Y = rows(5, 6), rows(5, 6, seed=1)


@pytest.fixture(params=["by hand", "autograd"])
def backend(request: pytest.FixtureRequest) -> ExpertBackend:
    made = ExpertBackend("ffn.0", SPEC, 4, CPU)
    if request.param == "autograd":
        made._passes = ByAutograd(made._module, CPU)
    return made


def gradient_at(module: nn.Module, x: torch.Tensor, upstream: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(input gradient, all parameters' gradients as one vector), by plain autograd."""
    inputs = x.clone().requires_grad_()
    found = torch.autograd.grad(module(inputs), [inputs, *module.parameters()], upstream)
    return found[0], torch.cat([each.reshape(-1) for each in found[1:]])


def vector(backend: ExpertBackend) -> torch.Tensor:
    return backend._optimizer.flat.clone()


def test_nothing_is_computed_twice_and_the_gradients_are_the_same(backend: ExpertBackend) -> None:
    want, d_weights = gradient_at(build_layer(SPEC, 4), X, Y)
    before = vector(backend)
    y, (kept,) = backend.forward_keeping([X], [5])
    torch.testing.assert_close(y, build_layer(SPEC, 4)(X).detach())
    ((found,),), left = backend.train([Lesson(Y, kept)])
    torch.testing.assert_close(found, want)
    torch.testing.assert_close(vector(backend), before - 0.05 * d_weights)
    assert left is None


def test_after_others_have_stepped_the_gradients_are_those_of_the_weights_that_were_used(
    backend: ExpertBackend,
) -> None:
    want, d_weights = gradient_at(build_layer(SPEC, 4), X, Y)
    _, (kept,) = backend.forward_keeping([X], [5])
    kept.weights.hold()  # as a ticket book does
    superseded = [backend.train([Lesson(rows(5, 6, seed=9), None, (X,))])[1] for _ in range(3)]
    assert superseded == [kept.weights, None, None]  # one copy in all, not one a step
    before = vector(backend)
    ((found,),), _ = backend.train([Lesson(Y, kept)])
    torch.testing.assert_close(found, want)
    torch.testing.assert_close(vector(backend), before - 0.05 * d_weights)
    assert kept.weights.release()


def test_callers_with_old_with_new_and_without_kept_activations_share_one_step(backend: ExpertBackend) -> None:
    xs, ys = [rows(3, 6, seed=n) for n in range(3)], [rows(3, 6, seed=n) for n in (7, 8, 9)]
    old_module = copy.deepcopy(backend._module)
    _, (old,) = backend.forward_keeping([xs[0]], [3])
    old.weights.hold()
    backend.train([Lesson(Y, None, (X,))])
    now = copy.deepcopy(backend._module)
    _, (new,) = backend.forward_keeping([xs[1]], [3])
    wanted = [gradient_at(old_module, xs[0], ys[0]), *(gradient_at(now, xs[n], ys[n]) for n in (1, 2))]
    before, steps = vector(backend), backend.steps
    found, _ = backend.train([Lesson(ys[0], old), Lesson(ys[1], new), Lesson(ys[2], None, (xs[2],))])
    for (one,), (want, _) in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, want)
    torch.testing.assert_close(vector(backend), before - 0.05 * sum(each for _, each in wanted))
    assert backend.steps == steps + 1


def test_pieces_of_one_batch_come_back_one_by_one(backend: ExpertBackend) -> None:
    y, kept = backend.forward_keeping([X], [2, 3])
    torch.testing.assert_close(y, build_layer(SPEC, 4)(X).detach())
    for each in kept:
        each.weights.hold()
    want, _ = gradient_at(build_layer(SPEC, 4), X, Y)
    ((second,),), left = backend.train([Lesson(Y[2:], kept[1])])
    assert left is kept[0].weights
    ((first,),), _ = backend.train([Lesson(Y[:2], kept[0])])
    torch.testing.assert_close(torch.cat([first, second]), want)


def test_what_is_not_finite_changes_nothing_and_can_be_tried_without_the_culprit(backend: ExpertBackend) -> None:
    _, kept = backend.forward_keeping([X], [2, 3])
    before = vector(backend)
    with pytest.raises(TensorError):
        backend.train([Lesson(Y[:2], kept[0]), Lesson(torch.full((3, 6), float("nan")), kept[1])])
    assert torch.equal(vector(backend), before)
    ((found,),), _ = backend.train([Lesson(Y[:2], kept[0])])
    torch.testing.assert_close(found, gradient_at(build_layer(SPEC, 4), X[:2], Y[:2])[0])


def test_what_is_kept_is_counted(backend: ExpertBackend) -> None:
    _, (kept,) = backend.forward_keeping([rows(64, 6)], [64])
    least = 4 * 64 * (6 + 12)  # the input, and what goes into the nonlinearity
    assert least <= kept.nbytes <= 4 * least  # autograd also keeps what is normalised, and what comes out
    assert backend._optimizer.flat.nbytes < kept.nbytes  # and weights are not among it


@pytest.mark.parametrize(("precision", "scale"), [("bfloat16", 1.0), ("float16", 1e-6)])
def test_half_precision_is_near_even_for_tiny_gradients(precision: str, scale: float) -> None:
    exact, rounded = ExpertBackend("a.0", SPEC, 4, CPU), ExpertBackend("a.0", SPEC, 4, CPU, None, precision)
    tolerance = {"rtol": 0.05, "atol": 0.03}
    torch.testing.assert_close(rounded.forward(X), exact.forward(X), **tolerance)
    moved = []
    for each in (exact, rounded):
        before = vector(each)
        _, (kept,) = each.forward_keeping([X], [5])
        ((found,),), _ = each.train([Lesson(Y * scale, kept)])
        assert found.dtype == torch.float32
        moved.append((found / scale, (vector(each) - before) / scale))
    if scale == 1.0:  # smaller steps drown in the weights' own rounding
        torch.testing.assert_close(moved[1][1], moved[0][1], **tolerance)
    torch.testing.assert_close(moved[1][0], moved[0][0], **tolerance)


def test_a_module_without_anything_to_train_has_gradients_for_its_input_alone() -> None:
    passes = ByAutograd(nn.Identity(), CPU)
    y, (kept,) = passes.forward([X], Weights(torch.empty(0), []), [5])
    assert torch.equal(y, X)
    ((found,),) = passes.backward([kept], [Y], [])
    assert torch.equal(found, Y)
    assert isinstance(kept, Kept)
