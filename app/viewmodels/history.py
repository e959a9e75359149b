"""The last hour as charts: curves with gaps that say why, labels at round numbers, and a read-out for the pointer."""

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from app.formatting import clock, day_and_clock, duration, figure, timestamp
from app.translation import translate

SPAN_S = 3600.0
SHORTEST_SPAN_S = 60.0
KEPT_POINTS = 4000
COLUMNS = 240
INTERVALS = 3  # four labels


@dataclass(frozen=True, slots=True)
class Point:
    """One moment of history. rate: samples a second; loss, metric: None before the first measurement."""

    t: float
    rate: float
    loss: float | None
    metric: float | None
    state: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without work. left, right: 0 to 1 of the chart's width; words: "paused 08:40–08:46"."""

    left: float
    right: float
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One drawn value. x: 0 to 1 of the width; y: in the series' unit."""

    x: float
    y: float
    t: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that is drawn. curves: unbroken runs of marks, left to right; ticks: values from bottom to top."""

    curves: tuple[tuple[Mark, ...], ...] = ()
    ticks: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    left_label: str = ""
    right_label: str = ""
    gaps: tuple[Gap, ...] = ()
    subtitle: str = ""
    unit: str = ""
    empty: str = ""
    bar: float = 0.0  # width of a bar, 0 to 1; 0: a line over an area
    dated: bool = False  # whether the read-out names the day

    def nearest(self, x: float) -> Mark | None:
        """The mark closest to a place 0 to 1, unless it lies in a gap."""
        best = min((mark for curve in self.curves for mark in curve), key=lambda m: abs(m.x - x), default=None)
        return best if best is not None and abs(best.x - x) <= max(0.03, self.bar) else None

    def read_out(self, mark: Mark) -> str:
        """`14:03:20   128 samples/s`."""
        moment = day_and_clock(mark.t) if self.dated else timestamp(mark.t)
        return f"{moment}   {figure(mark.y)} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Progress:
    """How the project's metric stood first, and how it stands now."""

    metric: str
    first: float
    now: float


class History:
    """A bounded memory of points, newest last, that outlives the engine's own."""

    def __init__(self) -> None:
        self._points: deque[Point] = deque(maxlen=KEPT_POINTS)

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        """Take rows of the `history` command; what is malformed or older than the newest is left out."""
        for row in rows:
            point = _point(row)
            if point is not None and (not self._points or point.t > self._points[-1].t):
                self._points.append(point)

    def clear(self) -> None:
        """Forget everything: another project has another model."""
        self._points.clear()

    def column_s(self, now: float) -> float:
        """How long it takes until a chart looks different: the time that one of its columns stands for."""
        _points, start = self._window(now)
        return (now - start) / COLUMNS

    def rate_chart(self, now: float) -> Chart:
        """Samples a second that the hosted experts served."""
        points, start = self._window(now)
        if len(points) < 2:
            return Chart(empty=translate("Chart", "The first minutes of work will be drawn here."))
        step = _step(points)
        gaps = _gaps(points, start, now, step)
        curves = _curves([(p.t, p.rate) for p in points if _gap_word(p.state) is None], start, now, step)
        top = max((mark.y for curve in curves for mark in curve), default=0.0)
        ticks = nice_ticks(0.0, max(top, 1.0))
        return _chart(curves, ticks, start, now, translate("Chart", "samples/s"), gaps, _subtitle(start, now, gaps))

    def total_chart(self, now: float) -> Chart:
        """Samples served since the chart's left edge."""
        points, start = self._window(now)
        if len(points) < 2:
            return Chart(empty=translate("Chart", "The first minutes of work will be drawn here."))
        step = _step(points)
        total, rows = 0.0, [(points[0].t, 0.0)]
        for before, after in pairwise(points):
            total += after.rate * min(after.t - before.t, 3 * step)
            rows.append((after.t, total))
        curves = _curves(rows, start, now, step, unbroken=True)
        return _chart(curves, nice_ticks(0.0, max(total, 1.0)), start, now, "samples", (), _subtitle(start, now, ()))

    def model_chart(self, now: float, metric: str) -> Chart:
        """The project's loss; its metric where that is measured often enough to draw."""
        points, start = self._window(now)
        measured = [(p.t, p.metric) for p in points if p.metric is not None]
        distinct = len({value for _, value in measured})
        rows, unit = (measured, metric_words(metric)) if distinct >= 8 else ([], "")
        if not rows:
            rows, unit = [(p.t, p.loss) for p in points if p.loss is not None], "loss"
        if len(rows) < 2:
            return Chart(empty=translate("Chart", "The model's progress appears after its first training steps."))
        start = max(start, rows[0][0]) if rows[0][0] - start > 60 else start
        curves = _curves(rows, start, now, _step(points), unbroken=True)
        values = [mark.y for curve in curves for mark in curve]
        ticks = nice_ticks(min(values), max(values))
        return _chart(curves, ticks, start, now, unit, (), unit)

    def _window(self, now: float) -> tuple[list[Point], float]:
        recent = [p for p in self._points if now - SPAN_S <= p.t <= now + 5]
        first = recent[0].t if recent else now
        span = min(SPAN_S, max(SHORTEST_SPAN_S, now - first))
        return recent, now - (SPAN_S if span > SPAN_S - 60 else span)


