"""The layers hold: app -> core -> net, Qt and torch in their places."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 400


def test_import_contracts_hold() -> None:
    """In a process of its own: import-linter sets logging up anew, which would silence our loggers in later tests."""
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, env=environment, capture_output=True, timeout=50, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")


@pytest.mark.parametrize("package", ["app", "core", "net", "tests"])
def test_no_file_is_too_long_to_read(package: str) -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in (ROOT / package).rglob("*.py")}
    assert lengths
    assert {str(path): n for path, n in lengths.items() if n > LONGEST_FILE} == {}


def test_the_window_sees_only_the_control_face_of_core() -> None:
    """Also of packages that the import contracts do not list yet."""
    allowed = {"core.control", "core.errors", "core.paths", "core.preferences", "core.version"}
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                part = ".".join(name.split(".")[:2])
                entry = part == "core.cli" and path.name == "__main__.py"
                if name.split(".")[0] in ("core", "net", "torch", "zmq") and part not in allowed and not entry:
                    found.add((path.name, name))
    assert found == set()
