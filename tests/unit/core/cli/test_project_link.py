"""`hivelet project link`: where the link leads."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from core.cli.projects import app
from core.control.client import ControlClient
from core.errors import NotRunning
from core.projects.link import JoinLink
from tests.support.snapshots import snapshot


def link(home: Path, *arguments: str) -> tuple[JoinLink, str]:
    done = CliRunner().invoke(app, ["link", "digits", "--home", str(home), *arguments])
    assert done.exit_code == 0
    return JoinLink.parse(done.stdout.strip().splitlines()[-1]), done.output


def test_it_leads_to_the_engine_that_runs_here_and_to_nobody_else(tmp_path: Path, monkeypatch: Any) -> None:
    now = snapshot()
    monkeypatch.setattr(ControlClient, "call", lambda *_: now.to_dict())
    assert link(tmp_path)[0].bootstrap == (f"{now.address}#{now.peer_id}",)


def test_it_carries_several_addresses_as_they_are_given(tmp_path: Path) -> None:
    given = ("tcp://192.0.2.1:4800", "tcp://peer.example:4800#" + "ab" * 32)
    found, _ = link(tmp_path, "--bootstrap", given[0], "--bootstrap", given[1])
    assert found.bootstrap == given


def test_without_an_engine_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object) -> None:
        raise NotRunning("No engine runs.")

    monkeypatch.setattr(ControlClient, "call", absent)
    found, said = link(tmp_path)
    assert found.bootstrap == ()
    assert "No engine runs here" in said
