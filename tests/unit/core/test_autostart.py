"""Starting at login on every system, and the unit for computers without a screen."""

import configparser
import os
import plistlib
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.autostart import DesktopFile, LaunchAgent, RunKey, follow, system_autostart, window_command
from core.cli.commands import app
from core.errors import HomeError
from core.paths import Home
from core.preferences_file import Preferences

UNIT = Path(__file__).parents[3] / "installers" / "linux" / "hivelet.service"
COMMAND = ["/opt/my apps/hivelet", "--home", '/data/50%/$HOME "x" `y` \\z']


class FakeRegistry:
    HKEY_CURRENT_USER, REG_SZ = 1, 1

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def CreateKey(self, key, name):
        assert (key, name) == (1, r"Software\Microsoft\Windows\CurrentVersion\Run")
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def SetValueEx(self, key, name, reserved, kind, value):
        self.values[name] = value

    def DeleteValue(self, key, name):
        if name not in self.values:
            raise FileNotFoundError(name)
        del self.values[name]

    def QueryValueEx(self, key, name):
        if name not in self.values:
            raise FileNotFoundError(name)
        return self.values[name], 1


@pytest.fixture(params=["linux", "macos", "windows"])
def autostart(request, tmp_path):
    return {
        "linux": lambda: DesktopFile(tmp_path / "none" / "autostart" / "hivelet.desktop"),
        "macos": lambda: LaunchAgent(tmp_path / "none" / "org.hivelet.window.plist"),
        "windows": lambda: RunKey("Hivelet", FakeRegistry()),
    }[request.param]()


def test_set_and_cleared_as_often_as_one_likes(autostart):
    assert autostart.command() == ""
    autostart.clear()
    autostart.set(["/bin/one"])
    autostart.set(COMMAND)
    assert "my apps" in autostart.command()
    assert "one" not in autostart.command()
    autostart.clear()
    autostart.clear()
    assert autostart.command() == ""


def test_the_desktop_entry_is_read_back_as_it_was_meant(tmp_path):
    path = tmp_path / "hivelet.desktop"
    DesktopFile(path).set(COMMAND)
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    entry = parser["Desktop Entry"]
    # The format's two layers: escapes of a string, then quoted words with %-codes.
    line = entry["Exec"].replace("\\\\", "\\")
    words = [word.replace("%%", "%").replace("\\$", "$").replace("\\`", "`") for word in shlex.split(line)]
    assert words == COMMAND
    assert (entry["Type"], entry["Name"]) == ("Application", "Hivelet")


def test_the_agent_of_macos(tmp_path):
    path = tmp_path / "org.hivelet.window.plist"
    LaunchAgent(path).set(COMMAND)
    content = plistlib.loads(path.read_bytes())
    assert (content["ProgramArguments"], content["RunAtLoad"], content["Label"]) == (COMMAND, True, path.stem)
    path.write_bytes(b"nonsense")
    assert LaunchAgent(path).command() == ""


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="writes where Linux desktops look")
class TestFollow:
    @pytest.fixture(autouse=True)
    def config(self, tmp_path, monkeypatch):
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        return tmp_path / "config" / "autostart"

    def test_the_preference_acts_when_it_changes(self, tmp_path, config):
        home, off, on = Home(tmp_path), Preferences(), Preferences({"start_at_login": True})
        follow(home, off, off)
        assert not config.exists()
        follow(home, off, on)
        (path,) = config.iterdir()
        assert str(tmp_path) in path.read_text()
        follow(home, on, on)
        follow(home, on, off)
        assert list(config.iterdir()) == []

    def test_two_homes_do_not_share_an_entry(self, tmp_path):
        one, two = Home(tmp_path / "a"), Home(tmp_path / "b")
        system_autostart(one).set(window_command(one))
        assert system_autostart(two).command() == ""
        assert "--home" not in window_command(Home.default())

    def test_where_it_is_impossible_that_is_one_sentence(self, tmp_path, config):
        config.parent.mkdir()
        config.write_text("a file")
        with pytest.raises(HomeError, match="Starting at login cannot be changed"):
            follow(Home(tmp_path), Preferences(), Preferences({"start_at_login": True}))


class TestUnit:
    @pytest.fixture
    def unit(self):
        parser = configparser.ConfigParser(interpolation=None, strict=True)
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read(UNIT, encoding="utf-8")
        return parser

    def test_starts_a_command_that_exists_and_stops_it_in_order(self, unit):
        service = unit["Service"]
        program, command = service["ExecStart"].split()
        assert program.endswith("/bin/hivelet")
        assert command in {each.name for each in app.registered_commands}
        assert (service["KillSignal"], service["Restart"]) == ("SIGTERM", "on-failure")
        assert unit["Install"]["WantedBy"] == "default.target"

    def test_bad_use_is_not_tried_again(self, unit):
        assert unit["Service"]["RestartPreventExitStatus"] == "2"

    def test_systemd_finds_no_fault(self, tmp_path):
        if shutil.which("systemd-analyze") is None:
            pytest.skip("needs systemd-analyze")
        copy = tmp_path / "hivelet.service"
        copy.write_text(UNIT.read_text().replace("%h/.local/bin/hivelet", sys.executable))
        done = subprocess.run(
            ["systemd-analyze", "verify", "--user", "--man=no", str(copy)],
            capture_output=True, text=True, timeout=30, check=False,
            env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
