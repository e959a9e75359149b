"""The pages: built when they are first seen, what all of them tell joined into one set of signals."""

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.presenters.activity import ActivityPresenter
from app.presenters.log import LogPresenter
from app.presenters.overview import OverviewPresenter
from app.presenters.preferences import PreferencesPresenter
from app.presenters.projects import ProjectsPresenter
from app.presenters.swarm import ExpertsPresenter, NetworkPresenter
from app.presenters.trial import TrialPresenter
from app.presenters.trust import TrustPresenter
from app.theme import Theme
from app.views.activity import ActivityPage
from app.views.experts import ExpertsPage
from app.views.log import LogPage
from app.views.network import NetworkPage
from app.views.overview import OverviewPage
from app.views.projects import ProjectsPage
from app.views.table import Table
from app.views.trial import TrialPage
from app.views.trust import TrustPage
from app.views.window import PageEntry


class PagePresenter(Protocol):
    """What all of them can do."""

    def show(self) -> None:
        """Bring the page up to date, when it has been built."""


@dataclass(frozen=True, slots=True)
class PagePresenters:
    """One for each page."""

    overview: OverviewPresenter
    experts: ExpertsPresenter
    network: NetworkPresenter
    projects: ProjectsPresenter
    trial: TrialPresenter
    activity: ActivityPresenter
    preferences: PreferencesPresenter
    trust: TrustPresenter
    log: LogPresenter


class Pages(QObject):
    """front: the name of the page that is shown.

    acted(action) · copied(text) · resolved(Action of a reason) · paused(choice) · budget_chosen(percent) ·
    diagnostics_asked(path, with addresses) · table_built(Table)."""

    acted = Signal(str)
    copied = Signal(str)
    resolved = Signal(object)
    paused = Signal(str)
    budget_chosen = Signal(int)
    diagnostics_asked = Signal(str, bool)
    table_built = Signal(object)

    def __init__(self, theme: Theme, presenters: PagePresenters) -> None:
        super().__init__()
        self._theme = theme
        self._presenters = presenters
        self.front = "Overview"

    def show_front(self) -> None:
        """Bring the page in front up to date."""
        p = self._presenters
        shown: dict[str, PagePresenter] = {
            "Overview": p.overview,
            "Experts": p.experts,
            "Network": p.network,
            "Projects": p.projects,
            "Try it": p.trial,
            "Activity": p.activity,
            "Preferences": p.preferences,
            "Trust": p.trust,
            "Log": p.log,
        }
        shown[self.front].show()

    def entries(self) -> list[PageEntry]:
        """In the order of the navigation."""
        return [
            PageEntry("Overview", self._build_overview, scrolls=True),
            PageEntry("Experts", self._build_experts),
            PageEntry("Network", self._build_network),
            PageEntry("Projects", self._build_projects, scrolls=True),
            PageEntry("Try it", self._build_trial),
            PageEntry("Activity", self._build_activity, scrolls=True),
            PageEntry("Preferences", self._presenters.preferences.build, scrolls=True),
            PageEntry("Trust", self._build_trust),
            PageEntry("Log", self._build_log),
        ]

    def _build_overview(self) -> QWidget:
        page = OverviewPage(self._theme)
        self._presenters.overview.attach(page)
        page.resolved.connect(self.resolved)
        page.paused.connect(self.paused)
        page.budget_chosen.connect(self.budget_chosen)
        return self._join(page)

    def _build_experts(self) -> QWidget:
        page = self._presenters.experts.page = ExpertsPage(self._theme, self._presenters.experts.model)
        return self._join(page, page.table)

    def _build_network(self) -> QWidget:
        page = self._presenters.network.page = NetworkPage(self._theme, self._presenters.network.model)
        return self._join(page, page.table)

    def _build_projects(self) -> QWidget:
        page = ProjectsPage(self._theme)
        self._presenters.projects.attach(page)
        return self._join(page)

    def _build_trial(self) -> QWidget:
        page = TrialPage(self._theme)
        self._presenters.trial.attach(page)
        return self._join(page)

    def _build_activity(self) -> QWidget:
        page = ActivityPage(self._theme)
        self._presenters.activity.attach(page)
        return self._join(page)

    def _build_trust(self) -> QWidget:
        trust = self._presenters.trust
        page = trust.page = TrustPage(self._theme, trust.sent, trust.bans)
        return self._join(page, page.sent, page.bans)

    def _build_log(self) -> QWidget:
        page = LogPage(self._theme, self._presenters.log.shown)
        self._presenters.log.attach(page)
        page.copy_asked.connect(lambda: self.copied.emit(self._presenters.log.text()))
        page.diagnostics_asked.connect(self.diagnostics_asked)
        return self._join(page, page.table)

    def _join(self, page: QWidget, *tables: Table) -> QWidget:
        """Take what a page tells: its empty state's action, what it copies, its tables."""
        for name, signal in (("acted", self.acted), ("copied", self.copied)):
            if hasattr(page, name):
                getattr(page, name).connect(signal)
        for table in tables:
            self.table_built.emit(table)
        return page
