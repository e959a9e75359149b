"""Tickets from a caller's side: inputs travel once, and a ticket that is gone costs a message, not a sample."""

import pytest
import torch

from core.experts.outcome import Call, Kind, Outcome, Ticket
from core.experts.remote_expert import CallerConfig
from core.experts.task_pool import QueueLimits
from core.experts.uid import Grid
from net.wire.messages import ExpertBackward, FailureCode
from tests.support.expert_swarm import Hive, rows, seed_of

WIDTH = 8
GRID = Grid("ffn.", (2,))
X, Y = rows(4, WIDTH), rows(4, WIDTH, seed=1)


def forward(hive: Hive, uid: str = "ffn.0", *, keep: bool = True) -> Outcome:
    (outcome,) = hive.caller.call(Kind.FORWARD, [Call(uid, (X,), keep=keep)])
    assert outcome.ok
    return outcome


def backward(hive: Hive, ticket: Ticket | None, uid: str = "ffn.0") -> Outcome:
    (outcome,) = hive.caller.call(Kind.BACKWARD, [Call(uid, (X, Y), ticket=ticket)])
    return outcome


def requests(hive: Hive) -> list[ExpertBackward]:
    return [each for each in hive.trainer.rpc.sent if isinstance(each, ExpertBackward)]


@pytest.fixture
def want() -> torch.Tensor:
    """The input gradient that every way must bring."""
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:
        return backward(hive, None).tensors[0]


def test_with_a_ticket_inputs_do_not_travel_again(want: torch.Tensor) -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:
        outcome = backward(hive, forward(hive).ticket)
        torch.testing.assert_close(outcome.tensors[0], want)
        assert [len(call.tensors) for request in requests(hive) for call in request.calls] == [1]
        tickets = hive.host_of("ffn.0").tickets()
        assert (tickets.open, tickets.redeemed, tickets.lost) == (0, 1, 0)
        assert hive.steps()["ffn.0"] == 1


def test_who_does_not_train_leaves_nothing_behind() -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:
        assert forward(hive, keep=False).ticket is None
        assert hive.host_of("ffn.0").tickets().open == 0


def test_a_ticket_that_is_gone_is_replaced_by_inputs_once(want: torch.Tensor) -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:
        ticket = forward(hive).ticket
        assert ticket is not None
        spent = backward(hive, ticket)
        hive.host_of("ffn.0").remove("ffn.0")
        hive.host_of("ffn.0").add("ffn.0", hive.spec, seed_of("ffn.0"))
        again = backward(hive, ticket)
        assert spent.ok
        assert again.ok, again
        torch.testing.assert_close(again.tensors[0], want)
        assert [len(call.tensors) for request in requests(hive) for call in request.calls] == [1, 1, 2]
        assert hive.caller.rpc_failures == 0


def test_a_ticket_of_another_host_is_not_shown_to_this_one(want: torch.Tensor) -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:
        outcome = backward(hive, Ticket(bytes(32), bytes(16)))
        torch.testing.assert_close(outcome.tensors[0], want)
        assert [(call.ticket, len(call.tensors)) for request in requests(hive) for call in request.calls] == [(b"", 2)]


def test_own_experts_keep_activations_too(want: torch.Tensor) -> None:
    with Hive([GRID], hosts=0, own=True, hidden=WIDTH) as hive:
        torch.testing.assert_close(backward(hive, forward(hive).ticket).tensors[0], want)
        assert hive.host_of("ffn.0").tickets().redeemed == 1
        assert backward(hive, Ticket(b"", bytes(16))).ok  # gone: own inputs are at hand


def test_a_backward_call_that_hears_busy_is_made_again_after_the_time_that_was_named() -> None:
    """A gradient that only this expert can use must not be lost because others were first."""
    limits, config = QueueLimits(rows=3), CallerConfig(busy_s=0.01, busy_patience_s=0.9)
    with Hive([GRID], hosts=1, hidden=WIDTH, limits=limits, caller=config) as hive:
        assert backward(hive, None).code == FailureCode.BUSY  # four rows never fit
        assert len(requests(hive)) >= 2
        assert hive.caller.rpc_failures == 1
        hive.host_of("ffn.0")._runtimes["cpu"]._pools._limits = QueueLimits()
        assert backward(hive, None).ok


def test_a_forward_call_that_hears_busy_is_left_to_other_experts() -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH, limits=QueueLimits(rows=3)) as hive:
        (outcome,) = hive.caller.call(Kind.FORWARD, [Call("ffn.0", (X,))])
        assert outcome.code == FailureCode.BUSY
        assert outcome.retry_after > 0
        assert len(hive.trainer.rpc.sent) == 1


def test_a_busy_expert_still_gets_the_gradients_of_what_it_answered() -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:
        ticket = forward(hive).ticket
        hive.directory.put_expert_aside("ffn.0", 20.0)
        assert hive.directory.callable_host("ffn.0") is None
        assert backward(hive, ticket).ok
        hive.directory.expert_failed("ffn.0")
        assert backward(hive, None).code == FailureCode.NOT_FOUND
