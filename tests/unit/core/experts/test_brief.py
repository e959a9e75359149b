"""Forward calls that are over sooner than a thread would wake are computed where they arrive, and no others."""

import threading
from collections.abc import Iterator

import pytest
import torch

from core.experts.outcome import Kind
from core.experts.runtime import _DISTRUST, _MOST_TRUST, _TRUST, DeviceRuntime
from core.experts.task_pool import QueueLimits, Task
from net.wire.messages import FailureCode
from tests.support.expert_swarm import rows
from tests.support.runtime_bench import Bench


class Instant:
    """A clock by which every batch takes `seconds`."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        self.now += self.seconds
        return self.now

    def rest(self) -> None:
        """From now on nothing takes any time, and a while has passed."""
        self.seconds, self.now = 0.0, self.now + 60.0


@pytest.fixture
def brief() -> Iterator[Bench]:
    """A bench whose expert has been brief often enough; whether the thread computed is seen by `threads`."""
    made = Bench()
    made.clock = Instant()
    made.threads = []

    def note(*work: object) -> None:
        made.work.append(work)
        made.threads.append(threading.current_thread())

    made.runtime = DeviceRuntime("cpu", made.gate, note, made.clock, QueueLimits())
    made.runtime.start()
    for _ in range(_TRUST):
        compute(made)
    yield made
    made.runtime.close()


def compute(bench: Bench, count: int = 2) -> None:
    """As the host does: here and now where that may be, by a thread where not."""
    tensors = [rows(count, 4, seed=1)]
    outcome = bench.runtime.forward_now(bench.expert, tensors, b"someone", keep=False)
    if outcome is None:
        task = Task(bench.expert, Kind.FORWARD, tensors, b"someone", 1e9, 0.0)
        bench.submit(task)
        outcome = task.done.result(10)
    assert outcome.ok


def test_an_expert_that_is_always_brief_is_computed_where_its_call_arrives(brief: Bench) -> None:
    assert threading.current_thread() not in brief.threads
    compute(brief)
    assert brief.threads[-1] is threading.current_thread()
    assert brief.work[-1][:2] == ("ffn.0", 2)


@pytest.mark.parametrize("case", ["more rows", "a share", "a closed gate", "a pause"])
def test_whatever_may_take_longer_or_has_to_wait_is_the_threads(brief: Bench, case: str) -> None:
    if case == "more rows":
        compute(brief, count=3)
    elif case == "a share":
        brief.runtime.share = 0.99
        compute(brief)
    elif case == "a closed gate":
        brief.gate.opened.clear()
        threading.Timer(0.05, brief.gate.opened.set).start()
        compute(brief)
    else:
        brief.gate.paused = True
        assert brief.runtime.forward_now(brief.expert, [rows(1, 4)], b"someone", keep=False) is None
    assert brief.threads[-1] is not threading.current_thread()


def test_an_expert_that_took_long_must_show_again_that_it_is_brief(brief: Bench) -> None:
    brief.clock.seconds = 1.0
    compute(brief)
    assert brief.threads[-1] is threading.current_thread()
    brief.clock.rest()
    for _ in range(_DISTRUST):
        compute(brief)
        assert brief.threads[-1] is not threading.current_thread()
    compute(brief)
    assert brief.threads[-1] is threading.current_thread()


def test_one_slow_moment_of_an_expert_that_has_long_been_brief_changes_nothing(brief: Bench) -> None:
    for _ in range(_MOST_TRUST):
        compute(brief)
    brief.clock.seconds = 1.0
    compute(brief)
    brief.clock.rest()
    compute(brief)
    assert brief.threads[-1] is threading.current_thread()


def test_of_many_calls_the_event_loop_computes_no_more_than_half_the_time(brief: Bench) -> None:
    def here() -> bool:
        return brief.runtime.forward_now(brief.expert, [rows(1, 4)], b"someone", keep=False) is not None

    brief.clock.seconds = 1e-5
    assert here()
    took = brief.runtime._not_before - brief.clock.now
    assert 0 < took < 1e-3
    assert not here()
    brief.clock.now += took
    assert here()


def test_a_batch_larger_than_those_that_were_brief_says_nothing_about_them(brief: Bench) -> None:
    brief.clock.seconds = 1.0
    compute(brief, count=3)
    brief.clock.seconds = 0.0
    compute(brief)
    assert brief.threads[-1] is threading.current_thread()


def test_a_pause_is_heard_where_the_call_arrives(brief: Bench) -> None:
    brief.gate.paused = True
    assert brief.runtime.forward_now(brief.expert, [rows(1, 4)], b"someone", keep=False) is None
    task = Task(brief.expert, Kind.FORWARD, [rows(1, 4)], b"someone", 1e9, 0.0)
    brief.submit(task)
    assert task.done.result(0).code == FailureCode.PAUSED


def test_calls_that_come_while_another_thread_computes_wait_for_it(brief: Bench) -> None:
    entered, leave = threading.Event(), threading.Event()
    forward = brief.expert.forward

    def slow(*inputs: torch.Tensor) -> torch.Tensor:
        entered.set()
        assert leave.wait(10)
        return forward(*inputs)

    brief.expert.forward = slow
    first = threading.Thread(target=compute, args=(brief,))
    first.start()
    assert entered.wait(10)
    task = Task(brief.expert, Kind.FORWARD, [rows(1, 4)], b"someone", 1e9, 0.0)
    brief.submit(task)
    assert not task.done.done()
    assert brief.runtime.forward_now(brief.expert, [rows(1, 4)], b"someone", keep=False) is None
    leave.set()
    assert task.done.result(10).ok
    first.join(10)
    assert brief.threads[-2] is first
    assert brief.threads[-1] not in (first, threading.current_thread())
