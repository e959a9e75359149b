"""The one place where the window's process is put together: application, theme, engine, bridge, window, tray."""

import signal
import time
import tomllib
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QProcess, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app import last_words
from app.bridge import Bridge, control_client
from app.engine_process import EngineProcess, engine_command
from app.garbage import GarbageCollector
from app.icons import APPLICATION_SIZES, icon
from app.notifications import Notifier
from app.presenter import Presenter
from app.presenters.welcome import Welcome
from app.single_instance import SingleInstance, raise_other, server_name
from app.supervision import EngineStatus, Supervision
from app.theme import Theme
from app.translation import LANGUAGES, Languages, translate
from app.tray import Tray
from app.url_events import UrlEvents
from app.views.crash_report import CrashReport
from app.views.mini import MiniWindow
from app.views.quit_dialog import QuitDialog
from app.views.table import Table
from core.control.snapshot import EngineSnapshot
from core.paths import START_FOLDER, Home, program_command
from core.preferences import DayHours

GOODBYE_MS = 10_000
NO_TRAY_GRACE_MS = 3000


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """attach_only: look at an engine that somebody else started and minds; engine: another command to start it with;
    link: a `hivelet:` link to open."""

    home: Home
    loopback: bool = False
    attach_only: bool = False
    engine: tuple[str, ...] = ()
    link: str = ""


