"""Calling experts: one message a host, outcomes instead of exceptions, and everything learned from them reported."""

import time

import pytest
import torch

from core.experts.deadline import DeadlineConfig
from core.experts.layers import build_layer
from core.experts.line import WireEncoding
from core.experts.outcome import Call, Kind
from core.experts.remote_expert import CallerConfig
from core.experts.runtime import OpenGate
from core.experts.spec import ExpertSpec
from core.experts.task_pool import QueueLimits
from core.experts.uid import Grid
from net.rpc.base import Reply
from net.wire.messages import ExpertBackward, ExpertForward, ExpertResult, ExpertResults, FailureCode, TensorHeader
from tests.support.expert_swarm import Hive, rows, seed_of

GRID = Grid("ffn.", (6,))
WIDTH = 8


def forwards(hive: Hive, uids: list[str], count: int = 3) -> list:
    return hive.caller.call(Kind.FORWARD, [Call(uid, (rows(count, WIDTH),)) for uid in uids])


def expected(hive: Hive, uid: str, count: int = 3) -> torch.Tensor:
    return build_layer(hive.spec, seed_of(uid))(rows(count, WIDTH)).detach()


def test_calls_to_one_host_travel_in_one_message_and_own_experts_in_none() -> None:
    with Hive([GRID], hosts=2, own=True, hidden=WIDTH) as hive:
        uids = list(GRID.uids())
        for uid, outcome in zip(uids, forwards(hive, uids), strict=True):
            torch.testing.assert_close(outcome.tensors[0], expected(hive, uid))
        messages = [each for each in hive.trainer.rpc.sent if isinstance(each, ExpertForward)]
        assert sorted(len(each.calls) for each in messages) == [2, 2]
        counts = hive.caller.counters.counts
        assert (counts.rpc_calls, counts.local_calls, counts.rpc_failures) == (4, 2, 0)


def test_backward_trains_near_and_far() -> None:
    with Hive([GRID], hosts=1, own=True, hidden=WIDTH) as hive:
        calls = [Call(uid, (rows(3, WIDTH), rows(3, WIDTH, seed=1))) for uid in GRID.uids()]
        outcomes = hive.caller.call(Kind.BACKWARD, calls)
        assert all(outcome.ok and outcome.tensors[0].shape == (3, WIDTH) for outcome in outcomes)
        assert set(hive.steps().values()) == {1}
        assert sum(isinstance(each, ExpertBackward) for each in hive.trainer.rpc.sent) == 1


def test_large_requests_are_split() -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH, caller=CallerConfig(message_bytes=3 * WIDTH * 4 * 2)) as hive:
        assert all(outcome.ok for outcome in forwards(hive, list(GRID.uids())))
        sent = [len(each.calls) for each in hive.trainer.rpc.sent if isinstance(each, ExpertForward)]
        assert sent == [2, 2, 2]


@pytest.mark.parametrize("encoding", ["float16", "bfloat16"])
def test_tensors_may_travel_shortened(encoding: str) -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH, caller=CallerConfig(WireEncoding.of(encoding))) as hive:
        (outcome,) = forwards(hive, ["ffn.0"])
        torch.testing.assert_close(outcome.tensors[0], expected(hive, "ffn.0"), rtol=0.05, atol=0.05)
        (request,) = [each for each in hive.trainer.rpc.sent if isinstance(each, ExpertForward)]
        assert request.calls[0].tensors[0] == TensorHeader((3, WIDTH), "float32", encoding, 3 * WIDTH * 2)


def test_inputs_and_gradients_have_encodings_of_their_own_and_answers_follow() -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH, caller=CallerConfig(WireEncoding("float16", "int8"))) as hive:
        (reply,) = hive.caller.call(Kind.BACKWARD, [Call("ffn.0", (rows(3, WIDTH), rows(3, WIDTH, seed=1)))])
        assert reply.ok
        (request,) = [each for each in hive.trainer.rpc.sent if isinstance(each, ExpertBackward)]
        assert [header.encoding for header in request.calls[0].tensors] == ["float16", "int8"]
        assert hive.trainer.rpc.received[-1].results[0].tensors[0].encoding == "int8"


