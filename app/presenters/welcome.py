"""The first start: holds work until the person has chosen, and carries out the choice."""

from PySide6.QtCore import QObject, QSettings

from app.presenter import Presenter
from app.viewmodels.first_run import preset_choices, unused_card
from app.viewmodels.preferences import preset_values
from app.views.first_run import FirstRun
from core.control.snapshot import EngineSnapshot

KEY = "welcomed"


class Welcome(QObject):
    """Lives as long as its screens are shown. A crash in between leaves work paused, and begins here again."""

    def __init__(self, presenter: Presenter, settings: QSettings) -> None:
        super().__init__()
        self._presenter = presenter
        self._settings = settings
        self._held = False
        self.screens: FirstRun | None = FirstRun(preset_choices(None))
        self.screens.done.connect(self._on_done)
        presenter.window.show_alone(self.screens)

    def on_snapshot(self, snapshot: EngineSnapshot) -> None:
        """The engine runs: nothing is computed before the person has said how much may be."""
        if self.screens is None:
            return
        if not self._held and snapshot.state not in ("paused", "starting"):
            self._held = True
            self._presenter.command("pause", seconds=None)
        self.screens.show_choices(preset_choices(snapshot), unused_card(snapshot))

    def offer(self, link: str) -> bool:
        """Take a link that came from elsewhere; False when nobody is asked anything any more."""
        if self.screens is None:
            return False
        self.screens.offer(link)
        return True

    def _on_done(self, preset: str, link: str) -> None:
        self.screens = None
        self._settings.setValue(KEY, True)
        self._settings.sync()
        self._presenter.window.show_alone(None)
        self._presenter.window.show_page("Overview")
        if preset:
            self._presenter.command("preferences_set", values=preset_values(preset))
        self._presenter.command("resume")
        if link:
            self._presenter.open_link(link)
