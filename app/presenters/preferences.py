"""Between the engine and the preferences page: values, presets, the look back, the detectors, and files."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication

from app.formatting import plain
from app.theme import Theme
from app.translation import translate
from app.viewmodels import preferences, simulation
from app.viewmodels.about import about_lines
from app.viewmodels.detectors import DetectorRow, detector
from app.views.preferences import PreferencesPage
from core.control.snapshot import EngineSnapshot
from core.preferences import Value

MOST_FILE_BYTES = 60_000
TEST_EVERY_MS, TEST_ROUNDS = 1000, 20
LOOK_AGAIN_MS = 800
NOW = "now"
OWN = ("preferences_set", "preferences_simulate", "preferences_export", "preferences_import", "detectors")
"""The commands whose answers are shown on this page."""


class Asking(Protocol):
    """Sends a command to the engine."""

    def __call__(self, name: str, tag: str = "", **arguments: Any) -> None:
        """tag: comes back with the answer."""


class PreferencesPresenter(QObject):
    """Made with the window; `build` makes the page when it is first seen."""

    def __init__(self, theme: Theme, ask: Asking, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._ask = ask
        self.page: PreferencesPage | None = None
        self.values: dict[str, Value] = {}
        self._snapshot: EngineSnapshot | None = None
        self._editable = False
        self._outcomes: dict[str, Mapping[str, Any]] = {}
        self._hours = 0.0
        self._looked_back = False
        self._detectors: tuple[DetectorRow, ...] = ()
        self._rounds = 0
        self._problem = ""
        self._target: Path | None = None
        self._test = QTimer(self, interval=TEST_EVERY_MS)
        self._test.timeout.connect(self._on_test)
        self._again = QTimer(self, interval=LOOK_AGAIN_MS, singleShot=True)
        self._again.timeout.connect(self._look_back)

    def build(self) -> PreferencesPage:
        """The page, as it is now."""
        page = self.page = PreferencesPage(
            self._theme, preferences.groups(self.values, self._snapshot), preferences.presets()
        )
        page.changed.connect(self.change)
        page.preset_chosen.connect(self._on_preset)
        page.simulation.asked.connect(self._look_back)
        page.detectors.asked.connect(self._start_test)
        page.export_asked.connect(self._on_export)
        page.import_asked.connect(self._on_import)
        page.about.copied.connect(lambda text: QGuiApplication.clipboard().setText(text))
        self._ask("detectors")
        self.show()
        return page

    def on_values(self, values: dict[str, Value]) -> None:
        """The values in force."""
        if self._looked_back and values != self.values:
            self._again.start()
        self.values = values
        self._theme.choose(str(values.get("theme", "system")))

    def on_engine(self, snapshot: EngineSnapshot | None, runs: bool) -> None:
        """Whether there is an engine to take changes, and the computer that it sees."""
        self._snapshot = snapshot
        self._editable = runs and bool(self.values)

    def show(self) -> None:
        """Everything as it is now."""
        if self.page is None:
            return
        note = self._problem or preferences.note(self._editable)
        present = preferences.present_preset(self.values)
        self.page.show_groups(preferences.groups(self.values, self._snapshot), self._editable, note, present)
        self.page.about.show_lines(about_lines(self._snapshot))

    def change(self, name: str, value: Value) -> None:
        """Ask for one change; it is shown at once, and the engine's answer corrects it."""
        self._problem = ""
        self.values = {**self.values, name: value}
        if name == "theme":
            self._theme.choose(str(value))
        self._ask("preferences_set", tag=name, values={name: value})
        if self._looked_back:
            self._again.start()
        self.show()

    def on_done(self, name: str, answer: dict[str, Any], tag: str) -> None:
        """One of `OWN` was carried out."""
        match name:
            case "preferences_set" if self.page is not None:
                self.page.show_error(tag, "")
            case "preferences_simulate":
                self._on_outcome(answer, tag)
            case "preferences_export":
                self._write(str(answer.get("text", "")))
            case "preferences_import":
                problems = [plain(str(problem)) for problem in answer.get("problems", ())]
                self._say(" ".join([translate("Preferences", "The file's preferences are in force."), *problems]))
            case "detectors":
                with contextlib.suppress(KeyError, TypeError):  # another version's answer: the card stays as it was
                    self._detectors = tuple(detector(view) for view in answer["detectors"])
                self._show_detectors()

    def on_failed(self, name: str, sentence: str, tag: str) -> None:
        """One of `OWN` was refused: said where it was asked, in the engine's own words."""
        if name == "preferences_set" and self.page is not None and tag in self.page.rows:
            self.page.show_error(tag, sentence)
        elif name == "preferences_simulate" and self.page is not None:
            self.page.simulation.show_words(sentence)
        elif name == "detectors":
            self._test.stop()
            self._show_detectors()
        else:
            self._say(sentence)
        self.show()

    def _on_preset(self, name: str) -> None:
        values = preferences.preset_values(name)
        self.values = {**self.values, **values}
        self._ask("preferences_set", tag=name, values=values)
        self.show()

    # The look back: the present settings, and each preset beside them

    def _look_back(self) -> None:
        self._looked_back = True
        self._outcomes = {}
        if self.page is not None:
            self.page.simulation.show_words(translate("Simulation", "Counting…"))
        for name, _ in preferences.presets():
            self._ask("preferences_simulate", tag=name, values=preferences.preset_values(name))

    def _on_outcome(self, answer: dict[str, Any], tag: str) -> None:
        if self.page is None:
            return
        present = translate("Simulation", "As set now")
        try:
            self._hours = float(answer["hours"])
            self._outcomes |= {NOW: answer["now"], tag: answer["then"]}
            names = [(NOW, present), *preferences.presets()]
            rows = [simulation.simulated(words, self._outcomes[key]) for key, words in names if key in self._outcomes]
        except (KeyError, TypeError, ValueError, AttributeError):
            self.page.simulation.show_words(translate("Simulation", "The engine's answer cannot be read."))
            return
        self.page.simulation.show_rows(rows if self._hours >= simulation.LEAST_HOURS else ())
        self.page.simulation.show_words(simulation.basis(self._hours))

    # Detectors

    def _start_test(self) -> None:
        self._rounds = TEST_ROUNDS
        self._test.start()
        self._on_test()

    def _on_test(self) -> None:
        self._rounds -= 1
        if self._rounds < 0 or self.page is None or not self.page.isVisible():
            self._test.stop()
            self._show_detectors()
        else:
            self._ask("detectors")

    def _show_detectors(self) -> None:
        if self.page is not None:
            self.page.detectors.show_rows(self._detectors, self._test.isActive())

    # Files

    def _on_export(self, path: Path) -> None:
        self._target = path
        self._ask("preferences_export")

    def _write(self, text: str) -> None:
        if self._target is None:
            return
        try:
            self._target.write_text(text, encoding="utf-8")
        except OSError as error:
            words = translate("Preferences", "{path} cannot be written ({error}).")
            self._say(words.format(path=self._target, error=error.strerror))
        else:
            self._say(translate("Preferences", "Exported to {path}.").format(path=self._target))

    def _on_import(self, path: Path) -> None:
        try:
            text = _read(path)
        except OSError as error:
            words = translate("Preferences", "{path} cannot be read ({error}).")
            self._say(words.format(path=path, error=error.strerror))
        except ValueError:
            self._say(translate("Preferences", "{path} is no file of preferences.").format(path=path))
        else:
            self._ask("preferences_import", text=text)

    def _say(self, sentence: str) -> None:
        self._problem = sentence
        self.show()


def _read(path: Path) -> str:
    """A file of preferences. Raises OSError, and ValueError when it cannot be one."""
    with path.open("rb") as file:
        data = file.read(MOST_FILE_BYTES + 1)
    if len(data) > MOST_FILE_BYTES:
        raise ValueError("too large")
    return data.decode("utf-8")
