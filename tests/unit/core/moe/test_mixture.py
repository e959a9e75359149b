"""The mixture layer against a dense reference in this process: everybody answers, some fail, all fail."""

import copy
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest
import torch

from core.experts.layers import build_layer
from core.experts.uid import Grid
from core.moe.asking import AskingConfig
from core.moe.dispatch import Patience
from core.moe.mixture import RemoteMixtureOfExperts
from net.wire.messages import ExpertBackward, ExpertForward, FailureCode
from tests.support.expert_swarm import Hive, rows, seed_of

HIDDEN = 8
GRID = Grid("ffn.", (3, 4))


def make_mixture(hive: Hive, grid: Grid = GRID, **settings: Any) -> RemoteMixtureOfExperts:
    torch.manual_seed(1)
    mixture = RemoteMixtureOfExperts(
        in_features=HIDDEN, grid=grid, caller=hive.caller, directory=hive.directory, **settings
    )
    with torch.no_grad():
        mixture.gate.projection.weight.mul_(3)  # weights that differ clearly from each other
    return mixture


def dense(hive: Hive, mixture: RemoteMixtureOfExperts, x: torch.Tensor, alive: Mapping[str, bool], k: int):
    """The same computation with every expert at hand: k best of all, softmax over those of them that are alive."""
    uids = list(mixture.grid.uids())
    places = list(mixture.grid.coordinates())
    scores = mixture.gate(x)
    starts = [sum(mixture.grid.dims[:dim]) for dim in range(len(mixture.grid.dims))]
    total = torch.stack([sum(scores[:, s + c] for s, c in zip(starts, place, strict=True)) for place in places], 1)
    outputs = torch.stack([build_layer(hive.spec, seed_of(uid))(x) for uid in uids], 1)
    best = torch.zeros_like(total, dtype=torch.bool).scatter_(1, total.topk(k, dim=1).indices, value=True)
    usable = best & torch.tensor([alive[uid] for uid in uids])
    weights = total.masked_fill(~usable, float("-inf")).softmax(1)
    weights = torch.where(usable.any(1, keepdim=True), weights, torch.zeros_like(weights))
    return (weights.unsqueeze(2) * outputs).sum(1)


