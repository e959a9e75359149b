"""Joined projects survive on the disk; what was tampered with there is not used."""

import logging

import pytest

from core.errors import ManifestError
from core.projects.authoring import link_to, new_project, sign_project
from core.projects.link import MAX_BOOTSTRAP
from core.projects.manifest import builtin
from core.projects.registry import ProjectRegistry


@pytest.fixture
def registry(home):
    return ProjectRegistry(home)


@pytest.fixture
def mine(tmp_path, identity):
    path = tmp_path / "mine.toml"
    new_project(path, name="mine", task="digits")
    return sign_project(path, identity), path


def test_join_list_leave(registry, home, mine):
    manifest, path = mine
    joined = registry.join(str(path), ["tcp://10.0.0.1:7000"])
    registry.join("text")
    assert joined.manifest == manifest
    assert [project.manifest.name for project in registry.projects()] == ["mine", "text"]
    assert registry.find(manifest.project_id.hex()[:12]).bootstrap == ("tcp://10.0.0.1:7000",)
    assert registry.leave("mine") == manifest
    assert [project.manifest.name for project in registry.projects()] == ["text"]
    assert len(list(home.projects.iterdir())) == 2
    with pytest.raises(ManifestError, match=r"'mine' is not joined .*; joined are: text\."):
        registry.leave("mine")


def test_joining_again_adds_addresses_newest_first(registry):
    registry.join("text", [f"tcp://10.0.0.1:{port}" for port in range(1, 9)])
    joined = registry.join("text", ["tcp://10.0.0.2:1", "tcp://10.0.0.1:3"])
    assert joined.bootstrap[:3] == ("tcp://10.0.0.2:1", "tcp://10.0.0.1:3", "tcp://10.0.0.1:1")
    assert len(joined.bootstrap) == MAX_BOOTSTRAP
    assert registry.find("text") == joined


def test_a_link_leads_to_a_project_that_is_here(registry, mine):
    manifest, path = mine
    link = link_to(manifest, ["tcp://10.0.0.1:7000"])
    with pytest.raises(ManifestError, match=r"does not have the project file of mine .*ask the organiser"):
        registry.join(link)
    registry.join(str(path))
    assert registry.join(link).bootstrap == ("tcp://10.0.0.1:7000",)
    assert registry.join(link_to(builtin("text"), [])).manifest == builtin("text")


def test_unsigned_files_cannot_be_joined(registry, tmp_path):
    new_project(tmp_path / "new.toml", name="new")
    with pytest.raises(ManifestError, match="is not signed"):
        registry.join(str(tmp_path / "new.toml"))
    assert registry.projects() == []


def test_tampered_files_are_left_out_and_reported(registry, home, mine, caplog):
    manifest, path = mine
    registry.join(str(path))
    registry.join("text")
    kept = home.projects / f"{manifest.project_id.hex()}.toml"
    (home.projects / f"{'0' * 64}.toml").write_bytes(kept.read_bytes())
    kept.write_bytes(kept.read_bytes().replace(b"batch = 64", b"batch = 65"))
    (home.projects / "notes.toml").write_text("no project")
    with caplog.at_level(logging.WARNING):
        assert [project.manifest.name for project in registry.projects()] == ["text"]
    assert "was changed after its publisher signed it" in caplog.text
    assert "holds another project than its name says" in caplog.text


@pytest.mark.parametrize("content", [b"[", b"[]", b'{"bootstrap": 3}', b'{"bootstrap": ["ftp://x", 5]}', b"\xff"])
def test_a_broken_address_file_costs_the_addresses_alone(registry, home, content):
    project_id = registry.join("text", ["tcp://10.0.0.1:1"]).manifest.project_id
    (home.projects / f"{project_id.hex()}.json").write_bytes(content)
    assert registry.find("text").bootstrap == ()


def test_two_of_one_name_are_told_apart_by_id(registry, tmp_path, identity, mine):
    first, path = mine
    path.write_bytes(path.read_bytes().replace(b"batch = 64", b"batch = 65"))
    registry.join("digits")
    other = tmp_path / "other.toml"
    new_project(other, name="mine", task="text")
    second = sign_project(other, identity)
    registry.join(str(other))
    path.write_bytes(first.toml)
    registry.join(str(path))
    with pytest.raises(ManifestError, match="Several joined projects"):
        registry.find("mine")
    assert registry.find(second.project_id.hex()).manifest == second
