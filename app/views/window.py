"""The main window: navigation, a banner when there is something to say, one page at a time, built when first seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeySequence, QPaintEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.tokens import PAGE_MARGIN_X
from app.translation import translate
from app.viewmodels.banner import Banner
from app.views.navigation import Navigation
from app.views.widgets import button, label, set_role

MINIMUM_SIZE = (900, 620)
FIRST_SIZE = (1180, 760)


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page. build: makes it when it is first seen; scrolls: whether it may be higher than the window."""

    name: str
    build: Callable[[], QWidget]
    scrolls: bool = False


class BannerBar(QFrame):
    """acted(action)."""

    acted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self._action = ""
        self.text = label(wrap=True)
        self.button = button("", "", lambda: self.acted.emit(self._action))
        self.details = button(translate("Banner", "What happened…"), "link", lambda: self.acted.emit("crash_report"))
        line = QHBoxLayout(self)
        line.setContentsMargins(16, 8, 10, 8)
        line.setSpacing(14)
        line.addWidget(self.text, 1)
        line.addWidget(self.details)
        line.addWidget(self.button)
        self.hide()

    def show_banner(self, banner: Banner | None) -> None:
        """Say this, or nothing."""
        self.setVisible(banner is not None)
        if banner is None:
            return
        self._action = banner.action
        if self.text.text() != banner.text:
            self.text.setText(banner.text)
            self.setAccessibleName(banner.text)
        self.button.setText(banner.label)
        self.button.setVisible(bool(banner.action))
        self.details.setVisible(banner.details)
        set_role(self, "calm" if banner.calm else "alarm", "mood")


class MainWindow(QMainWindow):
    """close_asked() instead of closing · page_shown(name) · visibility_changed(bool) · first_painted() once."""

    close_asked = Signal()
    page_shown = Signal(str)
    visibility_changed = Signal(bool)
    first_painted = Signal()

    def __init__(self, pages: Sequence[PageEntry]) -> None:
        super().__init__()
        self.setWindowTitle("Hivelet")
        self.setMinimumSize(*MINIMUM_SIZE)
        self.resize(*FIRST_SIZE)
        self.may_close = False
        self._painted = False
        self._alone: QWidget | None = None
        self._pages = list(pages)
        self._built: dict[str, QWidget] = {}
        self.navigation = Navigation([page.name for page in pages])
        self.banner = BannerBar()
        self._stack = QStackedWidget()
        self._stack.setObjectName("pages")
        banner_row = QVBoxLayout()
        banner_row.setContentsMargins(PAGE_MARGIN_X, 16, PAGE_MARGIN_X, 0)
        banner_row.addWidget(self.banner)
        self._banner_frame = QWidget()
        self._banner_frame.setObjectName("page")
        self._banner_frame.setLayout(banner_row)
        self._banner_frame.hide()
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self._banner_frame)
        right.addWidget(self._stack, 1)
        whole = QHBoxLayout()
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.navigation)
        whole.addLayout(right, 1)
        central = QWidget()
        central.setObjectName("page")
        central.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        central.setLayout(whole)
        self.setCentralWidget(central)
        central.setFocus()  # no control looks focused before the keyboard is used
        self.navigation.chosen.connect(self._on_chosen)
        for index in range(len(self._pages)):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{index + 1}"), self)
            shortcut.activated.connect(lambda index=index: self._on_chosen(index))

    def show_page(self, name: str) -> None:
        """Bring a page to the front."""
        self._on_chosen(next(i for i, page in enumerate(self._pages) if page.name == name))

    def show_banner(self, banner: Banner | None) -> None:
        """Say this above every page, or nothing."""
        self.banner.show_banner(banner)
        self._banner_frame.setVisible(banner is not None)

    def show_alone(self, widget: QWidget | None) -> None:
        """This instead of navigation and pages; None brings them back, and lets go of what stood there."""
        if self._alone is not None:
            self._stack.removeWidget(self._alone)
            self._alone.deleteLater()
        self._alone = widget
        self.navigation.setVisible(widget is None)
        if widget is not None:
            self._stack.addWidget(widget)
            self._stack.setCurrentWidget(widget)

    def present(self) -> None:
        """Show the window, in front."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def scroll_to(self, widget: QWidget) -> None:
        """Make a widget of the present page visible."""
        area = self._stack.currentWidget()
        if isinstance(area, QScrollArea):
            area.ensureWidgetVisible(widget, 0, 60)

    def _on_chosen(self, index: int) -> None:
        if self._alone is not None:
            return  # a shortcut must not lead around it
        page = self._pages[index]
        if page.name not in self._built:
            self._built[page.name] = self._frame(page)
            self._stack.addWidget(self._built[page.name])
        self._stack.setCurrentWidget(self._built[page.name])
        self.navigation.choose(index)
        self.page_shown.emit(page.name)

    @staticmethod
    def _frame(page: PageEntry) -> QWidget:
        content = page.build()
        if not page.scrolls:
            return content
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        return area

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self.first_painted.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.visibility_changed.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.visibility_changed.emit(False)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.may_close:
            event.accept()
        else:
            event.ignore()
            self.close_asked.emit()
