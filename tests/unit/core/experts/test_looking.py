"""Which rows are read: all in turn, what is urgent first, and never more than the allowance pays for."""

import random

import pytest

from core.experts.looking import RowPlan

ROWS = [f"ffn.{number}." for number in range(64)]
FRESH, PLAIN = 16, 4  # requests for one row in a large swarm
LIFE_S = 60.0
EPOCH = 1e9


class Reader:
    """Looks every 3 seconds, pays what it costs in a large swarm, and counts."""

    def __init__(self, rows=ROWS, fresh_cost=FRESH, plain_cost=PLAIN, **options):
        options = {"at_most": 64, "requests_per_s": 32.0, "renew_s": 12.0} | options
        self.now = 0.0
        self.plan = RowPlan(rows, now=0.0, **options)
        self.costs = fresh_cost, plain_cost
        self.requests = []
        self.fresh = dict.fromkeys(rows, float("-inf"))
        self.ends = {}  # Unix seconds
        self.longest_unread = 0.0
        self.expired = 0

    def turn(self, every=3.0):
        wall = EPOCH + self.now
        self.expired += sum(ends <= wall for ends in self.ends.values())
        turn = self.plan.next(self.now, wall)
        for row in (*turn.fresh, *turn.plain):
            # Announced anew every 20 seconds, the first of a row expires after 40 to 60.
            self.ends[row] = wall + LIFE_S - random.Random(f"{row}{self.now}").uniform(0, 20)
            self.plan.looked(row, self.ends[row], fresh=row in turn.fresh)
        for row in turn.fresh:
            if self.fresh[row] > float("-inf"):
                self.longest_unread = max(self.longest_unread, self.now - self.fresh[row])
            self.fresh[row] = self.now
        paid = len(turn.fresh) * self.costs[0] + len(turn.plain) * self.costs[1]
        self.requests.append(paid)
        self.plan.paid(paid, len(turn.fresh), len(turn.plain))
        self.now += every
        return turn


def test_a_large_swarm_is_read_within_the_allowance_and_nothing_expires():
    reader = Reader()
    first = reader.turn()
    assert len(first.fresh) == 320 // FRESH
    for _ in range(400):
        reader.turn()
    assert reader.expired == 0
    assert sum(reader.requests) <= 32 * (reader.now + 10) + FRESH
    for start in range(0, 380, 10):  # any 30 seconds
        assert sum(reader.requests[start : start + 10]) <= 32 * 40 + FRESH
    assert reader.longest_unread <= 64 * FRESH / 32 * 2


def test_a_very_large_project_is_read_within_the_allowance():
    reader = Reader([f"ffn.{number}." for number in range(256)])
    for _ in range(400):
        reader.turn()
    assert sum(reader.requests) <= 32 * (reader.now + 10) + FRESH
    assert min(reader.fresh.values()) > float("-inf")


def test_where_questions_share_messages_every_row_is_read_every_time():
    reader = Reader(fresh_cost=0.5, plain_cost=0.5)
    for _ in range(10):
        reader.turn()
    for _ in range(10):
        assert len(reader.turn().fresh) == 64


@pytest.mark.parametrize("count", [1, 5])
def test_a_small_project_is_read_every_time_it_can_be_paid(count):
    reader = Reader(ROWS[:count])
    for _ in range(100):
        assert reader.turn().fresh
    assert reader.longest_unread <= 6.0


def test_rows_in_doubt_come_before_others_but_after_those_never_read():
    reader = Reader(at_most=4, requests_per_s=1e6)
    for _ in range(15):
        reader.turn()
    reader.plan.doubt(ROWS[:2])
    assert reader.turn().fresh == ROWS[60:]
    assert reader.turn().fresh == [*ROWS[:2], *ROWS[2:4]]
    reader.plan.doubt(ROWS[1:2])
    reader.plan.doubt(ROWS[3:4])
    assert reader.turn().fresh == [ROWS[1], ROWS[3], *ROWS[4:6]]


def test_whatever_is_owed_one_row_is_read():
    reader = Reader(fresh_cost=10_000)
    for _ in range(5):
        assert len(reader.turn(every=0.0).fresh) >= 1
