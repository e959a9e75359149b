"""Takes the pictures for `tests.support.pictures`: a window over an engine that works, page by page, at one scale.

`python -m tests.support.photographer HOME FOLDER PERCENT`, with QT_SCALE_FACTOR set to fit.
"""

import sys
from collections import Counter
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.bridge import Bridge, control_client
from app.presenter import Presenter
from app.supervision import EngineStatus
from app.theme import Theme
from app.viewmodels.first_run import preset_choices
from app.views.first_run import FirstRun
from core.control.snapshot import EngineSnapshot
from core.paths import Home
from tests.support.screenshots import PAGES

SIZE = (1180, 760)
COLOURS = 256
PROMPT = "The "
FIRST_NEWS_S, PAGE_S, WRITING_S = 8.0, 1.5, 12.0


class Photographer:
    """A window over the engine of a home, and where its pictures go."""

    def __init__(self, home: Home, folder: Path, percent: int) -> None:
        self._folder, self._percent = folder, percent
        self._qt = QApplication(["hivelet"])
        self._qt.setStyle("Fusion")
        self._theme = Theme(self._qt, "light")
        self._bridge = bridge = Bridge(lambda: control_client(home))
        self._presenter = presenter = Presenter(self._theme, bridge)
        self._seen: list[EngineSnapshot] = []
        bridge.snapshot.connect(presenter.on_snapshot)
        bridge.snapshot.connect(self._seen.append)
        bridge.history.connect(presenter.on_history)
        bridge.log.connect(presenter.on_log)
        bridge.preferences.connect(self._on_preferences)
        bridge.done.connect(presenter.on_done)
        bridge.failed.connect(presenter.on_failed)
        presenter.on_engine(EngineStatus("running", ""))
        presenter.window.resize(*SIZE)
        presenter.window.show_page("Overview")
        presenter.window.present()

    def take_all(self) -> None:
        """Every page and the first start, in both appearances."""
        self._bridge.start()
        try:
            self._rest(FIRST_NEWS_S)
            self._fill()
            for appearance in ("light", "dark"):
                self._theme.choose(appearance)
                for page in PAGES:
                    self._presenter.window.show_page(page)
                    self._rest(PAGE_S)
                    self._save(page.lower().replace(" ", "-"))
            for appearance in ("light", "dark"):
                self._theme.choose(appearance)
                self._take_first_start()
        finally:
            self._bridge.stop()
            self._presenter.window.may_close = True
            self._presenter.window.close()

    def _fill(self) -> None:
        """What only appears when somebody asks for it."""
        self._presenter.window.show_page("Try it")
        self._presenter.trial.start(PROMPT, 240)
        self._rest(WRITING_S)
        self._presenter.window.show_page("Preferences")
        if self._presenter.preferences.page is not None:
            self._presenter.preferences.page.simulation.button.click()

    def _take_first_start(self) -> None:
        screens = FirstRun(preset_choices(self._seen[-1] if self._seen else None))
        self._presenter.window.show_alone(screens)
        for step in range(screens.steps.count()):
            screens.steps.setCurrentIndex(step)
            screens.refresh()
            self._rest(0.3)
            self._save(f"first-start-{step + 1}")
        self._presenter.window.show_alone(None)

    def _on_preferences(self, values: dict[str, object]) -> None:
        self._presenter.on_preferences({**values, "theme": self._theme.tokens.name})  # type: ignore[dict-item]

    def _rest(self, seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def _save(self, name: str) -> None:
        picture = of_few_colours(self._presenter.window.grab().toImage())
        picture.save(str(self._folder / f"{name}-{self._theme.tokens.name}-{self._percent}.png"))


def of_few_colours(image: QImage) -> QImage:
    """The same in its 256 commonest colours, which makes the file a third as large and looks no different."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    common = Counter(memoryview(plain.constBits()).cast("I")).most_common(COLOURS)
    table = [colour for colour, _ in common]
    return plain.convertToFormat(QImage.Format.Format_Indexed8, table, Qt.ImageConversionFlag.AvoidDither)


if __name__ == "__main__":
    Photographer(Home(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3])).take_all()
