"""The workflows: pinned, with few rights, complete, and without a way in for whoever names a branch."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from installers.build import TARGETS
from installers.common.context import ROOT
from installers.macos.signing import IDENTITY, PROFILE

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"[\w-]+/[\w./-]+@(v\d+|[0-9a-f]{40})")
EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
IN_SCRIPTS = {"matrix.target"}
"""What may be put into a script's text: what the workflow itself wrote. Everything else goes by the environment."""


def read(path: Path) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def jobs(path: Path) -> dict[str, Any]:
    return dict(read(path)["jobs"])


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(path).values() for step in job["steps"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_is_pinned_and_keeps_no_credentials(path: Path) -> None:
    used = [step for step in steps(path) if "uses" in step]
    assert used
    assert [step["uses"] for step in used if not PINNED.fullmatch(step["uses"])] == []
    checkouts = [step for step in used if step["uses"].startswith("actions/checkout@")]
    assert [step for step in checkouts if step.get("with", {}).get("persist-credentials") is not False] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_rights_are_few_and_times_are_bounded(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in workflow[True]  # YAML reads `on` so
    for name, job in jobs(path).items():
        assert job["timeout-minutes"] <= 90, name
        assert job.get("permissions", {"contents": "read"}) == {"contents": "write" if name == "release" else "read"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_that_others_write_becomes_a_part_of_a_script(path: Path) -> None:
    found = {name for step in steps(path) for name in EXPRESSION.findall(step.get("run", ""))}
    assert found <= IN_SCRIPTS


def test_three_systems_are_tested() -> None:
    matrix = jobs(FOLDER / "test.yml")["test"]["strategy"]["matrix"]
    assert {name.partition("-")[0] for name in matrix["os"]} == {"ubuntu", "windows", "macos"}
    assert "3.11" in matrix["python"]


def test_tags_build_every_installer_and_draft_a_release() -> None:
    path = FOLDER / "installers.yml"
    assert read(path)[True]["push"] == {"tags": ["v*"]}
    built = jobs(path)
    assert {*built["linux"]["strategy"]["matrix"]["target"], "macos"} == set(TARGETS)
    assert any("build.py macos" in step.get("run", "") for step in built["macos"]["steps"])
    assert set(built["release"]["needs"]) == set(built) - {"release"}
    drafting = [step for step in built["release"]["steps"] if "gh release create" in step.get("run", "")]
    assert [("--draft" in step["run"], step["if"]) for step in drafting] == [(True, "github.ref_type == 'tag'")]
    assert any("sha256sum" in step.get("run", "") for step in built["release"]["steps"])


def test_signing_says_so_when_it_has_no_secrets() -> None:
    signing = [step for step in steps(FOLDER / "installers.yml") if "secrets." in str(step.get("env", ""))]
    assert len(signing) == 2
    for step in signing:
        assert "::warning::" in step["run"]
        assert "NOT signed" in step["run"]
    macos = str(jobs(FOLDER / "installers.yml")["macos"])
    assert IDENTITY in macos
    assert PROFILE in macos


@pytest.mark.skipif(sys.platform == "win32", reason="bash there is another system's")
def test_scripts_can_be_parsed() -> None:
    scripts = [
        step["run"] for path in FILES for step in steps(path) if "run" in step and "\\Scripts" not in step["run"]
    ]
    assert len(scripts) > 8
    for script in scripts:
        text = EXPRESSION.sub("value", script)
        done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(
    shutil.which("actionlint") is None, reason="actionlint is not installed; the workflow `test` runs it"
)
def test_actionlint_finds_nothing() -> None:
    done = subprocess.run(["actionlint", *map(str, FILES)], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout
