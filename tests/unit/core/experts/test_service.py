"""A host: taking experts and giving them up, devices, figures, the way in for its own engine."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
import torch

from core.errors import ExpertError
from core.experts import service
from core.experts.outcome import Call, Kind
from core.experts.runtime import OpenGate
from core.experts.service import ExpertHost
from core.experts.spec import ExpertSpec
from core.experts.task_pool import QueueLimits
from net.clock import SystemClock
from net.wire.messages import FailureCode
from tests.support.expert_swarm import PROJECT, Swarm, rows

SPEC = ExpertSpec("ffn", 4, 8)
MakeHost = Callable[..., ExpertHost]


@pytest.fixture
async def make_host() -> AsyncIterator[MakeHost]:
    hosts: list[ExpertHost] = []

    def make(devices: Sequence[str] = ("cpu",), **settings) -> ExpertHost:
        rpc = Swarm(SystemClock()).peer().rpc
        host = ExpertHost(rpc, PROJECT, devices, OpenGate(), lambda *work: None, SystemClock(), **settings)
        host.start()
        hosts.append(host)
        return host

    yield make
    for host in hosts:
        await host.close()


async def test_experts_come_and_go_with_their_state(make_host: MakeHost) -> None:
    host, other = make_host(), make_host()
    host.add("ffn.1", SPEC, 0)
    host.add("ffn.0", SPEC, 0)
    assert host.uids == ("ffn.0", "ffn.1")
    assert "ffn.0" in host
    (trained,) = host.submit_local(Kind.BACKWARD, [Call("ffn.0", (rows(2, 4), rows(2, 4)))], 10)
    assert trained.result(10).ok
    state = host.remove("ffn.0")
    other.add("ffn.0", SPEC, 0, state)
    assert (host.uids, other.steps("ffn.0"), host.steps("ffn.0")) == (("ffn.1",), 1, 0)
    assert other.state("ffn.0") == state


async def test_what_cannot_be_hosted_is_refused_in_one_sentence(make_host: MakeHost) -> None:
    host = make_host()
    host.add("ffn.0", SPEC, 0)
    with pytest.raises(ExpertError, match="already"):
        host.add("ffn.0", SPEC, 0)
    with pytest.raises(ExpertError, match="no device 'cuda:7'"):
        host.add("ffn.1", SPEC, 0, device="cuda:7")
    for ask in (host.remove, host.state):
        with pytest.raises(ExpertError, match="not hosted here"):
            ask("ffn.9")
    assert host.uids == ("ffn.0",)


async def test_every_device_computes_its_own_experts(make_host: MakeHost) -> None:
    placed: list[str] = []

    def place(name: str) -> torch.device:
        placed.append(name)
        return torch.device("cpu")  # the graphics card of this test

    host = make_host(["cpu", "cuda:0"], place=place)
    host.add("ffn.0", SPEC, 0, device="cuda:0")
    host.add("ffn.1", SPEC, 0)
    calls = [Call(uid, (rows(3, 4),)) for uid in host.uids]
    assert all(future.result(10).ok for future in host.submit_local(Kind.FORWARD, calls, 10))
    assert placed == ["cuda:0", "cpu"]
    assert [(each.uid, each.device, each.served) for each in host.stats()] == [
        ("ffn.0", "cuda:0", 3),
        ("ffn.1", "cpu", 3),
    ]
    assert (host.device_of("ffn.0"), host.device_of("ffn.9")) == ("cuda:0", "")


async def test_figures_tell_what_was_served_and_how_fast(make_host: MakeHost) -> None:
    host = make_host()
    host.add("ffn.0", SPEC, 0)
    for kind, tensors in ((Kind.FORWARD, (rows(5, 4),)), (Kind.BACKWARD, (rows(5, 4), rows(5, 4)))):
        (future,) = host.submit_local(kind, [Call("ffn.0", tensors)], 10)
        future.result(10)
    (stats,) = host.stats()
    assert (stats.served, stats.steps, stats.memory_bytes) == (5, 1, SPEC.exact_memory_bytes)
    assert stats.samples_per_s > 0
    assert stats.latency_s > 0


@pytest.mark.parametrize(
    "tensors",
    [
        (),
        (torch.zeros(2, 5),),
        (torch.zeros(4),),
        (torch.zeros(0, 4),),
        (torch.zeros(9, 4),),
        (torch.zeros(2, 4, dtype=torch.float64),),
        (torch.zeros(2, 4), torch.zeros(2, 4)),
        (torch.tensor(1.0),),
    ],
)
async def test_tensors_that_do_not_fit_are_refused(make_host: MakeHost, tensors: tuple[torch.Tensor, ...]) -> None:
    host = make_host(limits=QueueLimits(batch_rows=8))
    host.add("ffn.0", SPEC, 0)
    (future,) = host.submit_local(Kind.FORWARD, [Call("ffn.0", tensors)], 10)
    assert future.result(0).code == FailureCode.BAD_TENSOR


async def test_experts_beyond_the_first_ones_keep_shorter_moments(
    make_host: MakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "EXACT_BYTES", SPEC.exact_memory_bytes + 1)
    host = make_host(["cpu", "cuda:0"], place=lambda _: torch.device("cpu"))
    for number, device in enumerate(["cpu", "cpu", "cpu", "cuda:0"]):
        host.add(f"ffn.{number}", SPEC, 0, device=device)
    exact, short = SPEC.exact_memory_bytes, SPEC.memory_bytes
    assert [each.memory_bytes for each in host.stats()] == [exact, exact, short, exact]


async def test_an_expert_moves_to_another_device_with_its_state(make_host: MakeHost) -> None:
    host = make_host(["cpu", "cuda:0"], place=lambda _: torch.device("cpu"))
    host.add("ffn.0", SPEC, 0, device="cuda:0")
    x = rows(2, 4)
    (kept,) = host.submit_local(Kind.FORWARD, [Call("ffn.0", (x,), keep=True)], 10)
    (trained,) = host.submit_local(Kind.BACKWARD, [Call("ffn.0", (x, x))], 10)
    assert trained.result(10).ok
    state, ticket = host.state("ffn.0"), kept.result(10).ticket
    host.move("ffn.0", "cpu")
    assert (host.device_of("ffn.0"), host.state("ffn.0")) == ("cpu", state)
    assert host.tickets().open == 0  # what the other device remembered went with it
    (gone,) = host.submit_local(Kind.BACKWARD, [Call("ffn.0", (x,), ticket=ticket)], 10)
    assert gone.result(10).code == FailureCode.TICKET_GONE
    (again,) = host.submit_local(Kind.BACKWARD, [Call("ffn.0", (x, x))], 10)
    assert again.result(10).ok
    assert host.steps("ffn.0") == 2
    host.move("ffn.0", "cpu")  # where it is already
    for uid, device, words in (("ffn.0", "cuda:7", "no device 'cuda:7'"), ("ffn.9", "cpu", "cannot be moved")):
        with pytest.raises(ExpertError, match=words):
            host.move(uid, device)


async def test_calls_that_wait_for_an_expert_that_moves_hear_when_to_come_back(make_host: MakeHost) -> None:
    host = make_host(["cpu", "cuda:0"], place=lambda _: torch.device("cpu"))
    host.add("ffn.0", SPEC, 0, device="cuda:0")
    entered, leave = threading.Event(), threading.Event()
    busy = host._experts["ffn.0"].backend

    def slow(*inputs: torch.Tensor) -> torch.Tensor:
        entered.set()
        leave.wait(10)
        return inputs[0]

    busy.forward = slow  # type: ignore[method-assign]
    (first,) = host.submit_local(Kind.FORWARD, [Call("ffn.0", (rows(1, 4),))], 10)
    assert await asyncio.to_thread(entered.wait, 10)
    (second,) = host.submit_local(Kind.FORWARD, [Call("ffn.0", (rows(1, 4),))], 10)
    host.move("ffn.0", "cpu")
    leave.set()
    assert first.result(10).ok
    assert second.result(10).code == FailureCode.BUSY
    assert second.result(10).retry_after > 0


async def test_calls_of_an_expert_that_is_not_here_are_answered_so(make_host: MakeHost) -> None:
    (future,) = make_host().submit_local(Kind.FORWARD, [Call("ffn.0", (rows(1, 4),))], 10)
    assert future.result(0).code == FailureCode.NOT_FOUND
