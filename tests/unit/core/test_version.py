"""What `hivelet --version` and reports say about a build."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from core.version import BUILD, VERSION, BuildInfo, about, read_build_info

ROOT = Path(__file__).resolve().parents[3]


def test_the_version_stands_in_one_place() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
    assert str(BUILD) == "source"


def test_a_build_is_named_in_one_line() -> None:
    facts = {"version": "1.2.3", "commit": "0123456789abcdef" * 2, "date": "2026-11-29T01:02:03Z", "target": "macos"}
    info = read_build_info(json.dumps(facts).encode())
    assert info.version == "1.2.3"
    assert str(info) == "macos, commit 0123456789ab, 2026-11-29"
    assert str(BuildInfo(commit="0" * 40 + "-dirty", target="windows")) == "windows, commit 000000000000-dirty"


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[1]", b'{"commit": 1}', b'{"target": "a\\u202eb"}', b"[" * 4000, b'{"commit": "%s"}' % (b"a" * 5000)],
)
def test_facts_that_cannot_be_read_count_as_not_written(data: bytes) -> None:
    assert read_build_info(data) == BuildInfo()


def test_the_command_line_says_it_without_loading_torch_or_qt() -> None:
    program = (
        "import sys; from core.cli import main; code = main(['--version']); "
        "print([name for name in ('torch', 'PySide6', 'zmq') if name in sys.modules]); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines[0] == f"hivelet {VERSION}"
    assert [line.split()[0] for line in lines[1:-1]] == [what for what, _ in about()[1:]]
    assert lines[-1] == "[]"