class Application:
    """Owns every part, joins their signals, and decides what closing and quitting mean."""

    def __init__(self, qt: QApplication, options: WindowOptions) -> None:
        self._qt = qt
        GarbageCollector(qt)  # lives as long as its parent
        self._options = options
        self._early = early_preferences(options.home)
        self._told_tray = False
        self._notifier = Notifier()
        self._told_action = ""
        self._language = LANGUAGES.get(str(self._early.get("language", "system")), "")
        Languages(qt).choose(self._language)
        qt.setWindowIcon(icon("hivelet", APPLICATION_SIZES))
        self.theme = Theme(qt, str(self._early.get("theme", "system")))
        self.bridge = Bridge(lambda: control_client(options.home))
        command = options.engine or engine_command(options.home, options.loopback)
        self.engine = EngineProcess(options.home, command, Supervision(attach_only=options.attach_only))
        self.presenter = Presenter(self.theme, self.bridge)
        self.presenter.may_restart = not options.attach_only
        self.window = self.presenter.window
        self.tray: Tray | None = None
        self.mini: MiniWindow | None = None
        self.settings = QSettings(str(options.home.root / "window.ini"), QSettings.Format.IniFormat)
        self._instance = SingleInstance(server_name(options.home, options.attach_only), self._on_start, self.leave)
        self._tables: list[Table] = []
        self._welcome: Welcome | None = None
        UrlEvents(qt, self._on_start)
        self._wire()

    def start(self) -> None:
        """Show the window; the rest follows after the first paint."""
        geometry = self.settings.value("geometry")
        if geometry is not None and not self._options.attach_only:
            self.window.restoreGeometry(geometry)
        self.window.show_page("Overview")
        if self.settings.value("welcomed") is None and not self._options.attach_only:
            self._welcome = Welcome(self.presenter, self.settings)
            self.bridge.snapshot.connect(self._welcome.on_snapshot)
        self.window.first_painted.connect(lambda: QTimer.singleShot(0, self._after_first_paint))
        if self._early.get("start_hidden") is True and not self._options.attach_only and Tray.available():
            self._after_first_paint()
        else:
            self.window.present()

    def _after_first_paint(self) -> None:
        if self.bridge.isRunning():
            return
        self.bridge.start()
        self._open(self._options.link)
        if not self._options.attach_only:
            self._show_tray()

    def _show_tray(self) -> None:
        tray = self.tray = Tray()
        tray.open_asked.connect(self.window.present)
        tray.paused.connect(self.presenter.pause)
        tray.resume_asked.connect(lambda: self.presenter.act("resume"))
        tray.budget_chosen.connect(self.presenter.set_budget)
        tray.quit_asked.connect(self.ask_quit)
        tray.told_clicked.connect(self._on_told_clicked)
        self.presenter.tray_changed.connect(tray.show_state)
        tray.show_state(self.presenter.tray_state())
        QTimer.singleShot(NO_TRAY_GRACE_MS, self._on_tray_known)
        tray.show()  # where no tray host runs yet, Qt shows the icon as soon as one appears

    def _on_tray_known(self) -> None:
        """A panel that starts with the desktop had its time to appear."""
        if not Tray.available():
            words = translate("Tray", "This desktop shows no tray icons. A mini window can stand in for one.")
            self.presenter.notice(words, "mini", translate("Tray", "Show it"))

    def _wire(self) -> None:
        bridge, engine, presenter = self.bridge, self.engine, self.presenter
        bridge.snapshot.connect(engine.on_snapshot)
        bridge.snapshot.connect(presenter.on_snapshot)
        bridge.silent.connect(engine.on_silent)
        bridge.history.connect(presenter.on_history)
        bridge.log.connect(presenter.on_log)
        bridge.preferences.connect(presenter.on_preferences)
        bridge.preferences.connect(self._on_preferences)
        bridge.done.connect(presenter.on_done)
        bridge.failed.connect(presenter.on_failed)
        engine.changed.connect(presenter.on_engine)
        engine.changed.connect(self._notify)
        bridge.snapshot.connect(self._notify)
        presenter.report_asked.connect(self._show_report)
        presenter.notice_acted.connect(self._on_notice)
        presenter.retry_asked.connect(engine.retry)
        presenter.dismiss_asked.connect(engine.dismiss)
        presenter.command_sent.connect(engine.on_command_sent)
        presenter.pages.table_built.connect(self._on_table_built)
        self.window.close_asked.connect(self._on_close_asked)
        self.window.visibility_changed.connect(bridge.set_visible)
        self._qt.aboutToQuit.connect(self._shut_down)
        self._qt.commitDataRequest.connect(lambda _manager: self._allow_closing())

    def _on_notice(self, action: str) -> None:
        if action == "mini":
            self._show_mini()

    def _on_table_built(self, table: Table) -> None:
        table.recall(self.settings)
        self._tables.append(table)

    def _on_preferences(self, values: dict[str, Any]) -> None:
        if LANGUAGES.get(str(values.get("language", "")), self._language) != self._language:
            self._open_anew()
        self._notifier.limit.quiet_hours = DayHours.parse(str(values.get("quiet_hours", "")))

    def _notify(self, news: EngineStatus | EngineSnapshot) -> None:
        tell = self._notifier.engine if isinstance(news, EngineStatus) else self._notifier.snapshot
        notice = tell(news, time.monotonic(), time.time())  # type: ignore[arg-type]
        if notice is not None and self.tray is not None:
            self._told_action = notice.action
            self.tray.tell(notice.title, notice.text)

    def _on_told_clicked(self) -> None:
        """A notification was clicked: show what it is about."""
        self.window.present()
        self.presenter.act(self._told_action)

    def _show_report(self) -> None:
        status = self.engine.status
        dialog = CrashReport(self.window, status.problem or status.sentence, self.engine.report(), status.can_retry)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.retry_asked.connect(self.engine.retry)
        dialog.copied.connect(self.presenter.copy)
        dialog.open()

    def _open_anew(self) -> None:
        """In another language: a window of its own takes over, and the engine works on."""
        self._language = ""
        self._instance.close()
        program, *arguments = window_command(self._options)
        QProcess.startDetached(program, arguments, str(START_FOLDER))
        self.leave()

    def _on_start(self, link: str) -> None:
        """Hivelet was started again; this window is the one that stays."""
        if self.mini is not None:
            self.mini.hide()
        self.window.present()
        self._open(link)

    def _open(self, link: str) -> None:
        """Show what a link leads to; during the first start it becomes the suggestion there."""
        if link and not (self._welcome is not None and self._welcome.offer(link)):
            self.presenter.open_link(link)

    # Closing and quitting

    def _on_close_asked(self) -> None:
        if self._options.attach_only:
            self.leave()
        elif self.tray is not None and Tray.available():
            self.window.hide()
            if not self._told_tray:
                self._told_tray = True
                words = translate("Tray", "Its icon stays here: click it to open the window again.")
                self.tray.tell(translate("Tray", "Hivelet works on"), words)
        else:
            self.ask_quit()

    def ask_quit(self) -> None:
        """Ask what becomes of the engine, then leave. Without an engine there is nothing to ask."""
        if self.engine.status.phase not in ("running", "unresponsive", "starting"):
            self.leave()
            return
        dialog = QuitDialog(self.window if self.window.isVisible() else None, tray=Tray.available())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda _result: self._on_quit_answer(dialog.choice))
        dialog.open()
        dialog.raise_()
        dialog.activateWindow()

    def _on_quit_answer(self, choice: str) -> None:
        if choice == "leave":
            self.leave()
        elif choice == "mini":
            self._show_mini()
        elif choice in ("finish", "stop"):
            # The window goes at once; the process stays until the engine has taken the command.
            self.window.hide()
            self.bridge.done.connect(lambda name, _answer, _tag: self._on_goodbye(name))
            self.bridge.failed.connect(lambda name, _sentence, _tag: self._on_goodbye(name))
            QTimer.singleShot(GOODBYE_MS, self.leave)
            self.presenter.command("finish" if choice == "finish" else "quit")

    def _show_mini(self) -> None:
        """The small window that stands in for a tray icon."""
        if self.mini is None:
            mini = self.mini = MiniWindow()
            mini.open_asked.connect(self._leave_mini)
            mini.paused.connect(self.presenter.pause)
            mini.resume_asked.connect(lambda: self.presenter.act("resume"))
            mini.quit_asked.connect(self.ask_quit)
            self.presenter.tray_changed.connect(mini.show_state)
            mini.show_state(self.presenter.tray_state())
        self.window.hide()
        self.mini.show()

    def _leave_mini(self) -> None:
        if self.mini is not None:
            self.mini.hide()
        self.window.present()

    def _on_goodbye(self, name: str) -> None:
        if name in ("finish", "quit"):
            self.leave()

    def leave(self) -> None:
        """End this process; the engine goes its own way."""
        self._allow_closing()
        self._qt.exit(0)  # quit() would ask the window first, and the window never just closes

    def _allow_closing(self) -> None:
        """From now on the window does as it is told: by us, or by a system that shuts down."""
        self.window.may_close = True
        if self.mini is not None:
            self.mini.may_close = True

    def _shut_down(self) -> None:
        if not self._options.attach_only:  # that home is somebody else's, and may be gone by now
            self.settings.setValue("geometry", self.window.saveGeometry())
            for table in self._tables:
                table.remember(self.settings)
            self.settings.sync()
        if self.tray is not None:
            self.tray.hide()
        self._instance.close()
        self.engine.stop_watching()
        self.bridge.stop()


def window_command(options: WindowOptions) -> list[str]:
    """How this installation opens this very window."""
    flags = {"--loopback": options.loopback, "--attach-only": options.attach_only}
    return [*program_command(), "--home", str(options.home.root), *(flag for flag, on in flags.items() if on)]


def early_preferences(home: Home) -> dict[str, Any]:
    """What must be known before the engine answers: how to look, whether to show at all.

    Only a glance: the engine keeps the file, and says so when it is broken.
    """
    try:
        return tomllib.loads(home.preferences.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def run_window(options: WindowOptions) -> int:
    """Open the window and stay until it is left. Returns the exit code."""
    qt = QApplication(["hivelet"])  # the name that window managers know it by
    qt.setApplicationName("hivelet")
    qt.setDesktopFileName("hivelet")
    qt.setStyle("Fusion")  # the one style that our sheet looks the same on, everywhere
    qt.setQuitOnLastWindowClosed(False)
    if raise_other(server_name(options.home, options.attach_only), options.link):
        return 0
    if not options.attach_only:
        last_words.keep(options.home)
    application = Application(qt, options)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: application.leave())
    application.start()
    return qt.exec()
