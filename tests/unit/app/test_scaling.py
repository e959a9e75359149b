"""At 200 %, and where fonts are missing, nothing is cut off in the smallest window. Scale and fonts are the process's,
so each case has one of its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.theme import Theme
from tests.support.looks import PAGES, cut_off


def looks(language: str = "en", **environment: str) -> dict[str, Any]:
    """What `tests.support.looks` prints in this environment; every page was shown."""
    command = [sys.executable, "-m", "tests.support.looks", language]
    result = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=50, check=True
    )
    found: dict[str, Any] = json.loads(result.stdout)
    assert len(found["cut_off"]) == 2 * len(PAGES)
    return found


def cut(found: dict[str, Any]) -> dict[str, list[str]]:
    return {page: words for page, words in found["cut_off"].items() if words}


@pytest.mark.parametrize("language", ["en", "de"])
def test_nothing_is_cut_off_at_200_percent(language: str) -> None:
    found = looks(language, QT_SCALE_FACTOR="2")
    assert found["scale"] == 2.0
    assert cut(found) == {}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system's own fonts are always there")
@pytest.mark.parametrize("kept", ["DejaVuSansMono.ttf", None])
def test_missing_fonts_keep_no_page_from_being_shown(tmp_path: Path, kept: str | None) -> None:
    """With one odd, wide face everything still fits; with none at all nothing can be read, and nothing fails."""
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    if kept is not None:
        source = next(iter(Path("/usr/share/fonts").rglob(kept)), None)
        if source is None:
            pytest.skip(f"{kept} is not installed")
        shutil.copy(source, fonts)
    config = tmp_path / "fonts.conf"
    config.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
        f"<fontconfig><dir>{fonts}</dir></fontconfig>"
    )
    found = looks(FONTCONFIG_FILE=str(config), QT_QPA_FONTDIR=str(fonts))
    assert cut(found) == {} or kept is None


def test_the_check_bites(theme: Theme) -> None:
    window = QWidget()
    window.resize(300, 200)
    low, narrow, fine = QLabel("Much too low", window), QPushButton("Much too narrow", window), QLabel("Fine", window)
    low.setGeometry(0, 0, 200, 5)
    narrow.setGeometry(0, 40, 20, 40)
    fine.setGeometry(0, 90, 200, 40)
    window.show()
    assert [problem.partition(" its")[0] for problem in cut_off(window)] == ["lower than", "narrower than"]
    window.close()
    window.deleteLater()
