"""The thread that computes: batches across callers, the gate before each, faults that stay with their cause."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from core.experts.backend import ExpertBackend
from core.experts.outcome import Kind
from core.experts.passes import ByAutograd
from core.experts.runtime import DeviceRuntime
from core.experts.task_pool import BACKWARD_COST, CPU_ROWS, QueueLimits, Task
from net.wire.messages import FailureCode
from tests.support.expert_swarm import rows
from tests.support.runtime_bench import CLOCK, SPEC, Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench(is_open=False)
    made.runtime.start()
    yield made
    made.runtime.close()


def test_calls_that_wait_together_are_computed_together_and_split_again(bench: Bench) -> None:
    tasks = [bench.task(rows(count, 4, seed=count)) for count in (1, 3, 2)]
    bench.submit(*tasks)
    bench.gate.opened.set()
    for each in tasks:
        outcome = each.done.result(10)
        torch.testing.assert_close(outcome.tensors[0], bench.expert.forward(each.tensors[0]))
    (uid, samples, flops, seconds), *more = bench.work
    assert (uid, samples, flops, more) == ("ffn.0", 6, 6 * SPEC.flops_per_sample, [])
    assert seconds > 0
    assert bench.runtime.meter("ffn.0").served == 6


def test_a_processor_computes_no_more_rows_at_once_than_its_caches_like(bench: Bench) -> None:
    tasks = [bench.task(rows(CPU_ROWS // 2, 4, seed=seed)) for seed in range(3)]
    bench.submit(*tasks)
    bench.gate.opened.set()
    assert all(each.done.result(10).ok for each in tasks)
    assert [samples for _, samples, _, _ in bench.work] == [CPU_ROWS, CPU_ROWS // 2]


def test_training_counts_as_operations_not_as_samples(bench: Bench) -> None:
    bench.gate.opened.set()
    each = bench.task(rows(2, 4), rows(2, 4), kind=Kind.BACKWARD)
    bench.submit(each)
    assert each.done.result(10).ok
    ((_, samples, flops, _),) = bench.work
    assert (samples, flops) == (0, BACKWARD_COST * 2 * SPEC.flops_per_sample)
    assert bench.expert.steps == 1


def test_moments_of_what_is_no_longer_trained_become_zero_and_not_numbers_that_slow_a_processor(bench: Bench) -> None:
    """A mean over ten steps halves every seven: from 1e-37 it would linger among numbers below 1e-38 for good."""
    with ThreadPoolExecutor(1) as thread:
        if not thread.submit(torch.set_flush_denormal, True).result():
            return  # a processor that takes such numbers like any other
    bench.gate.opened.set()
    slots = bench.expert._optimizer._fresh_slots()
    slots["exp_avg"].fill_(1e-37)
    bench.expert._optimizer.restore(1, bench.expert._optimizer.flat.clone(), slots)
    nothing = torch.zeros(2, 4)
    for _ in range(60):
        task = bench.task(rows(2, 4), nothing, kind=Kind.BACKWARD)
        bench.submit(task)
        assert task.done.result(10).ok
    assert not bench.expert._optimizer.slots["exp_avg"].any()


def test_one_callers_nan_fails_that_caller_alone(bench: Bench) -> None:
    good = [bench.task(rows(2, 4), rows(2, 4), kind=Kind.BACKWARD) for _ in range(2)]
    bad = bench.task(rows(2, 4), torch.full((2, 4), float("nan")), kind=Kind.BACKWARD)
    huge = bench.task(rows(2, 4), torch.full((2, 4), 3e38), kind=Kind.BACKWARD)  # finite, but its gradients are not
    bench.submit(good[0], bad, huge, good[1])
    bench.gate.opened.set()
    assert all(each.done.result(10).ok for each in good)
    assert bad.done.result(10).code == huge.done.result(10).code == FailureCode.BAD_TENSOR
    assert bench.expert.steps == 2


def test_nothing_is_computed_before_the_gate_opens(bench: Bench) -> None:
    each = bench.task(rows(1, 4))
    bench.submit(each)
    assert bench.gate.asked.wait(10)
    assert not each.done.done()
    bench.gate.opened.set()
    assert each.done.result(10).ok


def test_a_pause_answers_what_waits_and_what_comes(bench: Bench) -> None:
    waiting = bench.task(rows(1, 4))
    bench.submit(waiting)
    assert bench.gate.asked.wait(10)
    bench.gate.paused = True
    coming = bench.task(rows(1, 4))
    bench.submit(coming)
    for each in (waiting, coming):
        outcome = each.done.result(10)
        assert outcome.code == FailureCode.PAUSED
        assert outcome.retry_after > 0
    assert bench.work == []


def test_a_full_queue_answers_busy_and_when_to_come_back() -> None:
    bench = Bench(limits=QueueLimits(tasks=2))  # never started: nothing leaves the queue
    tasks = [bench.task(rows(1, 4)) for _ in range(3)]
    bench.submit(*tasks)
    assert [each.done.done() for each in tasks] == [False, False, True]
    outcome = tasks[2].done.result(0)
    assert outcome.code == FailureCode.BUSY
    assert 0.1 <= outcome.retry_after <= 10


def test_an_expert_that_crashes_does_not_stop_the_thread(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise ZeroDivisionError

    working, bench.expert._passes = bench.expert._passes, ByAutograd(Broken(), torch.device("cpu"))
    bench.gate.opened.set()
    crashing = bench.task(rows(1, 4))
    bench.submit(crashing)
    assert crashing.done.result(10).code == FailureCode.INTERNAL
    assert "ffn.0 failed" in caplog.text
    bench.expert._passes = working
    after = bench.task(rows(1, 4))
    bench.submit(after)
    assert after.done.result(10).ok


def test_a_check_that_crashes_does_not_stop_the_thread(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    def crash(task: Task) -> str:
        raise ZeroDivisionError

    working, bench.runtime._inspect = bench.runtime._inspect, crash
    bench.gate.opened.set()
    crashing = bench.task(rows(1, 4))
    bench.submit(crashing)
    assert crashing.done.result(10).code == FailureCode.INTERNAL
    assert "ffn.0 could not be computed" in caplog.text
    bench.runtime._inspect = working
    after = bench.task(rows(1, 4))
    bench.submit(after)
    assert after.done.result(10).ok


def test_closing_answers_what_waits_and_refuses_what_comes(bench: Bench) -> None:
    waiting = bench.task(rows(1, 4))
    bench.submit(waiting)
    bench.runtime.close()
    coming = bench.task(rows(1, 4))
    bench.submit(coming)
    assert waiting.done.result(0).code == coming.done.result(0).code == FailureCode.NOT_FOUND


def test_a_forgotten_experts_calls_are_answered(bench: Bench) -> None:
    waiting = bench.task(rows(1, 4))
    bench.submit(waiting)
    bench.runtime.forget("ffn.0")
    assert waiting.done.result(0).code == FailureCode.NOT_FOUND


def test_a_backward_call_waits_for_a_caller_that_is_about_to_bring_another(bench: Bench) -> None:
    """Two callers whose forward calls were answered share one optimizer step, though one comes back first."""
    bench.gate.opened.set()
    forwards = [bench.task(rows(2, 4, seed=n), keep=True) for n in range(2)]
    bench.submit(*forwards)
    tickets = [each.done.result(10).ticket.token for each in forwards]
    bench.expert.step_s = 30.0  # a step that is worth waiting for
    bench.runtime._company._back_s["ffn.0", Kind.BACKWARD] = 30.0
    early, late = (bench.task(rows(2, 4), kind=Kind.BACKWARD, ticket=ticket) for ticket in tickets)
    bench.submit(early)
    assert not early.done.done()
    bench.submit(late)
    assert early.done.result(10).ok
    assert late.done.result(10).ok
    assert bench.expert.steps == 1


def test_a_backward_call_whose_company_does_not_come_is_computed_all_the_same(bench: Bench) -> None:
    bench.gate.opened.set()
    forwards = [bench.task(rows(2, 4, seed=n), keep=True) for n in range(2)]
    bench.submit(*forwards)
    tickets = [each.done.result(10).ticket.token for each in forwards]
    bench.expert.step_s = bench.runtime._company._back_s["ffn.0", Kind.BACKWARD] = 0.02
    alone = bench.task(rows(2, 4), kind=Kind.BACKWARD, ticket=tickets[0])
    bench.submit(alone)
    assert alone.done.result(10).ok
    assert len(bench.runtime.book) == 1


def test_a_busy_host_names_the_time_that_its_queue_takes(bench: Bench) -> None:
    bench.runtime._done = SPEC.flops_per_sample * 10.0, 1.0
    bench.runtime._pools._limits = QueueLimits(rows=20)
    bench.submit(bench.task(rows(20, 4)))
    refused = bench.task(rows(1, 4))
    bench.submit(refused)
    assert refused.done.result(0).retry_after == pytest.approx(2.0)


def test_a_processor_with_several_lanes_computes_different_experts_at_once_and_one_expert_once() -> None:
    both, calls = threading.Barrier(3), count()

    class Meeting(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if next(calls) < 2:
                both.wait(10)
            return x

    bench = Bench()
    runtime = DeviceRuntime("cpu", bench.gate, lambda *_: None, CLOCK, QueueLimits(), lanes=2)
    experts = [ExpertBackend(f"ffn.{number}", SPEC, 0, torch.device("cpu")) for number in range(2)]
    for expert in experts:
        expert._passes = ByAutograd(Meeting(), torch.device("cpu"))

    def task(number: int) -> Task:
        now = CLOCK.monotonic()
        return Task(experts[number], Kind.FORWARD, (rows(2, 4),), b"someone", now + 30, now)

    runtime.start()
    try:
        first, second = task(0), task(1)
        runtime.submit([first, second])
        again = task(0)
        runtime.submit([again])
        assert not again.done.done()
        both.wait(10)  # returns only when both are being computed
        assert all(each.done.result(10).ok for each in (first, second, again))
    finally:
        runtime.close()


@pytest.mark.parametrize(("share", "rest"), [(1.0, None), (0.5, 0.2), (0.25, 0.6), (0.01, 5.0)])
def test_a_device_rests_as_its_share_asks(share: float, rest: float | None) -> None:
    waits: list[float] = []
    runtime = Bench().runtime
    runtime.share = share
    runtime._closing = SimpleNamespace(wait=waits.append)  # type: ignore[assignment]
    runtime._rest(0.2)
    assert waits == ([] if rest is None else [pytest.approx(rest)])


# --- computed by whoever brings it --------------------------------------------------------------------------------
