"""What the engine's activity database tells: totals, bars over time, what held work, and the same as CSV."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from app.formatting import compact, day_and_clock, duration, figure, size
from app.translation import translate
from app.viewmodels.contribution import KeyNumber, time_given
from app.viewmodels.history import Chart, Mark, Progress, metric_words, nice_ticks, tick_labels
from app.viewmodels.simulation import cause

SPANS = ("day", "week", "month", "all")
_BUCKETS = {"day": 300.0, "week": 3600.0, "month": 6 * 3600.0, "all": 86400.0}
_LENGTHS = {"day": 86400.0, "week": 7 * 86400.0, "month": 31 * 86400.0}
SERIES = ("samples", "work", "time", "energy", "traffic")
MOST_CAUSES = 6
LEAST_HELD_S = 60.0
_HEADINGS = (
    "time", "seconds_run", "seconds_worked", "mean_budget", "mean_cpu", "samples", "gflop_hours", "kwh", "bytes_sent",
    "bytes_received", "loss", "metric", "seconds_held_by_reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """One stretch of time. t: its beginning; seconds: how long the engine ran in it; worked: how long it was not held;
    budget, cpu: mean shares; loss, metric: the last ones; reasons: seconds that each code held work."""

    t: float
    seconds: float
    worked: float
    budget: float
    cpu: float
    samples: float
    flops: float
    joules: float
    sent: float
    received: float
    loss: float | None
    metric: float | None
    reasons: dict[str, float]

    @property
    def gflop_hours(self) -> float:
        """Computation as people read it."""
        return self.flops / 3.6e12

    @property
    def kwh(self) -> float:
        """Electricity as bills write it."""
        return self.joules / 3.6e6


@dataclass(frozen=True, slots=True)
class Held:
    """One cause that kept work waiting."""

    cause: str
    time: str
    share: float  # of the longest one


def rows_of(answer: dict[str, Any]) -> tuple[ActivityRow, ...]:
    """The rows in an answer to `activity`. Raises KeyError, TypeError or ValueError when it is none."""
    columns = [str(name) for name in answer["columns"]]
    places = {field.name: columns.index(field.name) for field in fields(ActivityRow)}
    return tuple(_row({name: row[place] for name, place in places.items()}) for row in answer["rows"])


def _row(cells: dict[str, Any]) -> ActivityRow:
    numbers = {name: float(value) for name, value in cells.items() if name not in ("loss", "metric", "reasons")}
    if not all(map(math.isfinite, numbers.values())):
        raise ValueError("a number of an activity row is not finite")
    loss, metric = (None if cells[name] is None else float(cells[name]) for name in ("loss", "metric"))
    reasons = {str(code): float(seconds) for code, seconds in dict(cells["reasons"]).items()}
    return ActivityRow(**numbers, loss=loss, metric=metric, reasons=reasons)


def span_words() -> tuple[tuple[str, str], ...]:
    """(key, words) of the spans."""
    return (
        ("day", translate("Activity", "Day")),
        ("week", translate("Activity", "Week")),
        ("month", translate("Activity", "Month")),
        ("all", translate("Activity", "All")),
    )


def series_words() -> tuple[tuple[str, str], ...]:
    """(key, words) of what the bars may show."""
    return (
        ("samples", translate("Activity", "Samples")),
        ("work", translate("Activity", "GFLOP·h")),
        ("time", translate("Activity", "Time")),
        ("energy", translate("Activity", "Electricity")),
        ("traffic", translate("Activity", "Traffic")),
    )


def cards(rows: Sequence[ActivityRow]) -> tuple[KeyNumber, ...]:
    """Totals of the span."""
    worked, ran = sum(row.worked for row in rows), sum(row.seconds for row in rows)
    work, kwh = sum(row.gflop_hours for row in rows), sum(row.kwh for row in rows)
    samples = sum(row.samples for row in rows)
    rate = translate("Activity", "{figure} a second").format(figure=figure(samples / worked)) if worked else ""
    speed = translate("Activity", "{figure} GFLOP/s").format(figure=figure(work * 3600 / worked)) if worked else ""
    ready = translate("Activity", "of {time} running").format(time=duration(ran))
    watts = translate("Activity", "estimated: {figure} W").format(figure=figure(kwh * 3.6e6 / worked)) if worked else ""
    return (
        KeyNumber(translate("Activity", "Samples served"), compact(samples), "", rate),
        KeyNumber(translate("Activity", "Contributed"), figure(work), "GFLOP·h", speed),
        KeyNumber(translate("Activity", "At work"), *time_given(worked / 3600), ready),
        KeyNumber(translate("Activity", "Electricity"), figure(kwh), "kWh", watts),
    )


def bars(rows: Sequence[ActivityRow], span: str, series: str, now: float) -> Chart:
    """One series as bars over the span."""
    if not rows:
        return Chart(empty=translate("Activity", "Nothing was recorded in this time yet."))
    value, unit = _series(series)
    start, bucket = _start(rows, span, now), _BUCKETS[span]
    length = max(now - start, 4 * bucket)
    width = bucket / length
    marks = tuple(Mark(min(1.0, max(0.0, (row.t - start) / length + width / 2)), value(row), row.t) for row in rows)
    top = max(mark.y for mark in marks)
    ticks = nice_ticks(0.0, max(top, 1e-6))
    return Chart((marks,), ticks, _labels(ticks, series), day_and_clock(start), translate("Activity", "now"), (),
                 _bucket_words(span), unit, "", width, dated=True)  # fmt: skip


def model_chart(rows: Sequence[ActivityRow], span: str, metric: str, now: float) -> Chart:
    """The project's metric over the span, or its loss where that was never measured."""
    measured = [(row.t, row.metric) for row in rows if row.metric is not None]
    unit = metric_words(metric)
    if len(measured) < 2:
        measured, unit = [(row.t, row.loss) for row in rows if row.loss is not None], translate("Activity", "loss")
    if len(measured) < 2:
        return Chart(empty=translate("Activity", "The model's progress appears here when it was measured twice."))
    start = _start(rows, span, now)
    length = max(now - start, 1.0)
    marks = tuple(Mark(min(1.0, max(0.0, (t - start) / length)), value, t) for t, value in measured)
    values = [mark.y for mark in marks]
    ticks = nice_ticks(min(values), max(values))
    return Chart((marks,), ticks, tick_labels(ticks), day_and_clock(start), translate("Activity", "now"), (), unit,
                 unit, dated=True)  # fmt: skip


