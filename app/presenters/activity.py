"""The activity page, and the day's progress for the overview, from the engine's activity database."""

from pathlib import Path
from typing import Any

from app.presenters.scene import Freshness, Scene
from app.translation import translate
from app.viewmodels import activity
from app.viewmodels.activity import ActivityRow
from app.viewmodels.empty import Empty, without_engine
from app.viewmodels.history import Progress
from app.views.activity import ActivityPage

GOOD_FOR_S = 60.0


class ActivityPresenter:
    """Asks for a span when it is looked at, and again when a minute has passed. page: None until it was seen."""

    def __init__(self, scene: Scene) -> None:
        self.page: ActivityPage | None = None
        self._scene = scene
        self._span, self._series = "day", "samples"
        self._rows: dict[str, tuple[ActivityRow, ...]] = {}
        self._problem = ""
        self._fresh = Freshness(GOOD_FOR_S)

    def attach(self, page: ActivityPage) -> None:
        """The page was built."""
        self.page = page
        page.span_chosen.connect(self._on_span)
        page.series_chosen.connect(self._on_series)
        page.export_asked.connect(self.export)

    def look(self, span: str) -> None:
        """Have this span's rows, soon."""
        if self._scene.answers and self._fresh.due(span, self._scene.now()):
            self._scene.bridge.ask("activity", span, span=span)

    def progress_today(self) -> Progress | None:
        """The project's metric since midnight; None while it is unknown."""
        snapshot = self._scene.snapshot
        started = snapshot.started if snapshot is not None else 0.0
        return activity.progress_today(self._rows.get("day", ()), self._scene.metric, self._scene.now(), started)

    def show(self) -> None:
        """Bring the page up to date."""
        self.look(self._span)
        if self.page is None:
            return
        scene, rows = self._scene, self._rows.get(self._span)
        if rows is None:
            self.page.show_empty(without_engine(scene.snapshot, scene.engine, scene.now()) or self._waiting())
            return
        now = scene.now()
        self.page.show_activity(
            activity.cards(rows),
            activity.bars(rows, self._span, self._series, now),
            activity.model_chart(rows, self._span, scene.metric, now),
            activity.held(rows),
        )

    def on_done(self, _name: str, answer: dict[str, Any], tag: str) -> None:
        """The rows of a span came."""
        try:
            self._rows[tag] = activity.rows_of(answer)
            self._problem = ""
        except (KeyError, TypeError, ValueError):
            self._problem = translate("Activity", "The engine's answer cannot be read. Is it another version?")
        self.show()

    def on_failed(self, _name: str, sentence: str, _tag: str) -> None:
        """They did not."""
        self._problem = sentence
        self.show()

    def export(self, path: str) -> None:
        """Write the span that is shown as CSV."""
        if self.page is None:
            return
        try:
            Path(path).write_text(activity.as_csv(self._rows.get(self._span, ())), encoding="utf-8", newline="")
        except OSError as error:
            words = translate("Activity", "{file} could not be written: {reason}.")
            self.page.show_note(words.format(file=path, reason=error.strerror or error), bad=True)
        else:
            self.page.show_note(translate("Activity", "Written to {file}.").format(file=path))

    def _waiting(self) -> Empty:
        if self._problem:
            return Empty(translate("Activity", "Not to be read"), self._problem)
        return Empty(translate("Activity", "One moment"), translate("Activity", "Asking the engine what it recorded…"))

    def _on_span(self, span: str) -> None:
        self._span = span
        if self.page is not None:
            self.page.show_note("")
        self.show()

    def _on_series(self, series: str) -> None:
        self._series = series
        self.show()
