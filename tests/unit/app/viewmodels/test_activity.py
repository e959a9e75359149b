"""The activity database in words, bars and CSV."""

import csv
import io
from datetime import datetime

import pytest

from app.viewmodels import activity
from tests.support.snapshots import NOW, activity_answer

ROWS = {span: activity.rows_of(activity_answer(span)) for span in activity.SPANS}


def test_totals_and_what_held_work() -> None:
    cards = activity.cards(ROWS["day"])
    assert [(card.value, card.unit) for card in cards] == [
        ("2.75 M", ""), ("115", "GFLOP·h"), ("12.7", "h"), ("0.484", "kWh"),
    ]  # fmt: skip
    assert "estimated" in cards[3].note
    held = activity.held(ROWS["day"])
    assert [each.cause for each in held] == ["in use", "on battery"]
    assert held[0].share == 1.0
    assert held[1].time == "2 h 50 min"


@pytest.mark.parametrize("span", activity.SPANS)
@pytest.mark.parametrize("series", activity.SERIES)
def test_every_span_and_series_is_drawn_inside_the_chart(span: str, series: str) -> None:
    chart = activity.bars(ROWS[span], span, series, NOW)
    marks = chart.curves[0]
    assert len(marks) == len(ROWS[span])
    assert all(0 <= mark.x <= 1 and chart.ticks[0] <= mark.y <= chart.ticks[-1] for mark in marks)
    assert chart.bar * len(marks) <= 1.1
    assert chart.read_out(marks[0])


def test_nothing_recorded_is_said_and_not_drawn() -> None:
    assert activity.bars((), "day", "samples", NOW).empty
    assert activity.model_chart((), "day", "bits_per_byte", NOW).empty
    assert activity.held(()) == ()
    assert [card.value for card in activity.cards(())] == ["0", "0", "0", "0"]


def test_the_day_s_progress_begins_at_midnight() -> None:
    progress = activity.progress_today(ROWS["day"], "bits_per_byte", NOW)
    midnight = datetime.fromtimestamp(NOW).astimezone().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    measured = [row.metric for row in ROWS["day"] if row.metric is not None and row.t >= midnight]
    assert progress is not None
    assert (progress.first, progress.now) == (measured[0], measured[-1])
    later = activity.progress_today(ROWS["day"], "bits_per_byte", NOW, NOW - 7200)
    assert later is not None
    assert later.first < progress.first
    assert activity.progress_today(ROWS["day"][:1], "bits_per_byte", NOW) is None
    assert activity.progress_today(ROWS["day"], "", NOW) is None


def test_the_table_for_spreadsheets_has_every_row_and_reads_back() -> None:
    table = list(csv.reader(io.StringIO(activity.as_csv(ROWS["week"]))))
    assert len(table) == len(ROWS["week"]) + 1
    first = dict(zip(table[0], table[1], strict=True))
    row = ROWS["week"][0]
    assert datetime.fromisoformat(first["time"]).timestamp() == row.t
    assert int(first["samples"]) == row.samples
    assert float(first["kwh"]) == pytest.approx(row.kwh, rel=1e-4)
    assert first["seconds_held_by_reason"].startswith("in_use=")


@pytest.mark.parametrize(
    "answer",
    [{}, {"columns": [], "rows": [[]]}, {"columns": ["t"], "rows": []}, {"columns": 5, "rows": []}],
)
def test_answers_of_another_version_are_refused(answer: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        activity.rows_of(answer)


def test_a_number_that_is_none_is_refused() -> None:
    broken = activity_answer()
    broken["rows"][3][5] = float("nan")
    with pytest.raises(ValueError, match="finite"):
        activity.rows_of(broken)
