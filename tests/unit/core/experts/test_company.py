"""How long calls wait for company: as long as it pays, and only for those who are likely to come."""

import pytest
import torch

from core.experts.backend import ExpertBackend
from core.experts.company import Company, Pace
from core.experts.outcome import Kind, Outcome
from core.experts.spec import ExpertSpec
from core.experts.task_pool import Task
from core.experts.tickets import TicketBook, TicketLimits
from tests.support.expert_swarm import rows

EXPERT = ExpertBackend("ffn.0", ExpertSpec("ffn", 4, 8), 0, torch.device("cpu"))
FINE = Outcome(0, "", ())


def call(caller: bytes, submitted: float) -> Task:
    return Task(EXPERT, Kind.FORWARD, (rows(2, 4),), caller, 1e9, submitted)


def test_what_batches_take_by_themselves_is_learned_from_batches_of_several_sizes() -> None:
    pace = Pace()
    for count in (10, 20, 10, 40):
        pace.add(count, 2.0 + 0.1 * count)
    assert pace.fixed_s == pytest.approx(2.0)


def test_a_share_of_their_time_is_supposed_while_all_batches_are_alike() -> None:
    pace = Pace()
    assert pace.fixed_s == 0
    for _ in range(3):
        pace.add(10, 2.0)
    assert 0 < pace.fixed_s < 1


def test_rows_that_cost_all_the_time_leave_nothing_to_save() -> None:
    pace = Pace()
    for count in (10, 20, 10, 40):
        pace.add(count, 0.1 * count)
    assert pace.fixed_s == pytest.approx(0, abs=1e-9)


class Day:
    """Two callers whose calls were computed together from 0 to 10 s, and who need a second to come back."""

    def __init__(self) -> None:
        self.company = Company(TicketBook(TicketLimits()))
        self.serve(0.0, 10.0, b"one", b"two")
        for caller in (b"one", b"two"):
            self.company.came(call(caller, 11.0), 11.0)
        self.serve(11.0, 21.0, b"one", b"two")

    def serve(self, began: float, ended: float, *callers: bytes) -> None:
        tasks = [call(caller, began) for caller in callers]
        self.company.served(tasks, [FINE] * len(tasks), ended - began, ended)

    def came(self, caller: bytes, at: float) -> Task:
        task = call(caller, at)
        self.company.came(task, at)
        return task


def test_a_call_waits_for_a_caller_who_is_about_to_come_back_and_for_nobody_else() -> None:
    day = Day()
    early = day.came(b"one", 21.5)
    assert 22.0 <= day.company.until(early, 1, 21.0) <= 23.0
    day.came(b"two", 21.8)
    assert day.company.until(early, 2, 21.0) == 0


def test_it_waits_no_longer_than_what_is_saved() -> None:
    day = Day()
    early = day.came(b"one", 21.5)
    day.company._paces["ffn.0", Kind.FORWARD] = Pace()
    day.company._paces["ffn.0", Kind.FORWARD].add(10, 0.3)
    assert day.company.until(early, 1, 21.0) == 0
    day.company._paces["ffn.0", Kind.FORWARD].add(10, 1.9)
    day.company._paces["ffn.0", Kind.FORWARD].add(20, 2.0)
    assert day.company.until(early, 1, 21.0) < early.submitted + 2.0


def test_strangers_are_not_waited_for_and_what_is_gone_is_forgotten() -> None:
    company = Company(TicketBook(TicketLimits()))
    alone = call(b"one", 1.0)
    company.came(alone, 1.0)
    assert company.until(alone, 1, 0.0) == 0
    day = Day()
    day.company.forget("ffn.0")
    assert day.company.until(day.came(b"one", 21.5), 1, 21.0) == 0
