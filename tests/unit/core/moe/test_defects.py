"""Defects that were found in Hivemind's mixtures by reading them: one test each, named after the defect."""

import threading
import time

import pytest
import torch

from core.experts.beam_search import EXACT_LIMIT, NOBODY, SearchIndex, find_best
from core.experts.uid import Grid
from core.moe.asking import AskingConfig
from core.moe.dispatch import Hedge, Patience
from core.moe.mixture import RemoteMixtureOfExperts
from core.moe.switch import RemoteSwitchMixtureOfExperts
from net.wire.messages import ExpertBackward, ExpertForward
from tests.support.expert_swarm import Hive, rows

HIDDEN = 8
GRID = Grid("ffn.", (3, 4))


def make(hive: Hive, kind: type[RemoteMixtureOfExperts] = RemoteMixtureOfExperts, **settings):
    torch.manual_seed(1)
    return kind(in_features=HIDDEN, grid=hive.grids[0], caller=hive.caller, directory=hive.directory, **settings)


@pytest.mark.parametrize("alive", [20, EXACT_LIMIT + 200])
def test_defect_1_a_dead_prefix_in_a_grid_of_three_dimensions_raises(alive: int) -> None:
    """`_batch_find_best_experts` passes an argument in the wrong slot as soon as a prefix has no successors."""
    dims = (12, 12, 12)
    places = [place for place in Grid("ffn.", dims).coordinates() if place[0] % 2 and place[1] != 3][:alive]
    index = SearchIndex(dims, places)
    scores = torch.zeros(3, sum(dims))
    scores[:, [0, 12 + 3]] = 100.0  # the best scores belong to prefixes without anybody
    found = find_best(scores, index, 4)
    assert (found != NOBODY).all()
    assert all(places[position][0] % 2 for position in found.flatten().tolist())


@pytest.mark.parametrize("dims", [(4, 4, 4), (4, 4, 4, 4)])
def test_defect_2_an_empty_initial_beam_crashes(dims: tuple[int, ...]) -> None:
    """Nobody is alive: the search finds nobody, and the mixture passes its samples through."""
    assert (find_best(torch.randn(3, sum(dims)), SearchIndex(dims, []), 4) == NOBODY).all()
    with Hive([Grid("ffn.", dims)], hosts=1, hidden=HIDDEN) as hive:
        for peer in hive.peers:
            hive.directory.report_failure(peer.peer_id)
        mixture = make(hive, config=AskingConfig(search_s=0.0))
        assert torch.equal(mixture(rows(3, HIDDEN)), torch.zeros(3, HIDDEN))


def test_defect_3_k_min_is_judged_for_the_whole_batch_and_a_sample_without_an_answer_becomes_nan() -> None:
    """One host of two is silent: the other's many answers must not end the wait for samples that it cannot serve,
    and those that nobody serves in the end are zero, not NaN."""
    with Hive([GRID], hosts=2, hidden=HIDDEN) as hive:
        hive.peers[0].rpc.fault.delay = 0.3
        config = AskingConfig(k_best=1, spare=0, forward=Patience(k_min=1, grace_s=0.0, grace_factor=0.0), search_s=0)
        mixture = make(hive, config=config)
        x = rows(40, HIDDEN)
        y = mixture(x)
        assert not mixture.passed.any()  # those of the slow host were waited for
        hive.peers[0].rpc.fault.unreachable = True
        y = mixture(x)
        assert 0 < mixture.passed.sum() < 40
        assert torch.isfinite(y).all()
        assert torch.equal((y == 0).all(dim=1), mixture.passed)


def test_defect_4_the_balancing_loss_has_no_gradient_and_jitter_changes_the_callers_input() -> None:
    with Hive([GRID], hosts=2, hidden=HIDDEN) as hive:
        switch = make(hive, RemoteSwitchMixtureOfExperts, jitter_eps=0.1)
        x = rows(64, HIDDEN)
        before = x.clone()
        with torch.no_grad():
            switch.gate.projection.bias[0] += 2.0  # the gate prefers the first coordinate
        losses = []
        for _ in range(40):
            _, loss = switch(x)
            gradients = torch.autograd.grad(loss, list(switch.gate.parameters()))
            assert all(gradient.abs().sum() > 0 for gradient in gradients)
            with torch.no_grad():
                for parameter, gradient in zip(switch.gate.parameters(), gradients, strict=True):
                    parameter.sub_(gradient)
            losses.append(loss.item())
        assert torch.equal(x, before)
        assert losses[-1] < losses[5] - 0.05  # following it does balance the use


def test_defect_5_one_request_for_each_pair_of_sample_and_expert() -> None:
    with Hive([GRID], hosts=3, hidden=HIDDEN) as hive:
        mixture = make(hive, k_best=4)
        mixture(rows(32, HIDDEN)).sum().backward()
        for kind in (ExpertForward, ExpertBackward):
            requests = [each for each in hive.trainer.rpc.sent if isinstance(each, kind)]
            uids = [call.uid for request in requests for call in request.calls]
            assert len(requests) == 3  # one a host
            assert len(uids) == len(set(uids))  # in it one call an expert


def test_a_late_peer_is_hedged_and_its_samples_do_not_wait_for_it() -> None:
    """No deadline by default, and nobody else is asked: the slowest peer sets the pace."""
    with Hive([GRID], hosts=2, hidden=HIDDEN) as hive:
        slow = hive.peers[0]
        config = AskingConfig(
            k_best=1, spare=8, forward=Patience(grace_s=0.0, grace_factor=0.0), hedge=Hedge(0.02, 1.0, 0.1)
        )
        mixture = make(hive, config=config)
        mixture(rows(4, HIDDEN))
        slow.rpc.fault.delay = 2.0
        began = time.monotonic()
        y = mixture(rows(40, HIDDEN))
        assert time.monotonic() - began < 1.0
        assert not mixture.passed.any()
        assert torch.isfinite(y).all()
        assert hive.caller.counters.counts.hedged > 0
        slow.rpc.fault.delay = 0.0


def test_mixtures_of_several_threads_share_one_caller_without_freezing() -> None:
    """Hivemind skips its end-to-end tests of mixtures "due to freezes"."""
    with Hive([GRID], hosts=2, own=True, hidden=HIDDEN) as hive:
        done = []

        def train(seed: int) -> None:
            mixture = make(hive, k_best=3)
            for step in range(5):
                x = rows(16, HIDDEN, seed=seed * 100 + step).requires_grad_()
                mixture(x).square().sum().backward()
            done.append(seed)

        threads = [threading.Thread(target=train, args=(seed,), daemon=True) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(done) == [0, 1, 2, 3]
        assert hive.caller.rpc_failures == 0
