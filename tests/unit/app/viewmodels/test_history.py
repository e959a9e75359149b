import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.viewmodels.history import KEPT_POINTS, History, nice_ticks
from tests.support.snapshots import NOW, history


def filled(**options: float) -> History:
    result = History()
    result.add(history(**options))  # type: ignore[arg-type]
    return result


def test_an_hour_with_a_pause_is_two_curves_and_a_gap() -> None:
    chart = filled().rate_chart(NOW)
    assert len(chart.curves) == 2
    assert [gap.label for gap in chart.gaps] == ["paused"]
    assert chart.gaps[0].left == pytest.approx(0.42, abs=0.01)
    assert chart.gaps[0].right == pytest.approx(0.52, abs=0.01)
    assert chart.subtitle.startswith("last hour · paused ")
    assert len(chart.labels) == 4
    assert (chart.left_label, chart.right_label) == ("1 h ago", "now")
    assert sum(len(curve) for curve in chart.curves) <= 242


@pytest.mark.parametrize(("last", "words"), [("paused", "paused since "), ("working", "paused ")])
def test_a_pause_lasts_until_work_goes_on_and_no_longer(last: str, words: str) -> None:
    points = [[NOW - 100 + second, 5.0, None, None, 0.3, "working"] for second in range(101)]
    for point in points[40:]:
        point[-1] = "paused"
    points[-1][-1] = last
    result = History()
    result.add(points)
    subtitle = result.rate_chart(NOW).subtitle
    assert subtitle.startswith("last 1 min · " + words)
    assert ("since" in subtitle) == (last == "paused")


def test_marks_stay_inside_the_chart_and_rise_to_the_right() -> None:
    for chart in (filled().rate_chart(NOW), filled().total_chart(NOW), filled().model_chart(NOW, "bits_per_byte")):
        marks = [mark for curve in chart.curves for mark in curve]
        assert all(0 <= mark.x <= 1 and chart.ticks[0] <= mark.y <= chart.ticks[-1] for mark in marks)
        assert all(a.x < b.x for a, b in pairwise(marks))


def test_silence_is_a_gap_that_says_so() -> None:
    points = [p for p in history(seconds=600) if not NOW - 400 < float(p[0]) < NOW - 200]  # type: ignore[arg-type]
    result = History()
    result.add(points)
    chart = result.rate_chart(NOW)
    assert [gap.label for gap in chart.gaps] == ["not running"]
    assert len(chart.curves) == 2


def test_a_young_engine_fills_the_width_soon() -> None:
    chart = filled(seconds=20).rate_chart(NOW)
    assert chart.left_label == "1 min ago"
    assert chart.subtitle == "last 1 min"
    assert filled(seconds=301).rate_chart(NOW).left_label == "5 min ago"


def test_nothing_yet_is_said() -> None:
    empty = History()
    assert empty.rate_chart(NOW).empty
    assert empty.total_chart(NOW).empty
    assert empty.model_chart(NOW, "accuracy").empty


def test_the_metric_is_drawn_when_there_is_enough_of_it_else_the_loss() -> None:
    assert filled().model_chart(NOW, "bits_per_byte").unit == "bits per byte"
    sparse = History()
    sparse.add([[*p[:3], 2.5 if i % 900 == 0 else None, *p[4:]] for i, p in enumerate(history())])
    assert sparse.model_chart(NOW, "bits_per_byte").unit == "loss"


def test_the_total_is_the_sum_of_the_rates() -> None:
    result = History()
    result.add([[NOW - 100 + i, 10.0, None, None, 1.0, "working"] for i in range(101)])
    assert result.total_chart(NOW).curves[-1][-1].y == pytest.approx(1000, rel=0.02)


def test_reading_out() -> None:
    chart = filled().rate_chart(NOW)
    mark = chart.nearest(0.9)
    assert mark is not None
    assert mark.x == pytest.approx(0.9, abs=0.01)
    assert chart.read_out(mark).endswith("samples/s")
    assert chart.nearest(0.47) is None, "in a gap there is nothing to read"


@pytest.mark.parametrize(
    "row", [None, [], [1, 2], ["x", 1, None, None, 1, "working"], [math.nan, 1, 1, 1, 1, "s"], [True, 1, 1, 1, 1, "s"]]
)
def test_malformed_points_are_left_out(row: object) -> None:
    result = History()
    result.add([row])  # type: ignore[list-item]
    assert result.rate_chart(NOW).empty


def test_old_points_are_not_taken_twice_and_memory_is_bounded() -> None:
    result = filled()
    result.add(history())
    assert len(result._points) == 3600
    result.add([[NOW + i, 1.0, None, None, 1.0, "working"] for i in range(1, 2 * KEPT_POINTS)])
    assert len(result._points) == KEPT_POINTS


@given(
    st.floats(-1e9, 1e9, allow_nan=False),
    st.floats(0, 1e9, allow_nan=False),
)
def test_ticks_enclose_and_are_four(low: float, spread: float) -> None:
    ticks = nice_ticks(low, low + spread)
    slack = max(abs(low), spread, 1e-9) * 1e-6
    assert len(ticks) == 4
    assert ticks[0] <= low + slack
    assert ticks[-1] >= low + spread - slack
    assert all(b > a for a, b in pairwise(ticks))


def test_ticks_are_round() -> None:
    assert nice_ticks(0, 130) == (0, 50, 100, 150)
    assert nice_ticks(0, 240) == (0, 80, 160, 240)
