"""Requests from strangers: every rule has its answer, and one bad call does not spoil the others."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future

import pytest
import torch

from core.experts.service import ExpertHost
from core.experts.spec import ExpertSpec
from core.experts.task_pool import QueueLimits
from core.tensors.codec import decode, encode
from net.clock import SystemClock
from net.errors import RemoteError
from net.wire.messages import (
    ExpertBackward,
    ExpertCall,
    ExpertForward,
    ExpertResults,
    FailureCode,
    TensorHeader,
)
from tests.support.expert_swarm import PROJECT, Swarm, rows

SPEC = ExpertSpec("ffn", 4, 8)


class PausingGate:
    paused = False

    def wait(self, timeout: float | None = None, *, urgent: bool = False) -> bool:
        return True


class Served:
    """A host with the experts ffn.0 and ffn.1, and a stranger who asks it."""

    def __init__(self, *, started: bool = True, limits: QueueLimits | None = None) -> None:
        swarm = Swarm(SystemClock())
        self.peer, self.asker = swarm.peer(), swarm.peer()
        self.gate = PausingGate()
        limits = limits or QueueLimits(batch_rows=16)
        self.host = ExpertHost(
            self.peer.rpc, PROJECT, ["cpu"], self.gate, lambda *work: None, swarm.clock, limits=limits
        )
        self.host.add("ffn.0", SPEC, 0)
        self.host.add("ffn.1", SPEC, 1)
        self.host.start()

    async def ask(self, request_type, calls, project: bytes = PROJECT, *, encoding: str = "none", timeout: float = 10):
        """calls: (uid, tensors) each. Returns (code, text, tensors) of each result."""
        headers, payload = [], []
        for uid, tensors in calls:
            encoded = [encode(tensor, encoding) for tensor in tensors]
            headers.append(ExpertCall(uid, tuple(header for header, _ in encoded)))
            payload += [view for _, view in encoded]
        return await self.send(request_type(project, tuple(headers)), payload, timeout)

    async def send(self, request, payload, timeout: float = 10):
        reply = await self.asker.rpc.call(self.peer.contact, request, payload, timeout=timeout)
        assert isinstance(reply.message, ExpertResults)
        buffers = iter(reply.payload)
        return [
            (each.uid, each.code, [decode(header, next(buffers)) for header in each.tensors])
            for each in reply.message.results
        ]


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    made = Served()
    yield made
    await made.host.close()


async def test_one_request_runs_several_experts(served: Served) -> None:
    x = rows(3, 4)
    results = await served.ask(ExpertForward, [("ffn.0", [x]), ("ffn.1", [x[:2]])])
    assert [(uid, code) for uid, code, _ in results] == [("ffn.0", 0), ("ffn.1", 0)]
    assert [tuple(tensors[0].shape) for _, _, tensors in results] == [(3, 4), (2, 4)]
    assert not torch.equal(results[0][2][0][:2], results[1][2][0])


async def test_training_steps_at_once(served: Served) -> None:
    results = await served.ask(ExpertBackward, [("ffn.0", [rows(3, 4), rows(3, 4, seed=1)])])
    assert results[0][1] == 0
    assert results[0][2][0].shape == (3, 4)
    assert (served.host.steps("ffn.0"), served.host.steps("ffn.1")) == (1, 0)


@pytest.mark.parametrize("encoding", ["float16", "bfloat16"])
async def test_answers_travel_as_their_question_did(served: Served, encoding: str) -> None:
    x = rows(3, 4)
    (exact,) = await served.ask(ExpertForward, [("ffn.0", [x])])
    (short,) = await served.ask(ExpertForward, [("ffn.0", [x])], encoding=encoding)
    torch.testing.assert_close(short[2][0], exact[2][0], rtol=0.05, atol=0.05)
    assert not torch.equal(short[2][0], exact[2][0])


@pytest.mark.parametrize(
    ("tensors", "code"),
    [
        ([torch.zeros(2, 5)], FailureCode.BAD_TENSOR),
        ([torch.zeros(17, 4)], FailureCode.BAD_TENSOR),
        ([torch.zeros(2, 4, dtype=torch.int64)], FailureCode.BAD_TENSOR),
        ([torch.zeros(2, 4), torch.zeros(2, 4)], FailureCode.BAD_TENSOR),
        ([], FailureCode.BAD_TENSOR),
        ([torch.full((2, 4), float("nan"))], FailureCode.BAD_TENSOR),
    ],
)
async def test_a_bad_call_fails_alone(served: Served, tensors: list[torch.Tensor], code: FailureCode) -> None:
    results = await served.ask(ExpertForward, [("ffn.0", tensors), ("ffn.9", [rows(1, 4)]), ("ffn.0", [rows(1, 4)])])
    assert [each[1] for each in results] == [code, FailureCode.NOT_FOUND, 0]


async def test_gradients_with_nan_from_a_stranger_teach_nothing(served: Served) -> None:
    """Hivemind's defect 7: anyone may train, and nothing is checked."""
    before = served.host.state("ffn.0")
    results = await served.ask(ExpertBackward, [("ffn.0", [rows(2, 4), torch.full((2, 4), float("inf"))])])
    assert results[0][1] == FailureCode.BAD_TENSOR
    assert served.host.state("ffn.0") == before


