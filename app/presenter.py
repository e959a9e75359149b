"""Between state and views: takes what the engine tells, shows it on the page in front, carries out what is clicked."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from app.pages import PagePresenters, Pages
from app.presenters.activity import ActivityPresenter
from app.presenters.log import LogPresenter
from app.presenters.overview import OverviewPresenter
from app.presenters.preferences import OWN as PREFERENCE_COMMANDS
from app.presenters.preferences import PreferencesPresenter
from app.presenters.projects import COMMANDS as PROJECT_COMMANDS
from app.presenters.projects import ProjectsPresenter
from app.presenters.saving import saved
from app.presenters.scene import Asking, Scene
from app.presenters.swarm import ExpertsPresenter, NetworkPresenter
from app.presenters.trial import COMMANDS as TRIAL_COMMANDS
from app.presenters.trial import TrialPresenter
from app.presenters.trust import TrustPresenter
from app.said import said
from app.supervision import EngineStatus
from app.theme import Theme
from app.translation import translate
from app.viewmodels import links, network
from app.viewmodels.banner import Banner, banner
from app.viewmodels.history import History
from app.viewmodels.pauses import seconds_of
from app.viewmodels.tray import TrayState, tray, window_title
from app.views.window import MainWindow
from core.control.diagnostics import diagnostics
from core.control.snapshot import Action, EngineSnapshot
from core.preferences import Value

TICK_MS = 1500


class Answered(Protocol):
    """A page's own presenter, which takes the answers to what it asked."""

    def on_done(self, name: str, answer: dict[str, Any], tag: str) -> None:
        """The answer came."""

    def on_failed(self, name: str, sentence: str, tag: str) -> None:
        """It did not, and why."""


