"""The projects page: how the present one goes, what others say about themselves, joining and leaving."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from app.presenters.scene import Freshness, Scene
from app.translation import translate
from app.viewmodels import joining, projects
from app.viewmodels.history import History
from app.viewmodels.joining import ProjectCard
from app.views.projects import ProjectsPage

COMMANDS = ("projects", "project_show", "project_join", "project_leave")
GOOD_FOR_S = 30.0


class ProjectsPresenter(QObject):
    """restart_offered(sentence): a project was joined or left, which the engine follows when it is started again.
    page: None until it was seen."""

    restart_offered = Signal(str)

    def __init__(self, scene: Scene, history: History, parent: QObject) -> None:
        super().__init__(parent)
        self.page: ProjectsPage | None = None
        self._scene = scene
        self._history = history
        self._cards: tuple[ProjectCard, ...] = ()
        self._offer: ProjectCard | None = None
        self._fresh = Freshness(GOOD_FOR_S)
        self._at_work = ""

    def attach(self, page: ProjectsPage) -> None:
        """The page was built."""
        self.page = page
        page.looked.connect(self.look)
        page.joined.connect(self.join)
        page.left.connect(self.leave)
        page.put_away.connect(lambda: self._show_offer(None))

    def on_project(self, project_id: str) -> None:
        """What is at work now; another project has another history."""
        if project_id and project_id != self._at_work:
            if self._at_work:
                self._history.clear()
                self._fresh.forget()
            self._at_work = project_id

    def show(self) -> None:
        """Bring the page up to date."""
        scene = self._scene
        if scene.answers and self._fresh.due("projects", scene.now()):
            scene.bridge.ask("projects")
        if self.page is None:
            return
        empty = projects.empty(scene.snapshot, scene.engine, scene.now())
        self.page.show_state(projects.project_state(scene.snapshot), empty)
        self.page.show_chart(self._history.model_chart(scene.now(), scene.metric))

    def look(self, what: str) -> None:
        """Show what a file, a link or a name leads to; nothing is joined."""
        if self.page is not None:
            self.page.bar.say()
        self._scene.bridge.ask("project_show", what, what=what)

    def join(self, what: str) -> None:
        """The volunteer has read it, and said yes."""
        self._scene.bridge.ask("project_join", what, what=what)

    def leave(self, project_id: str) -> None:
        """Work on it no longer."""
        self._scene.bridge.ask("project_leave", project_id, project_id=project_id)

    def on_done(self, name: str, answer: dict[str, Any], tag: str) -> None:
        """What was asked is known, or done."""
        try:
            self._take(name, answer, tag)
        except (KeyError, TypeError, ValueError):
            self.on_failed(
                name, translate("Joining", "The engine's answer cannot be read. Is it another version?"), tag
            )

    def on_failed(self, name: str, sentence: str, _tag: str) -> None:
        """Said beside the field in which it was asked for."""
        if name != "projects" and self.page is not None:
            self.page.bar.say(problem=sentence)

    def _take(self, name: str, answer: dict[str, Any], tag: str) -> None:
        match name:
            case "projects":
                self._cards = joining.cards_of(answer)
                if self.page is not None:
                    self.page.projects.show_projects(self._cards)
            case "project_show":
                self._show_offer(joining.card_of(answer, tag))
            case "project_join":
                card = joining.card_of(answer, tag)
                self._show_offer(None)
                self._changed(translate("Joining", "Joined {project}.").format(project=card.title), card.current)
            case "project_leave":
                left = next((card for card in self._cards if card.project_id == tag), None)
                words = translate("Joining", "Left {project}.").format(project=left.title if left else tag[:12])
                self._changed(words, left is None or not left.current)

    def _changed(self, sentence: str, settled: bool) -> None:
        self._fresh.forget()
        if self.page is not None:
            self.page.bar.say(note=sentence)
        if not settled:
            more = translate("Joining", "The engine follows when it is started again.")
            self.restart_offered.emit(f"{sentence} {more}")
        self.show()

    def _show_offer(self, card: ProjectCard | None) -> None:
        self._offer = card
        if self.page is not None:
            self.page.offer.show_offer(card)