async def test_a_header_that_lies_about_its_size_is_refused(served: Served) -> None:
    header = TensorHeader((2, 4), "float32", "none", 36)
    request = ExpertForward(PROJECT, (ExpertCall("ffn.0", (header,)),))
    assert [each[1] for each in await served.send(request, [bytearray(36)])] == [FailureCode.BAD_TENSOR]
    header = TensorHeader((2, 4), "float32", "none", 32)
    request = ExpertForward(PROJECT, (ExpertCall("ffn.0", (header,)),))
    assert [each[1] for each in await served.send(request, [bytearray(31)])] == [FailureCode.BAD_TENSOR]


async def test_faults_of_a_whole_request_are_failures(served: Served) -> None:
    with pytest.raises(RemoteError) as other_project:
        await served.ask(ExpertForward, [("ffn.0", [rows(1, 4)])], project=bytes(32))
    assert other_project.value.code == FailureCode.NOT_FOUND
    with pytest.raises(RemoteError) as missing:
        await served.send(ExpertForward(PROJECT, (ExpertCall("ffn.0", ()),)), [bytearray(4)])
    assert missing.value.code == FailureCode.BAD_REQUEST
    served.gate.paused = True
    with pytest.raises(RemoteError) as paused:
        await served.ask(ExpertForward, [("ffn.0", [rows(1, 4)])])
    assert paused.value.code == FailureCode.PAUSED
    assert paused.value.retry_after > 0


async def test_a_request_without_calls_gets_an_empty_answer(served: Served) -> None:
    assert await served.ask(ExpertForward, []) == []


async def test_when_everything_is_busy_the_caller_hears_when_to_come_back() -> None:
    """The other half of defect 7: queues are bounded."""
    served = Served(limits=QueueLimits(batch_rows=16, rows=1))
    with pytest.raises(RemoteError) as busy:
        await served.ask(ExpertForward, [("ffn.0", [rows(2, 4)]), ("ffn.1", [rows(2, 4)])])
    assert busy.value.code == FailureCode.BUSY
    assert busy.value.retry_after > 0
    await served.host.close()


async def test_a_caller_that_gives_up_takes_its_waiting_calls_along(served: Served) -> None:
    futures: list[Future] = []
    asked = asyncio.Event()

    def never(kind, calls, caller, timeout, *, checked):
        futures.extend(Future() for _ in calls)
        asked.set()
        return futures

    served.host.submit = never
    asking = asyncio.ensure_future(served.ask(ExpertForward, [("ffn.0", [rows(1, 4)])]))
    await asked.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert [future.cancelled() for future in futures] == [True]
