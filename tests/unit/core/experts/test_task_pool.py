"""The queue in front of a device: batches, order, bounds, fairness."""

import torch

from core.experts.backend import ExpertBackend
from core.experts.outcome import Kind, refusal
from core.experts.spec import ExpertSpec
from core.experts.task_pool import QueueLimits, Task, TaskPools
from net.wire.messages import FailureCode

A, B = (ExpertBackend(f"nop.{n}", ExpertSpec("nop", 2, 1), 0, torch.device("cpu")) for n in range(2))


def task(
    expert: ExpertBackend = A,
    rows: int = 1,
    *,
    kind: Kind = Kind.FORWARD,
    caller: bytes = b"one",
    at: float = 0.0,
    deadline: float = 100.0,
) -> Task:
    return Task(expert, kind, (torch.zeros(rows, 2),), caller, deadline, at)


def filled(*tasks: Task, limits: QueueLimits | None = None) -> TaskPools:
    pools = TaskPools(limits or QueueLimits())
    assert all(pools.put(each) for each in tasks)
    return pools


def test_calls_of_one_expert_become_one_batch_across_callers() -> None:
    tasks = [task(caller=b"one"), task(B, caller=b"one"), task(caller=b"two"), task(kind=Kind.BACKWARD)]
    pools = filled(*tasks)
    assert pools.take(0)[0] == [tasks[0], tasks[2]]
    assert pools.take(0)[0] == [tasks[1]]
    assert pools.take(0)[0] == [tasks[3]]
    assert pools.take(0)[0] == []
    assert (len(pools), pools.flops) == (0, 0)


def test_a_batch_holds_no_more_rows_than_allowed_but_at_least_one_call() -> None:
    tasks = [task(rows=3), task(rows=3), task(rows=2), task(rows=9)]
    pools = filled(*tasks, limits=QueueLimits(batch_rows=5))
    assert pools.take(0)[0] == tasks[:1]
    assert pools.take(0)[0] == tasks[1:3]
    assert pools.take(0)[0] == tasks[3:]


def test_fewer_rows_may_be_merged_than_one_call_may_bring() -> None:
    tasks = [task(rows=3), task(rows=2), task(rows=9), task(rows=1)]
    pools = TaskPools(QueueLimits(), merged_rows=4)
    for each in tasks:
        assert pools.put(each)
    assert [pools.take(0)[0] for _ in tasks] == [[each] for each in tasks]


def test_the_oldest_waiting_call_decides_whose_turn_it_is() -> None:
    first, other, second = task(A, rows=4), task(B), task(A, rows=4)
    pools = filled(first, other, second, limits=QueueLimits(batch_rows=4))
    assert [pools.take(0)[0], pools.take(0)[0], pools.take(0)[0]] == [[first], [other], [second]]


def test_calls_whose_deadline_has_passed_are_answered_and_not_computed() -> None:
    late, good = task(deadline=5.0), task(deadline=6.0)
    pools = filled(late, good)
    assert pools.take(5.0)[0] == [good]
    assert late.done.result(0).code == FailureCode.TOO_LATE


def test_cancelled_calls_are_skipped() -> None:
    gone, good = task(), task()
    pools = filled(gone, good)
    gone.done.cancel()
    assert pools.take(0)[0] == [good]


def test_the_queue_is_bounded_in_calls_and_rows() -> None:
    pools = filled(task(), task(), limits=QueueLimits(tasks=2))
    assert not pools.put(task())
    pools = filled(task(rows=8), limits=QueueLimits(rows=10))
    assert not pools.put(task(rows=3))
    assert pools.put(task(rows=2))
    pools.take(0)[0]
    assert pools.put(task(rows=10))


def test_the_queue_is_bounded_in_memory() -> None:
    limits = QueueLimits(memory_bytes=3 * 2 * 4)
    pools = filled(task(rows=2), limits=limits)
    assert not pools.put(task(rows=2))
    assert pools.put(task(rows=1))
    pools.take(0)[0]
    assert pools.put(task(rows=3))