def test_a_host_is_not_sent_an_encoding_that_it_does_not_announce() -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH, caller=CallerConfig(WireEncoding.of("int8"))) as hive:
        for uid, peer in hive.peer_of.items():
            hive.thread.run(hive.swarm.announce(peer, uid, encodings=("float16", "morse")))
        hive.thread.run(hive.directory.refresh())
        assert forwards(hive, ["ffn.0"])[0].ok
        (request,) = [each for each in hive.trainer.rpc.sent if isinstance(each, ExpertForward)]
        assert request.calls[0].tensors[0].encoding == "none"


def test_an_unreachable_host_is_a_quick_failure_and_avoided_afterwards() -> None:
    with Hive([GRID], hosts=2, hidden=WIDTH) as hive:
        hive.peers[0].rpc.fault.unreachable = True
        outcomes = forwards(hive, ["ffn.0", "ffn.1", "ffn.2"])
        assert [outcome.ok for outcome in outcomes] == [False, True, False]
        assert hive.caller.rpc_failures == 2
        assert [each.uid for each in hive.directory.alive("ffn.").experts] == ["ffn.1", "ffn.3", "ffn.5"]
        sent = len(hive.trainer.rpc.sent)
        assert forwards(hive, ["ffn.0"])[0].code == FailureCode.NOT_FOUND
        assert len(hive.trainer.rpc.sent) == sent


def test_a_silent_host_costs_one_deadline() -> None:
    config = CallerConfig(deadlines=DeadlineConfig(low=0.05, high=0.2, first=0.1))
    with Hive([GRID], hosts=1, hidden=WIDTH, caller=config) as hive:
        hive.peers[0].rpc.fault.silent = True
        started = time.monotonic()
        (outcome,) = forwards(hive, ["ffn.0"])
        assert outcome.code == FailureCode.TOO_LATE
        assert 0.1 <= time.monotonic() - started < 1.0
        assert hive.directory.experts_alive == 0


@pytest.mark.parametrize("code", [FailureCode.BUSY, FailureCode.PAUSED])
def test_a_host_that_asks_for_rest_is_given_it_and_loses_no_standing(code: FailureCode) -> None:
    with Hive([GRID], hosts=2, hidden=WIDTH) as hive:
        hive.peers[0].rpc.fault.error = code
        hive.peers[0].rpc.fault.retry_after = 0.05
        (outcome,) = forwards(hive, ["ffn.0"])
        assert (outcome.code, outcome.retry_after) == (code, 0.05)
        assert hive.directory.experts_alive == 3
        deadline = time.monotonic() + 5
        while hive.directory.experts_alive < 6:  # by time alone: nothing pings it
            assert time.monotonic() < deadline


def test_an_error_now_and_then_is_forgiven() -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:
        hive.peers[0].rpc.fault.error = FailureCode.INTERNAL
        for alive in (6, 6, 0):
            assert not forwards(hive, ["ffn.0"])[0].ok
            assert hive.directory.experts_alive == alive


def test_an_expert_that_moved_away_is_left_alone_but_not_its_host() -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:
        hive.host_of("ffn.0").remove("ffn.0")
        outcomes = forwards(hive, ["ffn.0", "ffn.1"])
        assert [outcome.code for outcome in outcomes] == [FailureCode.NOT_FOUND, 0]
        assert [each.uid for each in hive.directory.alive("ffn.").experts] == [f"ffn.{n}" for n in range(1, 6)]


def test_one_busy_expert_among_others_rests_alone() -> None:
    limits = QueueLimits(rows=4)
    with Hive([GRID], hosts=1, hidden=WIDTH, limits=limits, caller=CallerConfig(busy_s=30)) as hive:
        calls = [Call("ffn.0", (rows(3, WIDTH),)), Call("ffn.1", (rows(3, WIDTH),))]
        outcomes = hive.caller.call(Kind.FORWARD, calls)
        assert [outcome.code for outcome in outcomes] == [0, FailureCode.BUSY]
        assert hive.directory.experts_alive == 5