def metric_words(metric: str) -> str:
    """`bits_per_byte` -> `bits per byte`."""
    return translate("Chart", "bits per byte") if metric == "bits_per_byte" else metric.replace("_", " ")


def nice_ticks(low: float, high: float) -> tuple[float, ...]:
    """Four round values that enclose [low, high]. low == 0 stays the lowest."""
    spread = max(high - low, abs(high) * 1e-3, 1e-9)
    magnitude = 10.0 ** math.floor(math.log10(spread / INTERVALS))
    grain = magnitude / 2
    for factor in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30):
        step = factor * magnitude
        bottom = math.floor(low / grain + 1e-9) * grain
        if bottom + INTERVALS * step >= high - 1e-9 * spread:
            return tuple(bottom + i * step for i in range(INTERVALS + 1))
    raise AssertionError("a step of thirty times the magnitude encloses everything")


def tick_labels(ticks: tuple[float, ...]) -> tuple[str, ...]:
    """The ticks with as many digits as their distance needs."""
    step = ticks[1] - ticks[0]
    digits = next((d for d in range(5) if abs(round(step, d) - step) < step * 1e-6), 5)
    return tuple(f"{value:,.{digits}f}" for value in ticks)


def _chart(
    curves: tuple[tuple[Mark, ...], ...],
    ticks: tuple[float, ...],
    start: float,
    now: float,
    unit: str,
    gaps: tuple[Gap, ...],
    subtitle: str,
) -> Chart:
    left = translate("Numbers", "{time} ago").format(time=duration(now - start))
    return Chart(curves, ticks, tick_labels(ticks), left, translate("Chart", "now"), gaps, subtitle, unit)


def _curves(
    rows: Sequence[tuple[float, float]], start: float, now: float, step: float, unbroken: bool = False
) -> tuple[tuple[Mark, ...], ...]:
    """Means over equal columns of time, cut where nothing was recorded for long."""
    column = max((now - start) / COLUMNS, step)
    curves: list[list[Mark]] = []
    previous = -math.inf
    index = 0
    while index < len(rows):
        place = math.floor((rows[index][0] - start) / column)
        end = bisect_left(rows, start + (place + 1) * column, lo=index + 1, key=lambda row: row[0])
        t = sum(row[0] for row in rows[index:end]) / (end - index)
        y = sum(row[1] for row in rows[index:end]) / (end - index)
        if not curves or (not unbroken and rows[index][0] - previous > max(3 * step, 1.5 * step + 2)):
            curves.append([])
        curves[-1].append(Mark(min(1.0, max(0.0, (t - start) / (now - start))), y, t))
        previous = rows[end - 1][0]
        index = end
    return tuple(tuple(curve) for curve in curves)


def _gaps(points: Sequence[Point], start: float, now: float, step: float) -> tuple[Gap, ...]:
    """Stretches of pause and hold, and of silence (the engine did not run), that are long enough to see."""
    spans: list[tuple[float, float, str]] = []
    previous: Point | None = None
    for point in points:
        if previous is not None and point.t - previous.t > max(4 * step, 5.0):
            spans.append((previous.t, point.t, translate("Chart", "not running")))
        word = _gap_word(point.state)
        if word is not None:
            last = spans[-1] if spans else None
            if last is not None and last[2] == word and previous is not None and last[1] >= previous.t:
                spans[-1] = (last[0], point.t, word)
            else:
                spans.append((previous.t if previous is not None else point.t, point.t, word))
        previous = point
    scale = now - start
    lasts = _gap_word(points[-1].state)
    return tuple(
        Gap((a - start) / scale, (b - start) / scale, word, _gap_words(a, b, now, word, word == lasts))
        for a, b, word in spans
        if b - a >= max(3 * step, scale / 200)
    )


def _gap_word(state: str) -> str | None:
    return {
        "paused": translate("Chart", "paused"),
        "guarded": translate("Chart", "on hold"),
        "error": translate("Chart", "error"),
    }.get(state)


def _gap_words(start: float, end: float, now: float, word: str, lasts: bool) -> str:
    if lasts and now - end < 5:
        return translate("Chart", "{what} since {time}").format(what=word, time=clock(start))
    return f"{word} {clock(start)}–{clock(end)}"


def _subtitle(start: float, now: float, gaps: tuple[Gap, ...]) -> str:
    whole = translate("Chart", "last hour")
    span = whole if now - start > SPAN_S - 60 else translate("Chart", "last {time}").format(time=duration(now - start))
    return f"{span} · {gaps[-1].words}" if gaps else span


def _step(points: Sequence[Point]) -> float:
    return median(b.t - a.t for a, b in pairwise(points)) if len(points) > 1 else 1.0


def _point(row: Sequence[object]) -> Point | None:
    try:
        t, rate, loss, metric, _budget, state = row[:6]
    except (TypeError, ValueError):
        return None
    numbers = [_finite(value) for value in (t, rate, loss, metric)]
    if numbers[0] is None:
        return None
    return Point(numbers[0], max(0.0, numbers[1] or 0.0), numbers[2], numbers[3], str(state))


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
