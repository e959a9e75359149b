"""At 200 % nothing is cut off in the smallest window, in English and in the longest language. The scale is the
process's, so each language has one of its own."""

import json
import os
import subprocess
import sys

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.theme import Theme
from tests.support.looks import PAGES, cut_off


@pytest.mark.parametrize("language", ["en", "de"])
def test_nothing_is_cut_off_at_200_percent(language: str) -> None:
    environment = {**os.environ, "QT_SCALE_FACTOR": "2"}
    command = [sys.executable, "-m", "tests.support.looks", language]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=50, check=True)
    found = json.loads(result.stdout)
    assert found["scale"] == 2.0
    assert len(found["cut_off"]) == 2 * len(PAGES)
    assert {page: cut for page, cut in found["cut_off"].items() if cut} == {}


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
