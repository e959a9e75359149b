"""The mixture layer against a dense reference in this process: everybody answers, some fail, all fail."""

import copy
import threading
from collections.abc import Mapping

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


def make_mixture(hive: Hive, grid: Grid = GRID, **settings: int) -> RemoteMixtureOfExperts:
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


@pytest.mark.parametrize("encoding", ["none"])
@pytest.mark.parametrize("fault", ["unreachable", "error"])
def test_failing_hosts_are_left_out_of_each_samples_softmax(fault: str, encoding: str) -> None:
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
