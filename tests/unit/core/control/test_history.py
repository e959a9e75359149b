"""The ring of points behind the charts."""

from itertools import pairwise

from core.control.history import History, HistoryPoint


def point(t: float) -> HistoryPoint:
    return HistoryPoint(t, t / 10, None, None, 0.5, "working")


def filled(count: int, capacity: int = 3600) -> History:
    history = History(capacity)
    for t in range(count):
        history.add(point(float(t)))
    return history


def test_points_come_back_as_plain_lists():
    history = History()
    history.add(HistoryPoint(1.0, 2.0, 0.5, None, 0.3, "paused"))
    assert history.since(0) == [[1.0, 2.0, 0.5, None, 0.3, "paused"]]
    assert History().since(0) == []


def test_only_newer_points():
    history = filled(10)
    assert [row[0] for row in history.since(6.0)] == [7.0, 8.0, 9.0]
    assert [row[0] for row in history.since(6.5)] == [7.0, 8.0, 9.0]
    assert history.since(9.0) == []
    assert len(history.since(-1.0)) == 10


def test_a_day_fits_and_the_end_stays_fine():
    history = filled(86_400)
    times = [row[0] for row in history.since(-1.0)]
    assert len(times) <= 3600
    assert times[0] == 0.0
    assert times[-1000:] == [float(t) for t in range(85_400, 86_400)]
    gaps = [b - a for a, b in pairwise(times)]
    assert all(a >= b for a, b in zip(gaps[::600], gaps[600::600], strict=False)), "older is sparser"


def test_the_capacity_is_never_exceeded():
    history = History(8)
    for t in range(100):
        history.add(point(float(t)))
        assert len(history) <= 8


def test_a_clock_set_back_forgets_the_future():
    history = filled(10)
    history.add(point(4.5))
    assert [row[0] for row in history.since(-1.0)] == [0.0, 1.0, 2.0, 3.0, 4.0, 4.5]
    # A window that last saw t = 9 gets everything, and so learns what was forgotten.
    assert len(history.since(9.0)) == 6


def test_two_points_of_one_moment_are_one():
    history = filled(3)
    history.add(point(2.0))
    assert len(history) == 3
