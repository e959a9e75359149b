"""The past of one engine for charts: recent points a second apart, older ones ever sparser, in bounded memory."""

import bisect
from dataclasses import astuple, dataclass

from core.control.snapshot import State

MAX_POINTS = 3600


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """One moment. t: Unix seconds; loss and metric: None before the first measurement; budget_now: 0 to 1."""

    t: float
    samples_per_s: float
    loss: float | None
    metric: float | None
    budget_now: float
    state: State


class History:
    """A ring of points. When it is full, every second point of the older half gives way.

    A point's chance to stay halves each time its age doubles, so hours and days fit where seconds are still told
    apart at the end. Used by one thread.
    """

    def __init__(self, capacity: int = MAX_POINTS) -> None:
        self._capacity = capacity
        self._points: list[HistoryPoint] = []

    def __len__(self) -> int:
        return len(self._points)

    def add(self, point: HistoryPoint) -> None:
        """Append one. When the clock was set back, points that now lie in the future are forgotten."""
        while self._points and self._points[-1].t >= point.t:
            self._points.pop()
        if len(self._points) >= self._capacity:
            half = self._capacity // 2
            self._points[:half] = self._points[:half:2]
        self._points.append(point)

    def since(self, t: float) -> list[list[float | str | None]]:
        """Points newer than `t` as the history command answers them; all when `t` lies after the newest."""
        if not self._points:
            return []
        first = 0 if t > self._points[-1].t else bisect.bisect_right(self._points, t, key=lambda point: point.t)
        return [list(astuple(point)) for point in self._points[first:]]