def _lie(answer: str):
    """Answers that do not fit the question, as a broken or hostile host may send them."""
    good = torch.ones(3, WIDTH).numpy().tobytes()
    header = TensorHeader((3, WIDTH), "float32", "none", len(good))
    uid, headers, payload = "ffn.0", (header,), [good]
    if answer == "another expert":
        uid = "ffn.1"
    elif answer == "nothing":
        headers, payload = (), []
    elif answer == "fewer rows":
        headers, payload = (TensorHeader((2, WIDTH), "float32", "none", 2 * WIDTH * 4),), [good[: 2 * WIDTH * 4]]
    elif answer == "more rows":
        headers, payload = (TensorHeader((4, WIDTH), "float32", "none", 4 * WIDTH * 4),), [good + good[: WIDTH * 4]]
    elif answer == "more payload":
        payload = [good, good]
    elif answer == "nan":
        payload = [torch.full((3, WIDTH), float("nan")).numpy().tobytes()]
    elif answer == "other width":
        headers = (TensorHeader((3 * WIDTH, 1), "float32", "none", len(good)),)

    async def handler(caller, request, received):
        return Reply(ExpertResults((ExpertResult(uid, 0, "", headers),)), payload)

    return handler


@pytest.mark.parametrize(
    "answer", ["another expert", "nothing", "fewer rows", "more rows", "more payload", "nan", "other width"]
)
def test_an_answer_that_does_not_fit_counts_as_none(answer: str) -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:
        hive.peers[0].rpc.handlers[ExpertForward] = _lie(answer)
        (outcome,) = forwards(hive, ["ffn.0"])
        assert outcome.code == FailureCode.BAD_TENSOR
        assert outcome.tensors == ()
        assert hive.caller.rpc_failures == 1
        assert hive.directory.experts_alive == 0


def test_another_message_in_answer_counts_as_none() -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:

        async def handler(caller, request, received):
            return request

        hive.peers[0].rpc.handlers[ExpertForward] = handler
        assert forwards(hive, ["ffn.0"])[0].code == FailureCode.BAD_TENSOR


def test_a_crash_while_asking_is_logged_and_answered(caplog: pytest.LogCaptureFixture) -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:

        def crash(*_, **__):
            raise ZeroDivisionError

        hive.caller._exchanges._rpc = type("Broken", (), {"start": crash})()
        assert not forwards(hive, ["ffn.0"])[0].ok
        hive.thread.run(_nothing())
        assert "crashed" in caplog.text


async def _nothing() -> None:
    pass


def test_after_the_loop_has_ended_calls_fail_at_once() -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:
        pass
    assert not forwards(hive, ["ffn.0"])[0].ok
    assert not hive.caller.search_again(1.0)


def test_a_fresh_search_finds_who_came_meanwhile() -> None:
    with Hive([GRID], hosts=1, hidden=WIDTH) as hive:
        hive.swarm.records.clear()
        assert hive.caller.search_again(5.0, max_age=0.0)
        assert hive.directory.experts_alive == 0
        hive.thread.run(hive.swarm.announce(hive.peers[0], "ffn.4"))
        assert hive.caller.search_again(5.0, max_age=0.0)
        assert forwards(hive, ["ffn.4"])[0].ok


def test_own_experts_that_are_paused_say_so() -> None:
    class Gate(OpenGate):
        paused = False

    gate = Gate()
    with Hive([GRID], hosts=0, own=True, hidden=WIDTH, gate=gate, spec=ExpertSpec("ffn", WIDTH, 4)) as hive:
        gate.paused = True
        (outcome,) = forwards(hive, ["ffn.0"])
        assert outcome.code == FailureCode.PAUSED
        assert hive.caller.counters.counts.local_failures == 1
