"""From the first start to the last: the real window over the real engine, on a desktop with a tray."""

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from PySide6.QtGui import QImage

from app.tokens import DARK, LIGHT
from core.control.client import ControlClient
from core.projects.link import JoinLink
from core.projects.manifest import builtin
from tests.integration.desktop.conftest import Engine
from tests.integration.desktop.test_window import (
    FIFTEEN_MINUTES,
    PAUSE,
    QUIT,
    RESUME,
    STOPPED,
    choose_in_tray,
    share_of,
)
from tests.support.desktop import Desktop, Place, wait_for

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(170)]

SLOW = 60.0


def coloured(picture: Path, colour: str) -> Place | None:
    """Around everything of that very colour below the window's banner."""
    image = QImage(str(picture))
    found = [
        (x, y)
        for y in range(180, image.height(), 2)
        for x in range(300, image.width(), 2)
        if image.pixelColor(x, y).name() == colour
    ]
    if len(found) < 20:
        return None
    (left, right), (top, bottom) = ((min(axis), max(axis)) for axis in zip(*found, strict=True))
    return Place(left, top, right - left, bottom - top)


def resting(desktop: Desktop, screen: Path, what: str) -> Place:
    """Around everything amber, when two looks agree on it."""
    seen: list[Place | None] = [None]

    def rests() -> Place | None:
        seen.append(coloured(desktop.picture(screen), LIGHT.amber))
        return seen[-1] if seen[-1] == seen[-2] else None

    return wait_for(rests, what) or Place(0, 0, 0, 0)


def preference(engine: Engine, name: str) -> object:
    """Its value in the engine."""
    return ControlClient(engine.home).call("preferences_get")["values"][name]


def search_preferences(desktop: Desktop, words: str) -> None:
    """The preferences page with only the rows that have these words."""
    desktop.xdotool("key", "--delay", "60", "ctrl+7", "ctrl+f", "ctrl+a")
    desktop.xdotool("type", "--delay", "20", words)


def test_a_volunteer_from_the_first_start_to_the_last(desktop: Desktop, engine: Engine, tmp_path: Path) -> None:
    (engine.home.root / "window.ini").unlink()
    screen = tmp_path / "screen.png"
    command = [sys.executable, "-m", "app", "--home", str(engine.home.root)]
    window = desktop.run(command, OMP_NUM_THREADS="1")
    desktop.window("Hivelet")

    # The first start: work is held until the third screen is answered.
    first = engine.wait(lambda s: s.state == "paused", "the engine to wait for the person", SLOW)
    assert first.reasons[0].code == "paused_by_user"
    for _ in range(3):
        desktop.xdotool("windowactivate", "--sync", desktop.window(".*Hivelet"), "key", "space")
    engine.wait(lambda s: s.state != "paused" and bool(s.experts), "the engine after the pause", SLOW)
    assert preference(engine, "cpu_percent") == 75
    assert "welcomed" in (engine.home.root / "window.ini").read_text()

    # A link that was clicked elsewhere is shown by the window that is there, and joined by a click.
    manifest = builtin("digits")
    link = str(JoinLink(manifest.project_id, manifest.name, ()))
    again = subprocess.run([*command, link], env=desktop.environment, timeout=30, check=False)
    assert again.returncode == 0
    place = resting(desktop, screen, "the button that joins")
    desktop.point_at(*place.at(0.5, 0.5))
    desktop.xdotool("click", "1")
    projects = wait_for(lambda: list(engine.home.projects.glob("*.toml")), "the joined project")
    assert manifest.project_id.hex() in {path.stem for path in projects}

    # Pause and resume from the tray.
    choose_in_tray(desktop, PAUSE, FIFTEEN_MINUTES)
    engine.wait(lambda s: s.state == "paused", "the pause")
    choose_in_tray(desktop, RESUME)
    engine.wait(lambda s: s.state != "paused", "the end of the pause")

    # Paint a stroke over the week, and change the appearance.
    search_preferences(desktop, "schedule")
    week = resting(desktop, screen, "the week")
    desktop.point_at(*week.at(0.02, 0.07))
    desktop.xdotool("mousedown", "1")
    desktop.point_at(*week.at(0.48, 0.07))
    desktop.xdotool("mouseup", "1")
    painted = str(wait_for(lambda: preference(engine, "schedule"), "the painted week")).split()
    assert painted[0] == "0" * 12 + "F" * 12
    assert set(painted[1:]) == {"F" * 24}
    search_preferences(desktop, "appearance")
    desktop.xdotool("key", "--delay", "60", "Tab", "Tab", "Tab", "Right", "Right", "space")
    wait_for(lambda: preference(engine, "theme") == "dark", "the dark appearance")
    wait_for(lambda: share_of(desktop.picture(screen), DARK.background) > 0.2, "a dark window")

    # A crash is explained, and repaired.
    working = engine.wait(lambda s: True, "the engine")
    psutil.Process(working.pid).kill()
    desktop.window(STOPPED)
    engine.wait(lambda s: s.pid != working.pid, "the restarted engine", SLOW)

    # Quit, and let it finish.
    last = engine.wait(lambda s: bool(s.experts), "experts", SLOW)
    choose_in_tray(desktop, QUIT)
    desktop.window("Quit Hivelet")
    desktop.xdotool("key", "Return")
    assert window.wait(30) == 0
    wait_for(lambda: not psutil.pid_exists(last.pid), "the end of the engine", SLOW)
    assert json.loads((engine.home.root / "state.json").read_text())["overrides"]["paused"] is False
