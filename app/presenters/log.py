"""The log page: filter, search, copy."""

from PySide6.QtCore import QObject

from app.models.log import LogFilter, LogModel
from app.presenters.scene import Scene
from app.viewmodels.empty import without_engine
from app.views.log import LogPage

INFO = 20


class LogPresenter:
    """page: None until it was seen; model: every line that is kept; shown: those that pass the filter."""

    def __init__(self, scene: Scene, parent: QObject) -> None:
        self.page: LogPage | None = None
        self.model = LogModel(parent)
        self.shown = LogFilter(parent)
        self.shown.setSourceModel(self.model)
        self.shown.set_level(INFO)
        self._scene = scene

    def attach(self, page: LogPage) -> None:
        """The page was built."""
        self.page = page
        page.level_chosen.connect(self._on_level)
        page.searched.connect(self._on_search)

    def show(self) -> None:
        """Bring the page up to date; the lines come by themselves."""
        if self.page is not None:
            scene, has_lines = self._scene, self.model.rowCount() > 0
            empty = None if has_lines else without_engine(scene.snapshot, scene.engine, scene.now())
            self.page.show_state(empty, has_lines, self.shown.rowCount() > 0)

    def show_all(self) -> None:
        """Take the filter away."""
        if self.page is not None:
            self.page.show_all()

    def text(self) -> str:
        """The lines that are shown, as they are copied."""
        return "\n".join(self.shown.lines())

    def _on_level(self, level: int) -> None:
        self.shown.set_level(level)
        self.show()

    def _on_search(self, words: str) -> None:
        self.shown.set_words(words)
        self.show()