def held(rows: Sequence[ActivityRow]) -> tuple[Held, ...]:
    """What kept work waiting, the longest first."""
    sums: dict[str, float] = {}
    for row in rows:
        for code, seconds in row.reasons.items():
            sums[code] = sums.get(code, 0.0) + seconds
    ranked = sorted(((s, code) for code, s in sums.items() if s >= LEAST_HELD_S), reverse=True)[:MOST_CAUSES]
    return tuple(Held(cause(code), duration(seconds), seconds / ranked[0][0]) for seconds, code in ranked)


def progress_today(rows: Sequence[ActivityRow], metric: str, now: float, started: float = 0.0) -> Progress | None:
    """How the metric stood at the first measurement since midnight, and how it stands now. started: of the engine,
    which may have worked on another project before that."""
    midnight = datetime.fromtimestamp(now).astimezone().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    measured = [row.metric for row in rows if row.metric is not None and row.t >= max(midnight, started)]
    return Progress(metric, measured[0], measured[-1]) if metric and len(measured) > 1 else None


def as_csv(rows: Sequence[ActivityRow]) -> str:
    """A table for spreadsheets, times in local ISO form."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADINGS)
    for row in rows:
        moment = datetime.fromtimestamp(row.t).astimezone().isoformat()
        causes = ";".join(f"{code}={round(seconds)}" for code, seconds in sorted(row.reasons.items()))
        writer.writerow([
            moment, round(row.seconds, 1), round(row.worked, 1), round(row.budget, 4), round(row.cpu, 4),
            int(row.samples), f"{row.gflop_hours:.6g}", f"{row.kwh:.6g}", int(row.sent), int(row.received),
            "" if row.loss is None else row.loss, "" if row.metric is None else row.metric, causes,
        ])  # fmt: skip
    return text.getvalue()


def _start(rows: Sequence[ActivityRow], span: str, now: float) -> float:
    return now - _LENGTHS[span] if span in _LENGTHS else min(rows[0].t, now - 4 * _BUCKETS[span])


def _series(key: str) -> tuple[Any, str]:
    return {
        "samples": (lambda row: row.samples, translate("Activity", "samples")),
        "work": (lambda row: row.gflop_hours, "GFLOP·h"),
        "time": (lambda row: row.worked / 3600, "h"),
        "energy": (lambda row: row.kwh, "kWh"),
        "traffic": (lambda row: (row.sent + row.received) / 1e6, "MB"),
    }[key]


def _labels(ticks: tuple[float, ...], series: str) -> tuple[str, ...]:
    if series == "traffic" and ticks[-1] >= 1000:
        return tuple(size(tick * 1e6) for tick in ticks)
    return tick_labels(ticks)


def _bucket_words(span: str) -> str:
    return {
        "day": translate("Activity", "five minutes a bar"),
        "week": translate("Activity", "an hour a bar"),
        "month": translate("Activity", "six hours a bar"),
        "all": translate("Activity", "a day a bar"),
    }[span]
