"""The page on which the model is tried: starts a text, fetches it piece by piece while it is written, stops it."""

from typing import Any

from PySide6.QtCore import QObject, QTimer

from app.formatting import plain
from app.presenters.scene import Scene
from app.said import said
from app.translation import translate
from app.viewmodels import trial
from app.viewmodels.trial import Piece
from app.views.trial import PROMPT_CHARS, TrialPage

COMMANDS = ("generate_start", "generate_read", "generate_stop")
FETCH_MS = 150


class TrialPresenter:
    """One text at a time. page: None until it was seen."""

    def __init__(self, scene: Scene, parent: QObject) -> None:
        self.page: TrialPage | None = None
        self._scene = scene
        self._number = 0  # of the text that is being written; 0: none
        self._received = 0
        self._pieces: list[Piece] = []
        self._timer = QTimer(parent)
        self._timer.setInterval(FETCH_MS)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._fetch)

    def attach(self, page: TrialPage) -> None:
        """The page was built."""
        self.page = page
        page.asked.connect(self.start)
        page.stop_asked.connect(self.stop)

    def show(self) -> None:
        """Bring the page up to date."""
        if self.page is not None:
            self.page.show_empty(trial.empty(self._scene.snapshot, self._scene.engine, self._scene.now()))

    def start(self, prompt: str, length: int) -> None:
        """Have the prompt continued."""
        self._pieces, self._received = [], 0
        if self.page is not None:
            self.page.text.begin(plain(prompt, PROMPT_CHARS))
            self.page.show_running(True)
            self.page.show_served(translate("Trial", "Asking the gate…"), ())
        self._scene.bridge.ask("generate_start", prompt=prompt, length=length)

    def stop(self) -> None:
        """Enough of it."""
        if self._number:
            self._scene.bridge.ask("generate_stop", id=self._number)

    def on_done(self, name: str, answer: dict[str, Any], _tag: str) -> None:
        """It was begun, more of it came, or it will stop."""
        if name == "generate_start":
            self._number = int(answer.get("id", 0))
            self._fetch()
        elif name == "generate_read":
            self._take(answer)

    def on_failed(self, name: str, sentence: str, _tag: str) -> None:
        """Said where it was asked. A text whose end was only not waited for can be stopped no more."""
        if name != "generate_stop":
            self._end(sentence)

    def _fetch(self) -> None:
        if self._number:
            self._scene.bridge.ask("generate_read", id=self._number, after=self._received)

    def _take(self, answer: dict[str, Any]) -> None:
        try:
            pieces = trial.pieces_of(answer["pieces"])
            done, problem = bool(answer["done"]), str(answer["problem"])
        except (KeyError, TypeError, ValueError):
            self._end(translate("Trial", "The engine's answer cannot be read. Is it another version?"))
            return
        self._received += len(pieces)
        self._pieces += pieces
        if self.page is not None and pieces:
            self.page.text.add(pieces)
            self.page.show_served(trial.summary(self._pieces), trial.served(self._pieces))
        if done:
            self._end(said(problem))
        else:
            self._timer.start()

    def _end(self, problem: str) -> None:
        self._number = 0
        self._timer.stop()
        if self.page is not None:
            self.page.show_running(False, plain(problem))
            self.page.show_served(trial.summary(self._pieces), trial.served(self._pieces))