def test_one_caller_cannot_crowd_out_the_others() -> None:
    limits = QueueLimits(rows=100, caller_rows=10)
    pools = filled(task(rows=10, caller=b"greedy"), limits=limits)
    assert not pools.put(task(caller=b"greedy"))
    assert pools.put(task(caller=b"modest"))
    pools.take(0)[0]
    assert pools.put(task(rows=10, caller=b"greedy"))


def test_one_caller_s_wide_rows_leave_memory_for_the_others() -> None:
    limits = QueueLimits(memory_bytes=10 * 2 * 4, caller_bytes=4 * 2 * 4)
    pools = filled(task(rows=3, caller=b"greedy"), limits=limits)
    assert not pools.put(task(rows=2, caller=b"greedy"))
    assert pools.put(task(rows=4, caller=b"modest"))
    pools.take(0)
    assert pools.put(task(rows=3, caller=b"greedy"))
    assert QueueLimits().caller_bytes <= QueueLimits().memory_bytes / 2


def test_dropping_answers_everything_or_one_experts_calls() -> None:
    tasks = [task(A), task(B), task(A, kind=Kind.BACKWARD)]
    pools = filled(*tasks)
    pools.drop(refusal(FailureCode.NOT_FOUND, "gone"), "nop.0")
    assert [each.done.done() for each in tasks] == [True, False, True]
    pools.drop(refusal(FailureCode.PAUSED, "paused"))
    assert tasks[1].done.result(0).code == FailureCode.PAUSED
    assert len(pools) == 0
    assert pools.take(0)[0] == []


def test_a_call_may_wait_for_others_while_those_pass_that_need_not() -> None:
    first, other, forward = task(A, kind=Kind.BACKWARD), task(B, kind=Kind.BACKWARD), task(A)
    pools, asked = filled(first, other, forward), []

    def hold(oldest: Task, waiting: int) -> float:
        asked.append((oldest, waiting))
        return 0.0 if oldest is forward else {A: 5.0, B: 3.0}[oldest.expert]

    assert pools.take(1.0, hold) == ([forward], float("inf"))
    assert pools.take(1.0, hold) == ([], 3.0)
    second = task(A, kind=Kind.BACKWARD, caller=b"two")
    assert pools.put(second)
    assert pools.take(3.0, hold)[0] == [other]
    assert pools.take(5.0, hold)[0] == [first, second]
    assert asked[-1] == (first, 2)


def test_one_caller_has_a_bounded_number_of_calls_waiting() -> None:
    pools = filled(*(task() for _ in range(3)), limits=QueueLimits(caller_tasks=3))
    assert not pools.put(task())
    assert pools.put(task(caller=b"two"))
    pools.take(0)
    assert pools.put(task())


def test_what_waits_is_counted_in_operations() -> None:
    ffn = ExpertBackend("ffn.0", ExpertSpec("ffn", 2, 4), 0, torch.device("cpu"))
    forward, backward, kept = task(ffn), task(ffn, kind=Kind.BACKWARD), task(ffn, kind=Kind.BACKWARD)
    kept.ticket = b"ticket"
    one = ffn.spec.flops_per_sample
    assert [each.flops for each in (forward, backward, kept)] == [one, 3 * one, 2 * one]
    assert filled(forward, backward, kept).flops == 6 * one


def test_tasks_of_an_expert_that_is_being_computed_wait_for_its_next_batch() -> None:
    first, other, second = task(A), task(B), task(A)
    pools = filled(first, other, second)
    assert pools.any_for({A.uid})
    assert pools.take(1.0, busy={A.uid})[0] == [other]
    assert not pools.any_for({A.uid})
    assert pools.take(1.0, busy={A.uid}) == ([], float("inf"))
    assert pools.take(1.0)[0] == [first, second]
