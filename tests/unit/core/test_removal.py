"""Removing a person's data: all of it, and never anything else."""

import sys
from pathlib import Path

import pytest

from core.autostart import system_autostart
from core.cli import main
from core.control.lock import EngineLock
from core.errors import HomeError
from core.paths import Home, program_command
from core.removal import is_window_of, remove_data


@pytest.fixture(autouse=True)
def own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("core.removal._close_windows", lambda _home: None)
    return tmp_path / "config"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home").create()
    made.identity.write_text("key")
    (made.experts / "deep").mkdir()
    (made.experts / "deep" / "expert.safetensors").write_text("weights")
    return made


def test_everything_is_deleted(home: Home) -> None:
    assert remove_data(home)
    assert not home.root.exists()
    assert not remove_data(home)


def test_folders_that_are_not_ours_stay(tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "cat.jpg").touch()
    link = tmp_path / "link"
    link.symlink_to(home.root)
    for root in (pictures, link, pictures / "cat.jpg"):
        with pytest.raises(HomeError, match="is not deleted"):
            remove_data(Home(root))
    monkeypatch.setattr(Path, "home", lambda: home.root / "logs")
    with pytest.raises(HomeError, match="holds more"):
        remove_data(home)
    assert (pictures / "cat.jpg").exists()
    assert home.identity.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a link needs rights there")
def test_what_a_link_inside_leads_to_stays(tmp_path: Path, home: Home) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "data.txt").touch()
    (home.root / "data").symlink_to(outside)
    assert remove_data(home)
    assert (outside / "data.txt").exists()


def test_nothing_is_deleted_under_an_engine_that_does_not_stop(home: Home) -> None:
    with EngineLock(home), pytest.raises(HomeError, match="does not stop"):
        remove_data(home, patience_s=0.0)
    assert home.identity.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="XDG autostart")
def test_the_start_at_login_is_forgotten(home: Home, own_config: Path) -> None:
    system_autostart(home).set(["/opt/hivelet/hivelet"])
    assert len(list((own_config / "autostart").iterdir())) == 1
    remove_data(home)
    assert list((own_config / "autostart").iterdir()) == []


def test_the_command_asks_first(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("typer.confirm", lambda *_args, **_options: (_ for _ in ()).throw(KeyboardInterrupt))
    assert main(["remove-data", "--home", str(home.root)]) == 130
    assert home.identity.exists()
    assert main(["remove-data", "--yes", "--home", str(home.root)]) == 0
    assert "is deleted" in capsys.readouterr().out
    assert not home.root.exists()


def test_windows_are_told_from_commands(home: Home) -> None:
    mine, program = str(home.root), program_command()
    assert is_window_of(home, [*program, "--home", mine, "--loopback"])
    assert is_window_of(home, [*program, f"--home={mine}", "hivelet:?x=y"])
    assert is_window_of(home, [sys.executable, str(Path(sys.executable).with_name("hivelet")), "--home", mine])
    assert not is_window_of(home, [*program, "engine", "--home", mine])
    assert not is_window_of(home, [*program, "--home", mine + "2"])
    assert not is_window_of(home, ["/bin/cat", "--home", mine])
    assert not is_window_of(home, [])