class Presenter(QObject):
    """retry_asked(), dismiss_asked() and report_asked() go to the engine's process, command_sent(name) tells it what
    was asked;
    tray_changed(TrayState) goes to the tray; notice_acted(action): the button of a `notice` was pressed."""

    retry_asked = Signal()
    dismiss_asked = Signal()
    report_asked = Signal()
    command_sent = Signal(str)
    tray_changed = Signal(object)
    notice_acted = Signal(str)

    def __init__(self, theme: Theme, bridge: Asking, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._theme = theme
        self._bridge = bridge
        self._now = now
        self._snapshot: EngineSnapshot | None = None
        self._engine = EngineStatus()
        self._command_error = ""
        self.may_restart = True  # False where somebody else minds the engine
        self._restarting = False
        self._notice: Banner | None = None
        self.history = History()
        self.preferences = PreferencesPresenter(theme, self.command, self)
        self.scene = Scene(bridge, now)
        self.experts = ExpertsPresenter(self.scene, self)
        self.network = NetworkPresenter(self.scene, self)
        self.log = LogPresenter(self.scene, self)
        self.activity = ActivityPresenter(self.scene)
        self.overview = OverviewPresenter(self.scene, self.history, self.activity)
        self.trust = TrustPresenter(self.scene, self)
        self.trial = TrialPresenter(self.scene, self)
        self.projects = ProjectsPresenter(self.scene, self.history, self)
        self._answered: dict[str, Answered] = {"activity": self.activity, "trust": self.trust}
        self._answered |= dict.fromkeys(TRIAL_COMMANDS, self.trial)
        self._answered |= dict.fromkeys(PROJECT_COMMANDS, self.projects)
        self.pages = Pages(
            theme,
            PagePresenters(
                overview=self.overview,
                experts=self.experts,
                network=self.network,
                projects=self.projects,
                trial=self.trial,
                activity=self.activity,
                preferences=self.preferences,
                trust=self.trust,
                log=self.log,
            ),
        )
        self.window = MainWindow(self.pages.entries())
        self._connect_views()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()

    # What the engine tells

    def on_snapshot(self, snapshot: EngineSnapshot) -> None:
        """The newest state of the engine."""
        self._snapshot = self.scene.snapshot = snapshot
        if snapshot.project is not None:
            self.projects.on_project(snapshot.project.project_id)
        self._timer.start()  # the clock's own refresh is for times without news
        self.refresh()

    def on_engine(self, status: EngineStatus) -> None:
        """The engine's process: starting, running, crashed…"""
        self._engine = self.scene.engine = status
        if self._restarting and status.phase == "stopped":
            self._restarting = False
            QTimer.singleShot(0, self.retry_asked.emit)  # after everybody has heard that it stopped
        self.refresh()

    def on_history(self, points: list[Any]) -> None:
        """New points of the charts."""
        self.history.add(points)

    def on_log(self, lines: list[Any]) -> None:
        """New lines of the log."""
        self.log.model.add(lines)

    def on_preferences(self, values: dict[str, Value]) -> None:
        """The values in force."""
        self.preferences.on_values(values)
        self._show_preferences()

    def on_done(self, name: str, answer: dict[str, Any], tag: str) -> None:
        """A command was carried out."""
        if name in self._answered:
            self._answered[name].on_done(name, answer, tag)
            return
        self._command_error = ""
        if name in PREFERENCE_COMMANDS:
            self.preferences.on_done(name, answer, tag)
        self.refresh()

    def on_failed(self, name: str, sentence: str, tag: str) -> None:
        """A command was refused: said where it was asked."""
        sentence = said(sentence)
        if name in self._answered:
            self._answered[name].on_failed(name, sentence, tag)
            return
        if name in PREFERENCE_COMMANDS and (tag or name != "preferences_set"):
            self.preferences.on_failed(name, sentence, tag)
        else:
            self._command_error = sentence
        self.refresh()

    # What is shown

    def refresh(self) -> None:
        """Bring tray, banner and the page in front up to date."""
        now = self._now()
        self.tray_changed.emit(self.tray_state())
        if not self.window.isVisible():
            return
        self.window.setWindowTitle(window_title(self._snapshot, self._engine))
        self.window.show_banner(banner(self._engine, self._command_error, now) or self._notice)
        self.window.navigation.footer.setText(network.footer(self._snapshot, self._engine))
        if self.pages.front == "Preferences":
            self.preferences.on_engine(self._snapshot, self._engine.phase == "running")
        self.pages.show_front()

    def tray_state(self) -> TrayState:
        """What the tray shows now."""
        return tray(self._snapshot, self._engine, self._now())

    def _show_preferences(self) -> None:
        self.preferences.on_engine(self._snapshot, self._engine.phase == "running")
        self.preferences.show()

    # What is clicked

    def _connect_views(self) -> None:
        self.window.page_shown.connect(self._on_page_shown)
        self.window.visibility_changed.connect(lambda _visible: self.refresh())
        self.window.banner.acted.connect(self.act)
        self.projects.restart_offered.connect(self._offer_restart)
        self.pages.acted.connect(self.act)
        self.pages.copied.connect(self.copy)
        self.pages.resolved.connect(self.resolve)
        self.pages.paused.connect(self.pause)
        self.pages.budget_chosen.connect(self.set_budget)
        self.pages.diagnostics_asked.connect(self._save_diagnostics)

    def act(self, action: str) -> None:
        """Carry out what a button stands for."""
        kind, _, name = action.partition(":")
        match kind:
            case "resume" | "finish" | "quit":
                self.command(kind)
            case "retry":
                self.retry_asked.emit()
            case "restart":
                self._restarting, self._notice = True, None
                self.command("quit")
            case "dismiss":
                self._command_error = ""
                self._notice = None
                self.dismiss_asked.emit()
                self.refresh()
            case "overview":
                self.window.show_page("Overview")
            case "crash_report":
                self.report_asked.emit()
            case "budget":
                self.window.show_page("Overview")
                if self.overview.page is not None:
                    self.overview.page.focus_budget()
            case "preference":
                self._open_preference(name)
            case "copy_address":
                self.copy(self._snapshot.address if self._snapshot is not None else "")
            case _ if self._notice is not None and action == self._notice.action:
                self._notice = None
                self.notice_acted.emit(action)
                self.refresh()
            case "show_all":
                self.log.show_all()

    def resolve(self, action: Action) -> None:
        """Carry out what the button of a reason offers."""
        match action.command:
            case "open_preference":
                self._open_preference(str(action.arguments.get("name", "")))
            case "open_budget":
                self.act("budget")
            case "open_update":
                self.window.show_page("Overview")
                self.overview.update.bring_forward()
            case "open_projects":
                self.window.show_page("Projects")
            case "preferences_set":
                self.command(action.command, values=action.arguments.get("values", {}))
            case "resume" | "budget":
                self.command(action.command, **action.arguments)

    def command(self, name: str, tag: str = "", **arguments: Any) -> None:
        """Send a command to the engine."""
        self.command_sent.emit(name)
        self._bridge.ask(name, tag, **arguments)

    def notice(self, text: str, action: str = "dismiss", words: str = "") -> None:
        """Say something of the window's own above every page, until it is dismissed or acted upon."""
        self._notice = Banner(text, action, words or translate("Banner", "Dismiss"), calm=True)
        self.refresh()

    def open_link(self, link: str) -> None:
        """Show what a `hivelet:` link leads to. Joining is a step of its own, which the person takes."""
        if complaint := links.problem(link):
            self.notice(complaint)
            return
        self.window.show_page("Projects")
        self.projects.look(link)

    def pause(self, choice: str) -> None:
        """Pause for one of `pauses.choices`."""
        now = datetime.fromtimestamp(self._now(), UTC).astimezone()
        self.command("pause", seconds=seconds_of(choice, now))

    def set_budget(self, percent: int) -> None:
        """How much of this computer may be used."""
        self.command("budget", share=percent / 100)

    def copy(self, text: str) -> None:
        """To the clipboard."""
        QGuiApplication.clipboard().setText(text)

    def _open_preference(self, name: str) -> None:
        self.window.show_page("Preferences")
        page = self.preferences.page
        row = page.focus_preference(name) if page is not None else None
        if row is not None:
            self.window.scroll_to(row)

    def _on_page_shown(self, name: str) -> None:
        self.pages.front = name
        self.overview.draw_again()
        self.refresh()

    def _offer_restart(self, sentence: str) -> None:
        if self.may_restart:
            self.notice(sentence, "restart", translate("Banner", "Restart it now"))

    def _save_diagnostics(self, path: str, addresses: bool) -> None:
        lines = [line.whole for line in self.log.model.lines]
        text = diagnostics(self._snapshot, self.preferences.values, lines, addresses=addresses, now=self._now())
        self.notice(saved(path, text))
