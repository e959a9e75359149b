"""What tests show pages with, and pictures of the states that are hard to bring about:
`python -m tests.support.screenshots FOLDER [WIDTHxHEIGHT]`, with made-up data. Pictures for people, with real data, are
made by `tests.support.pictures`.
"""

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.presenter import Presenter
from app.supervision import EngineStatus
from app.theme import Theme
from core.control.snapshot import EngineSnapshot, State
from tests.support import snapshots

PAGES = ("Overview", "Experts", "Network", "Projects", "Try it", "Activity", "Preferences", "Trust", "Log")


QUESTIONS = ("activity", "trust", "projects")


class SilentBridge:
    """Takes commands and does nothing."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, object]]] = []

    def ask(self, name: str, tag: str = "", **arguments: object) -> None:
        if name not in QUESTIONS:  # what pages ask by themselves
            self.asked.append((name, arguments))


RUNNING = EngineStatus(phase="running", sentence="")


def filled(theme: Theme, shown: EngineSnapshot | None, engine: EngineStatus = RUNNING) -> Presenter:
    """A presenter that shows this state, with history, log and preferences when there is an engine."""
    presenter = Presenter(theme, SilentBridge(), now=lambda: snapshots.NOW)
    presenter.on_engine(engine)
    if shown is not None:
        presenter.on_history(snapshots.history())
        presenter.on_log(snapshots.log_lines())
        presenter.on_preferences(dict(snapshots.PREFERENCES))
        presenter.on_snapshot(shown)
        fill_pages(presenter)
    return presenter


def fill_pages(presenter: Presenter) -> None:
    """The answers that pages ask for themselves."""
    for span in ("day", "week", "month", "all"):
        presenter.on_done("activity", snapshots.activity_answer(span), span)
    presenter.on_done("trust", snapshots.trust_answer(), "")
    presenter.on_done("projects", {"projects": snapshots.projects()}, "")


def write_something(presenter: Presenter) -> None:
    """A text on the page on which the model is tried, when it was seen."""
    presenter.trial.start("To b", 300)
    presenter.on_done("generate_start", {"id": 1}, "")
    presenter.on_done("generate_read", snapshots.written_answer(), "")


def main() -> None:
    folder = Path(sys.argv[1])
    width, height = (int(part) for part in (sys.argv[2] if len(sys.argv) > 2 else "1180x760").split("x"))
    folder.mkdir(parents=True, exist_ok=True)
    qt = QApplication([])
    qt.setStyle("Fusion")
    states: list[tuple[str, EngineSnapshot | None, EngineStatus]] = [("", snapshots.snapshot(), RUNNING)]
    for state in ("paused", "guarded", "connecting"):
        name: State = state
        lonely = state == "connecting"
        made = snapshots.snapshot(name, peers=0 if lonely else 9, experts=0 if lonely else 14)
        states.append((f"-{state}", made, RUNNING))
    crashed = EngineStatus("waiting", "The engine stopped unexpectedly.", "The engine was ended by signal 9 (SIGKILL).",
                           snapshots.NOW + 8, 3)  # fmt: skip
    states.append(("-crashed", None, crashed))
    for appearance in ("light", "dark"):
        for suffix, shown, engine in states:
            theme = Theme(qt, appearance)
            presenter = filled(theme, shown, engine)
            theme.choose(appearance)
            window = presenter.window
            window.resize(width, height)
            window.show_page("Overview")
            window.present()
            for page in PAGES:
                if suffix and (page in ("Projects", "Preferences", "Log") and suffix != "-crashed"):
                    continue
                window.show_page(page)
                if page == "Try it" and not suffix:
                    write_something(presenter)
                presenter.refresh()
                for _ in range(6):
                    qt.processEvents()
                window.grab().save(str(folder / f"{page.lower().replace(' ', '-')}{suffix}-{appearance}.png"))
            window.may_close = True
            window.close()
            window.deleteLater()
            presenter.deleteLater()
            theme.deleteLater()


if __name__ == "__main__":
    main()
