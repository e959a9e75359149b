"""Whatever is wrong from outside: one clear sentence on stderr, the right exit code, no traceback, nothing lost."""

import json
import os
import socket
from pathlib import Path

import pytest

from tests.support.processes import Engine, hivelet


def sentence(*arguments: str, code: int, **changes: str) -> str:
    done = hivelet(*arguments, **changes)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_unknown_option_and_command(tmp_path: Path) -> None:
    assert "--wrong" in sentence("engine", "--wrong", code=2)
    assert "nonsense" in sentence("nonsense", code=2)
    assert "no task" in sentence("demo", "--task", "poems", code=2)
    assert "--peers" in sentence("demo", "--peers", "1", code=2)
    assert "is no duration" in sentence("pause", "--for", "ever", "--home", str(tmp_path), code=2)


@pytest.mark.parametrize("command", ["status", "peers", "experts", "pause", "resume", "quit", "contribution"])
def test_no_engine_runs(tmp_path: Path, command: str) -> None:
    assert "No engine runs in" in sentence(command, "--home", str(tmp_path), code=1)


def test_missing_and_broken_project_file(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("name = [")
    for path in (tmp_path / "missing.toml", broken):
        done = hivelet("project", "check", str(path))
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1
        assert path.name in done.stderr


def test_an_engine_with_a_broken_project_says_so_and_can_still_be_asked(tmp_path: Path) -> None:
    missing = tmp_path / "missing.toml"
    done = hivelet("engine", "--home", str(tmp_path / "h"), "--loopback", "--project", str(missing))
    assert done.returncode == 2
    assert done.stderr.strip().count("\n") == 0
    assert "missing.toml" in done.stderr


def test_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        listen = f"tcp://127.0.0.1:{port}"
        text = sentence("engine", "--home", str(tmp_path), "--loopback", "--listen", listen, code=2)
    assert str(port) in text
    assert "in use" in text


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "tcp://127.0.0.1:99999", "127.0.0.1"])
def test_addresses_that_are_none(tmp_path: Path, address: str) -> None:
    assert address in sentence("engine", "--home", str(tmp_path), "--loopback", "--listen", address, code=2)
    assert address in sentence("engine", "--home", str(tmp_path), "--loopback", "--bootstrap", address, code=2)


@pytest.mark.skipif(os.name != "posix", reason="permissions of folders are POSIX's")
def test_read_only_home(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    text = sentence("engine", "--home", str(blocked / "home"), "--loopback", code=1)
    assert "cannot write in" in text
    assert "--home" in text


@pytest.mark.timeout(90)
def test_broken_preferences_are_kept_aside_and_the_engine_starts(tmp_path: Path) -> None:
    with Engine(tmp_path / "a", preferences={"train": False}) as engine:
        engine.wait("an address", lambda now: now.address)
    engine.home.preferences.write_text("cpu_percent = = 3")
    assert hivelet("preferences", "--home", str(engine.home.root)).returncode == 0
    aside = [path for path in engine.home.root.iterdir() if "broken" in path.name]
    assert [path.read_text() for path in aside] == ["cpu_percent = = 3"]


@pytest.mark.timeout(90)
def test_an_unreachable_bootstrap_is_named_and_the_engine_works_alone(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
        with Engine(tmp_path / "a", "--bootstrap", dead, preferences={"train": False, "max_experts": 2}) as engine:
            now = engine.wait("the reason", lambda s: any(r.code == "bootstrap" for r in s.reasons), 30.0)
            assert dead in next(reason.text for reason in now.reasons if reason.code == "bootstrap")
            engine.wait("hosting alone", lambda s: len(s.experts) == 2)


def test_no_display(tmp_path: Path) -> None:
    if os.name != "posix" or "darwin" in os.sys.platform:  # type: ignore[attr-defined]
        pytest.skip("Windows and macOS always have one")
    text = sentence("--home", str(tmp_path), code=1, QT_QPA_PLATFORM="")
    assert "display" in text
    assert "hivelet engine" in text


def test_bad_preference_names_and_values(tmp_path: Path) -> None:
    home = ("--home", str(tmp_path))
    assert "cpu_percent" in sentence("preferences", "set", "cpu_precent", "50", *home, code=2)
    assert "100" in sentence("preferences", "set", "cpu_percent", "500", *home, code=2)
    assert hivelet("preferences", "set", "cpu_percent", "40%", *home).returncode == 0
    done = hivelet("preferences", "get", "cpu_percent", *home, "--json")
    assert json.loads(done.stdout) == {"cpu_percent": 40}
