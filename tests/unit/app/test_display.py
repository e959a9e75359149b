"""Whether a window can be shown, without asking Qt."""

import socket
import sys
from pathlib import Path

import pytest

from app.display import problem

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows always has a display")


def test_no_display_at_all() -> None:
    assert problem({}, "linux").startswith("Hivelet finds no display")
    assert "hivelet demo --headless" in problem({}, "linux")


@pytest.mark.parametrize("display", [":4711", "unix:4711.0", "127.0.0.1:59000"])
def test_a_display_that_nobody_serves(display: str) -> None:
    assert f"{display!r} does not answer" in problem({"DISPLAY": display}, "linux")


def test_windows_and_macos_and_a_chosen_platform_need_no_server() -> None:
    assert problem({}, "win32") == problem({}, "darwin") == ""
    assert problem({"QT_QPA_PLATFORM": "offscreen"}, "linux") == ""


def test_a_wayland_socket_is_enough(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "w0"))
        server.listen()
        assert problem({"WAYLAND_DISPLAY": "w0", "XDG_RUNTIME_DIR": str(tmp_path)}, "linux") == ""
    assert "no display" in problem({"WAYLAND_DISPLAY": "gone", "XDG_RUNTIME_DIR": str(tmp_path)}, "linux")


def test_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.display._x_answers", lambda display: True)
    monkeypatch.setattr("app.display._loads", lambda library: library != "libxcb-cursor.so.0")
    text = problem({"DISPLAY": ":0"}, "linux")
    assert "Qt needs libxcb-cursor.so.0 to open windows" in text
