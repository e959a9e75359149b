"""Which project an engine takes up."""

from pathlib import Path

import pytest

from core.engine.project_choice import choose_project
from core.errors import ManifestError
from core.paths import Home
from core.projects.registry import ProjectRegistry


def test_named_then_joined_then_the_built_in_text(tmp_path: Path) -> None:
    home = Home(tmp_path).create()
    assert choose_project(home, None).manifest.name == "text"
    ProjectRegistry(home).join("digits", ["tcp://127.0.0.1:4000"])
    chosen = choose_project(home, None)
    assert chosen.manifest.name == "digits"
    assert chosen.bootstrap == ("tcp://127.0.0.1:4000",)
    assert choose_project(home, "text").manifest.name == "text"


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"missing\.toml"):
        choose_project(Home(tmp_path).create(), str(tmp_path / "missing.toml"))
