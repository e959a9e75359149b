"""The overview: state, numbers and charts, from the snapshot, the history and the day's activity."""

from app.presenters.activity import ActivityPresenter
from app.presenters.scene import Scene
from app.presenters.update import UpdatePresenter
from app.viewmodels.history import History
from app.viewmodels.overview import overview
from app.views.overview import OverviewPage

LEAST_CHART_S = 2.5
"""Charts are drawn anew no more often than this; they would look the same."""


class OverviewPresenter:
    """page: None until it was seen."""

    def __init__(self, scene: Scene, history: History, activity: ActivityPresenter) -> None:
        self.page: OverviewPage | None = None
        self.update = UpdatePresenter(scene)
        self._scene = scene
        self._history = history
        self._activity = activity
        self._total_mode = False
        self._charts_at, self._charts_for = 0.0, 0.0
        self._span = "today"

    def attach(self, page: OverviewPage) -> None:
        """The page was built."""
        self.page = page
        self.update.attach(page.update_notice)
        page.span_chosen.connect(self._on_span)
        page.rate_mode_chosen.connect(self._on_rate_mode)

    def draw_again(self) -> None:
        """The charts are drawn at the next `show`, however young they are."""
        self._charts_for = 0.0

    def show(self) -> None:
        """Bring the page up to date."""
        page, now, scene = self.page, self._scene.now(), self._scene
        if page is None:
            return
        self.update.show()
        budget = round(scene.snapshot.budget * 100) if scene.snapshot is not None else 0
        self._activity.look("day")
        progress = self._activity.progress_today()
        page.show_state(overview(scene.snapshot, scene.engine, now, self._span, progress), budget)
        if not 0 <= now - self._charts_at < self._charts_for:
            self._charts_at, self._charts_for = now, max(LEAST_CHART_S, self._history.column_s(now))
            rate = self._history.total_chart(now) if self._total_mode else self._history.rate_chart(now)
            page.show_charts(rate, self._history.model_chart(now, scene.metric))

    def _on_span(self, span: str) -> None:
        self._span = span
        self.show()

    def _on_rate_mode(self, mode: str) -> None:
        self._total_mode = mode == "total"
        self.draw_again()
        self.show()
