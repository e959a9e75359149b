"""What the engine tells of a newer Hivelet, and that it does not work where the project asks for one."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from core.cli.inspection import update_words
from core.control.snapshot import UpdateView
from core.engine.state import Decided, EngineState, Ready
from core.engine.updates import Updates
from core.errors import ReleaseError
from core.host.policy import Decision
from core.paths import Home
from core.projects.manifest import Manifest, builtin
from net.clock import VirtualTimeLoop
from tests.support.release_swarm import PUBLISHER, RELEASE, ReleaseSwarm, record


def updates(
    folder: Path,
    min_version: str = "",
    own: str = "0.1.0",
    *,
    wanted: bool = True,
    publisher: bytes = PUBLISHER.public_key,
) -> Updates:
    manifest: Manifest = replace(builtin("text"), min_version=min_version)
    return Updates(Home(folder), manifest, publisher, lambda: wanted, own)


def heard(found: Updates, value: bytes) -> Updates:
    """The same after this record was heard."""

    async def scenario() -> None:
        swarm = ReleaseSwarm()
        number = await swarm.add()
        own = swarm.identities[number].public_key
        task = asyncio.create_task(found.run(swarm.nodes[number], own, swarm.clock, lambda: True, quick=False))
        await asyncio.sleep(0)
        assert found.publish(value.hex()) == RELEASE.version
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await swarm.close()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(scenario())
    return found


def test_a_newer_version_is_told(tmp_path: Path) -> None:
    found = heard(updates(tmp_path), record())
    assert found.view() == UpdateView("0.2.0", RELEASE.date, RELEASE.page, RELEASE.notes)
    assert found.over(Decision(None, 1.0)) == Decision(None, 1.0)


@pytest.mark.parametrize("own", ["0.2.0", "0.3.0", "0.2.0+mine", "0+unknown"])
def test_a_version_that_is_not_newer_is_not_told(tmp_path: Path, own: str) -> None:
    assert heard(updates(tmp_path, own=own), record()).view() is None


def test_who_does_not_want_to_hear_is_not_told(tmp_path: Path) -> None:
    assert heard(updates(tmp_path, wanted=False), record()).view() is None


def test_a_project_that_needs_a_newer_version_is_not_worked_on(tmp_path: Path) -> None:
    found = updates(tmp_path, "0.1.1")
    assert found.view() == UpdateView("0.1.1", required=True)
    decision = found.over(Decision(None, 1.0))
    assert decision.hold == "guarded"
    assert "needs Hivelet 0.1.1 or newer; this is 0.1.0" in decision.reasons[-1].text
    assert [action.command for action in decision.reasons[-1].actions] == ["open_projects"]
    heard(found, record())
    assert found.view() == UpdateView("0.2.0", RELEASE.date, RELEASE.page, RELEASE.notes, required=True)
    reason = found.over(Decision("paused", 1.0)).reasons[-1]
    assert [action.command for action in reason.actions] == ["open_update", "open_projects"]


def test_what_is_required_is_told_whatever_the_preference_says(tmp_path: Path) -> None:
    view = heard(updates(tmp_path, "0.2.0", wanted=False), record()).view()
    assert view is not None
    assert view.required
    assert view.page == RELEASE.page


def test_a_release_that_is_not_new_enough_for_the_project_is_not_offered(tmp_path: Path) -> None:
    assert heard(updates(tmp_path, "0.3.0"), record()).view() == UpdateView("0.3.0", required=True)


def test_a_project_for_this_version_is_worked_on(tmp_path: Path) -> None:
    assert updates(tmp_path, "0.1.0").over(Decision(None, 1.0)).hold is None


def test_without_a_publisher_nobody_is_believed(tmp_path: Path) -> None:
    found = updates(tmp_path, publisher=b"")
    assert found.checks == ()
    with pytest.raises(ReleaseError, match="names no publisher"):
        found.publish(record().hex())


@pytest.mark.parametrize("text", ["", "zz", "00" * 10_000, record().hex()[:-2]])
def test_a_record_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ReleaseError):
        heard(updates(tmp_path), bytes.fromhex(text)) if text != "zz" else updates(tmp_path).publish(text)


def test_the_headline_says_what_is_waited_for(tmp_path: Path) -> None:
    state = EngineState()
    state.handle(Ready())
    decision = updates(tmp_path, "0.1.1").over(Decision(None, 1.0))
    state.handle(Decided(decision.hold, decision.share, decision.reasons))
    assert state.shown == "guarded"
    assert "newer Hivelet" in state.headline("", 0)


def test_the_command_line_says_it_in_one_line() -> None:
    words = update_words(UpdateView("0.2.0", "2026-11-29", "https://hivelet.example/", "One.\nTwo."))
    assert words == "Hivelet 0.2.0 of 2026-11-29 is there: One. Two. See https://hivelet.example/"
    assert "0.3.0 or newer is needed" in update_words(UpdateView("0.3.0", required=True))