def compare(hive: Hive, mixture: RemoteMixtureOfExperts, alive: Mapping[str, bool], k: int) -> None:
    x = rows(32, HIDDEN).requires_grad_()
    upstream = rows(32, HIDDEN, seed=5)
    parameters = [x, *mixture.gate.parameters()]
    y = mixture(x)
    gradients = torch.autograd.grad(y, parameters, upstream)
    expected = dense(hive, mixture, x, alive, k)
    wanted = torch.autograd.grad(expected, parameters, upstream)
    torch.testing.assert_close(y, expected, rtol=1e-5, atol=1e-5)
    for got, want in zip(gradients, wanted, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dims", [(6,), (3, 4), (2, 2, 3), (2, 2, 2, 2)])
def test_equals_the_dense_reference(dims: tuple[int, ...]) -> None:
    grid = Grid("ffn.", dims)
    with Hive([grid], hosts=2, own=True, hidden=HIDDEN) as hive:
        compare(hive, make_mixture(hive, grid, k_best=3), dict.fromkeys(grid.uids(), True), 3)


@pytest.mark.parametrize("fault", ["unreachable", "error"])
def test_failing_hosts_are_left_out_of_each_samples_softmax(fault: str) -> None:
    with Hive([GRID], hosts=3, hidden=HIDDEN) as hive:
        sick = hive.peers[0]
        sick.rpc.fault.unreachable = fault == "unreachable"
        sick.rpc.fault.error = FailureCode.INTERNAL if fault == "error" else None
        alive = {uid: peer is not sick for uid, peer in hive.peer_of.items()}
        compare(hive, make_mixture(hive, k_best=6, spare=0), alive, 6)
        assert hive.caller.rpc_failures > 0


def test_without_any_answer_samples_pass_through_with_zero_gradient() -> None:
    with Hive([GRID], hosts=2, hidden=HIDDEN) as hive:
        for peer in hive.peers:
            peer.rpc.fault.unreachable = True
        mixture = make_mixture(hive, k_best=2)
        x = rows(10, HIDDEN).requires_grad_()
        y = x + mixture(x)
        assert torch.equal(y, x)
        assert mixture.passed.all()
        assert hive.caller.passed_through == 10
        (gradient,) = torch.autograd.grad(y.sum(), x)
        assert torch.equal(gradient, torch.ones_like(x))


def test_samples_whose_experts_all_failed_pass_through_while_others_do_not() -> None:
    with Hive([GRID], hosts=2, hidden=HIDDEN) as hive:
        sick = hive.peers[0]
        sick.rpc.fault.unreachable = True
        mixture = make_mixture(hive, k_best=1, config=AskingConfig(k_best=1, spare=0, search_s=0))
        x = rows(40, HIDDEN)
        expected = dense(hive, mixture, x, {uid: peer is not sick for uid, peer in hive.peer_of.items()}, 1)
        y = mixture(x)
        torch.testing.assert_close(y, expected, rtol=1e-5, atol=1e-5)
        assert 0 < mixture.passed.sum() < 40
        assert torch.equal((y == 0).all(dim=1), mixture.passed)
        assert hive.caller.passed_through == mixture.passed.sum()


def test_every_expert_gets_one_request_a_batch_in_each_direction() -> None:
    """Hivemind's defect 5: one request for each pair of sample and expert."""
    with Hive([GRID], hosts=3, hidden=HIDDEN) as hive:
        mixture = make_mixture(hive, k_best=4)
        mixture(rows(32, HIDDEN)).sum().backward()
        for kind in (ExpertForward, ExpertBackward):
            requests = [each for each in hive.trainer.rpc.sent if isinstance(each, kind)]
            uids = [call.uid for request in requests for call in request.calls]
            assert len(uids) == len(set(uids)) > 3
            assert len(requests) == 3
        assert set(hive.steps().values()) == {1}


def test_hosts_that_die_between_forward_and_backward_contribute_zero() -> None:
    with Hive([GRID], hosts=2, hidden=HIDDEN) as hive:
        mixture = make_mixture(hive, k_best=12, spare=0)
        x = rows(6, HIDDEN).requires_grad_()
        y = mixture(x)
        expected = dense(hive, mixture, x, dict.fromkeys(GRID.uids(), True), 12)
        torch.testing.assert_close(y, expected, rtol=1e-5, atol=1e-5)
        for peer in hive.peers:
            peer.rpc.fault.unreachable = True
        parameters = [x, *mixture.gate.parameters()]
        got = torch.autograd.grad(y.sum(), parameters)
        # Without input gradients from experts, x still gets what flows through the gate, and the gate loses nothing.
        want = torch.autograd.grad(expected.sum(), parameters[1:])
        for one, other in zip(got[1:], want, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
        assert torch.isfinite(got[0]).all()
        assert set(hive.steps().values()) == {0}


def test_a_late_host_is_left_out_after_the_grace_and_not_waited_for() -> None:
    with Hive([GRID], hosts=2, hidden=HIDDEN) as hive:
        late = hive.peers[0]
        late.rpc.fault.delay = 5.0
        quick = Patience(k_min=1, grace_s=0.01, grace_factor=0.1)
        mixture = make_mixture(hive, config=AskingConfig(k_best=12, spare=0, forward=quick, backward=quick))
        x = rows(6, HIDDEN)
        started = time.monotonic()
        y = mixture(x)
        assert time.monotonic() - started < 2.0
        alive = {uid: peer is not late for uid, peer in hive.peer_of.items()}
        torch.testing.assert_close(y, dense(hive, mixture, x, alive, 12), rtol=1e-5, atol=1e-5)


def test_experts_learn_even_when_only_the_gates_gradient_is_wanted() -> None:
    with Hive([GRID], hosts=1, hidden=HIDDEN) as hive:
        mixture = make_mixture(hive)
        torch.autograd.grad(mixture(rows(8, HIDDEN)).sum(), list(mixture.gate.parameters()))
        assert sum(hive.steps().values()) > 0


def test_without_gradients_it_only_asks() -> None:
    with Hive([GRID], hosts=1, hidden=HIDDEN) as hive, torch.no_grad():
        mixture = make_mixture(hive)
        assert not mixture(rows(8, HIDDEN)).requires_grad
        assert set(hive.steps().values()) == {0}


def test_any_leading_shape_and_type_comes_back() -> None:
    with Hive([GRID], hosts=1, hidden=HIDDEN) as hive:
        mixture = make_mixture(hive, k_best=2)
        flat = mixture(rows(12, HIDDEN))
        shaped = mixture(rows(12, HIDDEN).reshape(2, 3, 2, HIDDEN))
        torch.testing.assert_close(shaped, flat.reshape(2, 3, 2, HIDDEN))
        half = mixture.to(torch.bfloat16)(rows(12, HIDDEN).to(torch.bfloat16))
        assert half.dtype == torch.bfloat16
        assert mixture(torch.zeros(0, HIDDEN, dtype=torch.bfloat16)).shape == (0, HIDDEN)


def test_a_sample_that_is_not_finite_is_sent_to_nobody_and_spoils_no_other() -> None:
    with Hive([GRID], hosts=1, hidden=HIDDEN) as hive:
        mixture = make_mixture(hive, k_best=2)
        x = rows(5, HIDDEN)
        clean = mixture(x)
        x[3, 0] = float("nan")
        y = mixture(x)
        assert mixture.passed.tolist() == [False, False, False, True, False]
        torch.testing.assert_close(y[[0, 1, 2, 4]], clean[[0, 1, 2, 4]])
        assert torch.equal(y[3], torch.zeros(HIDDEN))


def test_a_copy_has_its_own_gate_and_shares_the_swarm() -> None:
    with Hive([GRID], hosts=1, hidden=HIDDEN) as hive:
        mixture = make_mixture(hive)
        mixture(rows(4, HIDDEN)).sum().backward()
        wrapped = copy.deepcopy(torch.nn.Sequential(mixture))
        copied = wrapped[0]
        assert copied.caller is mixture.caller
        assert copied.directory is mixture.directory
        assert torch.equal(copied.gate.projection.weight, mixture.gate.projection.weight)
        with torch.no_grad():
            copied.gate.projection.weight.zero_()
        assert mixture.gate.projection.weight.abs().sum() > 0
        assert copied.balance_loss.item() == 0
        assert wrapped(rows(4, HIDDEN)).shape == (4, HIDDEN)


def test_several_trainer_threads_train_at_once() -> None:
    with Hive([GRID], hosts=2, own=True, hidden=HIDDEN) as hive:
        original = make_mixture(hive, k_best=3)
        finished: list[bool] = []

        def train(seed: int) -> None:
            mixture = copy.deepcopy(original)
            for step in range(5):
                x = rows(16, HIDDEN, seed=seed * 100 + step).requires_grad_()
                y = mixture(x)
                gradients = torch.autograd.grad(y.pow(2).sum(), [x, *mixture.gate.parameters()])
                finished.append(all(torch.isfinite(each).all() for each in gradients) and not mixture.passed.any())

        threads = [threading.Thread(target=train, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert finished == [True] * 20
        assert hive.caller.rpc_failures == 0


def test_the_balance_loss_of_the_last_batch_reaches_the_gate() -> None:
    with Hive([GRID], hosts=1, hidden=HIDDEN) as hive:
        mixture = make_mixture(hive, k_best=2)
        assert mixture.balance_loss.item() == 0
        y = mixture(rows(32, HIDDEN))
        loss = mixture.balance_loss
        assert loss.item() >= 1
        (y.sum() * 0 + loss).backward()
        assert mixture.gate.projection.weight.grad.abs().sum() > 0


def test_a_model_with_a_mixture_learns() -> None:
    with Hive([GRID], hosts=2, own=True, hidden=HIDDEN) as hive:
        mixture = make_mixture(hive, k_best=2)
        head = torch.nn.Linear(HIDDEN, 2)
        parameters = [*mixture.parameters(), *head.parameters()]
        x = rows(128, HIDDEN)
        labels = (x[:, 0] * x[:, 1] > 0).long()  # no linear model can tell
        losses = []
        for _ in range(60):
            loss = torch.nn.functional.cross_entropy(head(x + mixture(x)), labels)
            losses.append(loss.item())
            for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
                parameter.data -= 0.5 * gradient
        assert losses[-1] < 0.5 * losses[0]
