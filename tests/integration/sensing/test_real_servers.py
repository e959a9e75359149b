"""Detectors against a real X server with a window manager, and a real message bus."""

import math
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from core.host.sensing.dbus import Bus, BusError
from core.host.sensing.linux import (
    GnomeBusy,
    GnomeIdle,
    KdeBusy,
    LoginIdle,
    NetworkManagerMetered,
    X11Fullscreen,
    X11Idle,
)
from core.host.sensing.x11 import X11, X11Error, _cookie
from tests.support.desktop import Desktop, virtual_desktop, wait_for

jeepney = pytest.importorskip("jeepney", reason="D-Bus is spoken on Linux")
blocking = pytest.importorskip("jeepney.io.blocking")

FULL = """
from PySide6.QtGui import QGuiApplication, QWindow
app = QGuiApplication([])
window = QWindow()
window.showFullScreen()
app.exec()
"""


@pytest.fixture(scope="module")
def screen() -> Iterator[Desktop]:
    with virtual_desktop(tray=False) as made:
        yield made


@pytest.mark.desktop
class TestX11:
    def test_idle_time_counts_and_input_ends_it(self, screen: Desktop) -> None:
        detector = X11Idle(X11(screen.display))
        first = detector.read().value
        assert first is not None
        screen.xdotool("mousemove", "40", "40")
        moved = detector.read().value
        time.sleep(1.1)
        rested = detector.read().value
        screen.xdotool("mousemove", "50", "50")
        again = detector.read().value
        detector.close()
        assert moved < 1.0 < rested
        assert again < 1.0

    def test_a_window_that_fills_the_screen(self, screen: Desktop) -> None:
        detector = X11Fullscreen(X11(screen.display))
        assert detector.read().value is False
        program = screen.run([sys.executable, "-c", FULL])
        wait_for(lambda: detector.read().value, "the window")
        program.terminate()
        wait_for(lambda: detector.read().value is False, "its end")
        detector.close()

    def test_a_server_that_goes_does_not_take_this_process_along(self) -> None:
        with virtual_desktop(tray=False) as short:
            x11 = X11(short.display)
            assert x11.idle_s() >= 0
        with pytest.raises(X11Error):
            x11.idle_s()
        with pytest.raises(X11Error, match="no X server listens"):
            x11.idle_s()


@pytest.mark.parametrize("display", ["", "far.example:10.0", ":x", "unix"])
def test_servers_of_other_computers_are_not_asked(display: str) -> None:
    with pytest.raises(X11Error, match="not one of this computer"):
        X11(display).idle_s()


def test_cookies(tmp_path) -> None:
    def entry(family: int, number: bytes, value: bytes, name: bytes = b"MIT-MAGIC-COOKIE-1") -> bytes:
        parts = (b"host", number, name, value)
        return family.to_bytes(2, "big") + b"".join(len(part).to_bytes(2, "big") + part for part in parts)

    path = tmp_path / "authority"
    path.write_bytes(
        entry(256, b"1", b"one") + entry(0, b"2", b"far") + entry(256, b"2", b"two") + entry(256, b"3", b"x", b"OTHER")
    )
    assert [_cookie(path, number) for number in (1, 2, 3)] == [b"one", b"two", b""]
    path.write_bytes(entry(256, b"1", b"one")[:-5])
    assert _cookie(path, 1) == b""
    assert _cookie(tmp_path / "none", 1) == b""


class FakePrograms:
    """Answers on a bus for the programs of a desktop. answers: by (interface, method or property)."""

    def __init__(self, answers: dict[tuple[str, str], tuple[str, tuple[Any, ...]]]) -> None:
        self.answers = answers
        self.connection = blocking.open_dbus_connection("SESSION")
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def own(self, *names: str) -> None:
        for name in names:
            self.connection.send_and_get_reply(jeepney.message_bus.RequestName(name))
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                message = self.connection.receive()
            except (OSError, EOFError, ValueError):
                return
            if message.header.message_type is not jeepney.MessageType.method_call:
                continue
            fields = message.header.fields
            key = (fields[jeepney.HeaderFields.interface], fields[jeepney.HeaderFields.member])
            if key[1] == "Get":
                key = (message.body[0], message.body[1])
            signature, body = self.answers[key]
            self.connection.send(jeepney.new_method_return(message, signature, body))


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("needs dbus-daemon")
    reading, writing = os.pipe()
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", f"--print-address={writing}"],
        pass_fds=(writing,),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            address = pipe.readline().strip()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address
    finally:
        daemon.terminate()
        daemon.wait(5)


@pytest.mark.usefixtures("bus")
class TestBus:
    def test_what_desktops_answer(self) -> None:
        mutter, session, network = (
            "org.gnome.Mutter.IdleMonitor",
            "org.gnome.SessionManager",
            "org.freedesktop.NetworkManager",
        )
        power, login = "org.freedesktop.PowerManagement", "org.freedesktop.login1"
        programs = FakePrograms(
            {
                (mutter, "GetIdletime"): ("t", (61_500,)),
                (session, "IsInhibited"): ("b", (True,)),
                (f"{power}.Inhibit", "HasInhibit"): ("b", (False,)),
                (network, "Metered"): ("v", (("u", 3),)),
                (f"{login}.Manager", "IdleHint"): ("v", (("b", True),)),
                (f"{login}.Manager", "IdleSinceHint"): ("v", (("t", 900_000_000),)),
            }
        )
        programs.own(mutter, session, network, power, login)
        one = Bus("SESSION")
        assert GnomeIdle(one).read().value == 61.5
        assert GnomeBusy(one).read().value is True
        assert KdeBusy(one).read().value is False
        metered = NetworkManagerMetered(Bus("SYSTEM"))
        assert metered.read().value is True
        login_idle = LoginIdle(one, wall=lambda: 1000.0)
        assert login_idle.read().value == 100.0
        programs.answers[f"{login}.Manager", "IdleHint"] = ("v", (("b", False),))
        assert login_idle.read().value == 0.0
        programs.answers[network, "Metered"] = ("v", (("u", 0),))
        assert metered.read().value is None
        programs.answers[mutter, "GetIdletime"] = ("s", ("soon",))
        assert GnomeIdle(one).read().value is None
        one.close()
        metered.close()
        programs.connection.close()

    def test_a_desktop_that_is_not_there(self) -> None:
        one = Bus("SESSION")
        reading = GnomeIdle(one).read()
        assert reading.value is None
        assert "is not there" in reading.sentence
        one.close()


def test_no_bus_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus")
    with pytest.raises(BusError, match="does not answer"):
        Bus("SYSTEM").call("a.b", "/a", "a.b", "C")
    assert LoginIdle(Bus("SYSTEM")).read().value is None
    assert LoginIdle(Bus("SYSTEM"), nobody_at="Nobody.").read().value == math.inf
