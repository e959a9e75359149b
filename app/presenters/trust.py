"""The trust page, from the engine's book of what left this computer."""

from typing import Any

from PySide6.QtCore import QObject

from app.models.sent import bans_model, sent_model
from app.presenters.scene import Freshness, Scene
from app.translation import translate
from app.viewmodels import trust
from app.viewmodels.empty import Empty, without_engine
from app.views.trust import TrustPage

GOOD_FOR_S = 15.0


class TrustPresenter:
    """Asks when the page is looked at, and again when a while has passed. page: None until it was seen."""

    def __init__(self, scene: Scene, parent: QObject) -> None:
        self.page: TrustPage | None = None
        self.sent = sent_model(parent, scene.now)
        self.bans = bans_model(parent, scene.now)
        self._scene = scene
        self._rows: tuple[trust.SentRow, ...] | None = None
        self._problem = ""
        self._fresh = Freshness(GOOD_FOR_S)

    def show(self) -> None:
        """Bring the page up to date."""
        scene = self._scene
        if scene.answers and self._fresh.due("trust", scene.now()):
            scene.bridge.ask("trust")
        if self.page is None:
            return
        self.bans.set_rows(scene.snapshot.hosting.bans if scene.snapshot is not None else ())
        self.page.show_state(trust.trust(self._rows or (), scene.snapshot), self._empty())

    def on_done(self, _name: str, answer: dict[str, Any], _tag: str) -> None:
        """The rows came."""
        try:
            self._rows = trust.rows_of(answer)
            self._problem = ""
        except (KeyError, TypeError, ValueError):
            self._problem = translate("Trust", "The engine's answer cannot be read. Is it another version?")
        else:
            self.sent.set_rows(self._rows)
        self.show()

    def on_failed(self, _name: str, sentence: str, _tag: str) -> None:
        """They did not."""
        self._problem = sentence
        self.show()

    def _empty(self) -> Empty | None:
        scene = self._scene
        if self._rows:
            return None
        absent = without_engine(scene.snapshot, scene.engine, scene.now())
        if absent is not None:
            return absent
        if self._problem:
            return Empty(translate("Trust", "Not to be read"), self._problem)
        if self._rows is None:
            return Empty(translate("Trust", "One moment"), translate("Trust", "Asking the engine what left…"))
        return Empty(
            translate("Trust", "Nothing has left yet"),
            translate("Trust", "What this computer sends to others appears here: to whom, what, and how much."),
        )
