"""Spot checks: who is checked how often, and what becomes of a wrong answer."""

import torch

from core.experts.outcome import Call, Kind
from core.experts.spot_check import SpotCheckConfig, SpotChecks, SpotCheckStats
from core.experts.uid import Grid
from net.wire.messages import FailureCode
from tests.support.expert_swarm import Hive, rows

PEER, X = b"host", rows(3, 4)


def test_every_answer_of_a_stranger_is_checked_and_fewer_of_a_proven_peer() -> None:
    checks = SpotChecks(lambda uid, inputs: inputs[0], draw=lambda: 0.3)
    for _ in range(10):
        assert checks.share(PEER) == 1.0
        assert checks.answered(PEER, "ffn.0", (X,), X.clone())
    assert checks.share(PEER) == 0.1
    for _ in range(100):
        checks.answered(PEER, "ffn.0", (X,), X + 1)  # not chosen: 0.3 is above the share
    assert checks.stats() == SpotCheckStats(answers=110, chosen=10, right=10)


def test_the_share_never_falls_below_the_floor() -> None:
    checks = SpotChecks(lambda uid, inputs: inputs[0], SpotCheckConfig(floor=0.02), draw=lambda: 0.0)
    for _ in range(200):
        checks.answered(PEER, "ffn.0", (X,), X)
    assert checks.share(PEER) == 0.02


def test_one_wrong_answer_and_it_is_a_stranger_again() -> None:
    checks = SpotChecks(lambda uid, inputs: inputs[0], draw=lambda: 0.0)
    for _ in range(20):
        checks.answered(PEER, "ffn.0", (X,), X)
    assert not checks.answered(PEER, "ffn.0", (X,), X * 1.5)
    assert checks.share(PEER) == 1.0
    assert checks.stats().wrong == 1
    assert checks.answered(PEER, "ffn.0", (X,), X * 1.001)  # rounding of other hardware is no fraud
    assert not checks.answered(PEER, "ffn.0", (X,), X[:2])


def test_where_nobody_can_tell_nobody_is_accused() -> None:
    checks = SpotChecks(draw=lambda: 0.0)
    assert checks.answered(PEER, "ffn.0", (X,), X)
    assert checks.stats() == SpotCheckStats(answers=1, chosen=1, untold=1)
    assert checks.share(PEER) == 1.0


def test_a_wrong_answer_is_not_used_and_its_host_is_left_alone() -> None:
    wrong = SpotChecks(lambda uid, inputs: torch.ones_like(inputs[0]), draw=lambda: 0.0)
    with Hive([Grid("ffn.", (2,))], hosts=1, hidden=4, checks=wrong) as hive:
        (outcome,) = hive.caller.call(Kind.FORWARD, [Call("ffn.0", (X,))])
        assert (outcome.code, outcome.tensors) == (FailureCode.BAD_TENSOR, ())
        assert hive.directory.callable_host("ffn.0") is None
        assert wrong.stats().wrong == 1
