"""Projects as windows see them: shown before they are joined, joined, left."""

import os
from pathlib import Path

import pytest

from core.engine.project_choice import choose_project
from core.engine.projects_desk import ProjectsDesk
from core.errors import ManifestError
from core.paths import Home
from core.projects.link import JoinLink
from core.projects.manifest import builtin
from core.projects.registry import JoinedProject, ProjectRegistry

DIGITS = builtin("digits")


@pytest.fixture
def desk(tmp_path: Path) -> ProjectsDesk:
    return ProjectsDesk(Home(tmp_path).create(), JoinedProject(builtin("text")))


def test_the_one_at_work_comes_first_and_what_ships_is_offered(desk: ProjectsDesk) -> None:
    found = desk.all()
    assert [(p["name"], p["current"], p["joined"], p["built_in"]) for p in found] == [
        ("text", True, False, True), ("digits", False, False, True),
    ]  # fmt: skip


def test_looking_joins_nothing_joining_does_and_leaving_undoes_it(desk: ProjectsDesk) -> None:
    shown = desk.look(" digits ")
    assert (shown["licence"], shown["joined"]) == (DIGITS.licence, False)
    assert not desk.all()[1]["joined"]
    assert desk.join("digits")["joined"]
    assert desk.all()[1]["joined"]
    desk.leave(DIGITS.project_id.hex())
    assert not desk.all()[1]["joined"]


def test_a_link_brings_its_addresses_along(desk: ProjectsDesk) -> None:
    link = str(JoinLink(DIGITS.project_id, "digits", ("tcp://127.0.0.1:4000",)))
    assert desk.look(link)["bootstrap"] == ["tcp://127.0.0.1:4000"]
    assert desk.join(link)["bootstrap"] == ["tcp://127.0.0.1:4000"]


@pytest.mark.parametrize(
    "what", ["hivelet://join", "hivelet://join?project=zz&name=x", "hivelet:javascript:1", "/nowhere.toml", "", "\0"]
)
def test_what_is_no_project_is_refused_in_one_sentence(desk: ProjectsDesk, what: str) -> None:
    with pytest.raises(ManifestError) as refused:
        desk.look(what)
    assert str(refused.value).count("\n") == 0


def test_a_project_is_not_left_by_the_beginning_of_its_id(desk: ProjectsDesk) -> None:
    desk.join("digits")
    with pytest.raises(ManifestError, match="whole id"):
        desk.leave(DIGITS.project_id.hex()[:8])


def test_the_one_that_was_joined_last_is_worked_on(tmp_path: Path) -> None:
    home = Home(tmp_path).create()
    registry = ProjectRegistry(home)
    for name in ("digits", "text"):
        registry.join(name)
    os.utime(home.projects / f"{DIGITS.project_id.hex()}.toml", (2e9, 2e9))
    assert choose_project(home, None).manifest.name == "digits"
    os.utime(home.projects / f"{DIGITS.project_id.hex()}.toml", (1.0, 1.0))
    assert choose_project(home, None).manifest.name == "text"
