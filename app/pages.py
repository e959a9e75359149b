"""The pages: built when they are first seen, their signals joined into one set."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QObject, Signal
from PySide6.QtWidgets import QWidget

from app.theme import Theme
from app.views.experts import ExpertsPage
from app.views.log import LogPage
from app.views.network import NetworkPage
from app.views.overview import OverviewPage
from app.views.preferences import PreferencesPage
from app.views.table import Table
from app.views.window import PageEntry


class Pages(QObject):
    """A page is None until it was seen. front: the name of the page that is shown."""

    acted = Signal(str)
    resolved = Signal(object)
    span_chosen = Signal(str)
    paused = Signal(str)
    budget_chosen = Signal(int)
    rate_mode_chosen = Signal(str)
    copied = Signal(str)
    log_level_chosen = Signal(int)
    log_searched = Signal(str)
    log_copy_asked = Signal()
    diagnostics_asked = Signal(str, bool)
    table_built = Signal(object)

    def __init__(
        self,
        theme: Theme,
        experts: QAbstractItemModel,
        peers: QAbstractItemModel,
        log: QAbstractItemModel,
        build_preferences: Callable[[], PreferencesPage],
        builders: Mapping[str, Callable[[], QWidget]],
    ) -> None:
        """builders: of the pages that have a presenter of their own, by name."""
        super().__init__()
        self._theme = theme
        self._builders = builders
        self._experts_model = experts
        self._peers_model = peers
        self._log_model = log
        self._make_preferences = build_preferences
        self.front = "Overview"
        self.overview: OverviewPage | None = None
        self.experts: ExpertsPage | None = None
        self.network: NetworkPage | None = None
        self.preferences: PreferencesPage | None = None
        self.log: LogPage | None = None

    def entries(self) -> list[PageEntry]:
        """In the order of the navigation."""
        return [
            PageEntry("Overview", self._build_overview, scrolls=True),
            PageEntry("Experts", self._build_experts),
            PageEntry("Network", self._build_network),
            PageEntry("Projects", self._builders["Projects"], scrolls=True),
            PageEntry("Try it", self._builders["Try it"]),
            PageEntry("Activity", self._builders["Activity"], scrolls=True),
            PageEntry("Preferences", self._build_preferences, scrolls=True),
            PageEntry("Trust", self._builders["Trust"]),
            PageEntry("Log", self._build_log),
        ]

    def call(self, name: str, what: Callable[[Any], object]) -> None:
        """Do something with a page, when it has been built."""
        page = getattr(self, name.lower(), None)
        if page is not None:
            what(page)

    def _build_overview(self) -> QWidget:
        page = self.overview = OverviewPage(self._theme)
        page.acted.connect(self.acted)
        page.resolved.connect(self.resolved)
        page.span_chosen.connect(self.span_chosen)
        page.paused.connect(self.paused)
        page.budget_chosen.connect(self.budget_chosen)
        page.rate_mode_chosen.connect(self.rate_mode_chosen)
        return page

    def _build_experts(self) -> QWidget:
        page = self.experts = ExpertsPage(self._theme, self._experts_model)
        page.acted.connect(self.acted)
        self._announce(page.table)
        return page

    def _build_network(self) -> QWidget:
        page = self.network = NetworkPage(self._theme, self._peers_model)
        page.acted.connect(self.acted)
        page.copied.connect(self.copied)
        self._announce(page.table)
        return page

    def _build_preferences(self) -> QWidget:
        self.preferences = self._make_preferences()
        return self.preferences

    def _build_log(self) -> QWidget:
        page = self.log = LogPage(self._theme, self._log_model)
        page.acted.connect(self.acted)
        page.level_chosen.connect(self.log_level_chosen)
        page.searched.connect(self.log_searched)
        page.copy_asked.connect(self.log_copy_asked)
        page.diagnostics_asked.connect(self.diagnostics_asked)
        self._announce(page.table)
        return page

    def join(self, page: QWidget, *tables: Table) -> QWidget:
        """Take what a page of another builder tells: its empty state's action, what it copies, its tables."""
        for name, signal in (("acted", self.acted), ("copied", self.copied)):
            if hasattr(page, name):
                getattr(page, name).connect(signal)
        for table in tables:
            self._announce(table)
        return page

    def _announce(self, table: Table) -> None:
        self.table_built.emit(table)
