"""Between state and views: takes what the engine tells, shows it on the page in front, carries out what is clicked."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.models.experts import experts_model
from app.models.log import LogFilter, LogModel
from app.models.peers import peers_model
from app.pages import Pages
from app.presenters.activity import ActivityPresenter
from app.presenters.preferences import OWN as PREFERENCE_COMMANDS
from app.presenters.preferences import PreferencesPresenter
from app.presenters.projects import COMMANDS as PROJECT_COMMANDS
from app.presenters.projects import ProjectsPresenter
from app.presenters.saving import saved
from app.presenters.scene import Asking, Scene
from app.presenters.trial import COMMANDS as TRIAL_COMMANDS
from app.presenters.trial import TrialPresenter
from app.presenters.trust import TrustPresenter
from app.supervision import EngineStatus
from app.theme import Theme
from app.translation import translate
from app.viewmodels import experts, links, network
from app.viewmodels.banner import Banner, banner
from app.viewmodels.diagnostics import diagnostics
from app.viewmodels.empty import without_engine
from app.viewmodels.history import History
from app.viewmodels.overview import overview
from app.viewmodels.pauses import seconds_of
from app.viewmodels.swarm import swarm
from app.viewmodels.tray import TrayState, tray, window_title
from app.views.activity import ActivityPage
from app.views.projects import ProjectsPage
from app.views.trial import TrialPage
from app.views.trust import TrustPage
from app.views.window import MainWindow
from core.control.snapshot import Action, EngineSnapshot
from core.preferences import Value

TICK_MS = 1500
INFO = 20
LEAST_CHART_S = 2.5
"""Charts are drawn anew no more often than this; they would look the same."""


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
        self._total_mode = False
        self._charts_at, self._charts_for = 0.0, 0.0
        self._span = "today"
        self.history = History()
        self.preferences = PreferencesPresenter(theme, self.command)
        self.experts = experts_model(self)
        self.peers = peers_model(self, now)
        self.log = LogModel(self)
        self.log_filter = LogFilter(self)
        self.log_filter.setSourceModel(self.log)
        self.log_filter.set_level(INFO)
        self.scene = Scene(bridge, now)
        self.activity = ActivityPresenter(self.scene)
        self.trust = TrustPresenter(self.scene, self)
        self.trial = TrialPresenter(self.scene, self)
        self.projects = ProjectsPresenter(self.scene, self.history, self)
        self._answered: dict[str, Answered] = {"activity": self.activity, "trust": self.trust}
        self._answered |= dict.fromkeys(TRIAL_COMMANDS, self.trial)
        self._answered |= dict.fromkeys(PROJECT_COMMANDS, self.projects)
        self.pages = Pages(
            theme,
            self.experts,
            self.peers,
            self.log_filter,
            self.preferences.build,
            {
                "Activity": self._build_activity,
                "Trust": self._build_trust,
                "Try it": self._build_trial,
                "Projects": self._build_projects,
            },
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
        self.log.add(lines)

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
        """A command was refused: said where it was asked, in the engine's own words."""
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
        show = {
            "Overview": self._show_overview,
            "Experts": self._show_experts,
            "Network": self._show_network,
            "Projects": self.projects.show,
            "Try it": self.trial.show,
            "Activity": self.activity.show,
            "Trust": self.trust.show,
            "Preferences": self._show_preferences,
            "Log": self._show_log,
        }
        show[self.pages.front]()

    def tray_state(self) -> TrayState:
        """What the tray shows now."""
        return tray(self._snapshot, self._engine, self._now())

    def _show_overview(self) -> None:
        page, now = self.pages.overview, self._now()
        if page is None:
            return
        budget = round(self._snapshot.budget * 100) if self._snapshot is not None else 0
        self.activity.look("day")
        metric = self.scene.metric
        progress = self.activity.progress_today()
        page.show_state(overview(self._snapshot, self._engine, now, self._span, progress), budget)
        if not 0 <= now - self._charts_at < self._charts_for:
            self._charts_at, self._charts_for = now, max(LEAST_CHART_S, self.history.column_s(now))
            rate = self.history.total_chart(now) if self._total_mode else self.history.rate_chart(now)
            page.show_charts(rate, self.history.model_chart(now, metric))

    def _show_experts(self) -> None:
        if self.pages.experts is not None:
            self.experts.set_rows(self._snapshot.experts if self._snapshot is not None else ())
            empty = experts.empty(self._snapshot, self._engine, self._now())
            self.pages.experts.show_state(experts.summary(self._snapshot) if empty is None else "", empty)

    def _show_network(self) -> None:
        if self.pages.network is not None:
            self.peers.set_rows(self._snapshot.peers if self._snapshot is not None else ())
            empty = network.empty(self._snapshot, self._engine, self._now())
            picture = swarm(self._snapshot.peers if self._snapshot is not None else (), self._now())
            self.pages.network.show_state(network.network(self._snapshot), picture, empty)

    def _show_preferences(self) -> None:
        self.preferences.on_engine(self._snapshot, self._engine.phase == "running")
        self.preferences.show()

    def _show_log(self) -> None:
        if self.pages.log is not None:
            has_lines = self.log.rowCount() > 0
            empty = None if has_lines else without_engine(self._snapshot, self._engine, self._now())
            self.pages.log.show_state(empty, has_lines, self.log_filter.rowCount() > 0)

    def _build_activity(self) -> QWidget:
        page = ActivityPage(self._theme)
        self.activity.attach(page)
        return self.pages.join(page)

    def _build_trust(self) -> QWidget:
        page = self.trust.page = TrustPage(self._theme, self.trust.sent, self.trust.bans)
        return self.pages.join(page, page.sent, page.bans)

    def _build_projects(self) -> QWidget:
        page = ProjectsPage(self._theme)
        self.projects.attach(page)
        return self.pages.join(page)

    def _build_trial(self) -> QWidget:
        page = TrialPage(self._theme)
        self.trial.attach(page)
        return self.pages.join(page)

    # What is clicked

    def _connect_views(self) -> None:
        self.window.page_shown.connect(self._on_page_shown)
        self.window.visibility_changed.connect(lambda _visible: self.refresh())
        self.window.banner.acted.connect(self.act)
        self.projects.restart_offered.connect(self._offer_restart)
        p = self.pages
        p.acted.connect(self.act)
        p.resolved.connect(self.resolve)
        p.span_chosen.connect(self._on_span)
        p.paused.connect(self.pause)
        p.budget_chosen.connect(self.set_budget)
        p.rate_mode_chosen.connect(self._on_rate_mode)
        p.copied.connect(self.copy)
        p.log_level_chosen.connect(self._on_log_level)
        p.log_searched.connect(self._on_log_search)
        p.log_copy_asked.connect(self._copy_log)
        p.diagnostics_asked.connect(self._save_diagnostics)

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
                self.pages.call("Overview", lambda page: page.focus_budget())
            case "preference":
                self._open_preference(name)
            case "copy_address":
                self.copy(self._snapshot.address if self._snapshot is not None else "")
            case _ if self._notice is not None and action == self._notice.action:
                self._notice = None
                self.notice_acted.emit(action)
                self.refresh()
            case "show_all":
                self.pages.call("Log", lambda page: page.show_all())

    def resolve(self, action: Action) -> None:
        """Carry out what the button of a reason offers."""
        match action.command:
            case "open_preference":
                self._open_preference(str(action.arguments.get("name", "")))
            case "open_budget":
                self.act("budget")
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
        page = self.pages.preferences
        row = page.focus_preference(name) if page is not None else None
        if row is not None:
            self.window.scroll_to(row)

    def _on_page_shown(self, name: str) -> None:
        self.pages.front = name
        self._charts_for = 0.0
        self.refresh()

    def _offer_restart(self, sentence: str) -> None:
        if self.may_restart:
            self.notice(sentence, "restart", translate("Banner", "Restart it now"))

    def _on_span(self, span: str) -> None:
        self._span = span
        self._show_overview()

    def _on_rate_mode(self, mode: str) -> None:
        self._total_mode, self._charts_for = mode == "total", 0.0
        self._show_overview()

    def _on_log_level(self, level: int) -> None:
        self.log_filter.set_level(level)
        self._show_log()

    def _on_log_search(self, words: str) -> None:
        self.log_filter.set_words(words)
        self._show_log()

    def _copy_log(self) -> None:
        self.copy("\n".join(self.log_filter.lines()))

    def _save_diagnostics(self, path: str, addresses: bool) -> None:
        lines = [self.log.line_at(row).whole for row in range(self.log.rowCount())]
        text = diagnostics(self._snapshot, self.preferences.values, lines, addresses=addresses, now=self._now())
        self.notice(saved(path, text))
