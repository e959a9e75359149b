"""An organiser's way: new, check, sign, show, link."""

import pytest

from core.errors import ManifestError, UsageError
from core.projects.authoring import check_project, describe, link_to, new_project, sign_project
from core.projects.link import JoinLink
from core.projects.manifest import builtin, load


@pytest.mark.parametrize("task", ["text", "digits"])
def test_from_new_to_signed(tmp_path, identity, task):
    path = tmp_path / "mine.toml"
    written = new_project(path, name="mine", task=task)
    assert (written.name, written.task, written.publisher) == ("mine", task, "")
    assert written.layers == builtin(task).layers
    assert path.read_text("utf-8").startswith("#")  # the comments that explain it
    manifest, remarks = check_project(path)
    assert manifest == written
    assert [remark.split()[1] for remark in remarks[:2]] == ["is", "names"]
    signed = sign_project(path, identity)
    assert load(path) == signed
    assert all("not signed" not in remark for remark in check_project(path)[1])
    assert JoinLink.parse(link_to(signed, ["tcp://h:1"])).project_id == signed.project_id


def test_nothing_is_overwritten_or_impersonated(tmp_path, identity):
    path = tmp_path / "mine.toml"
    path.write_text("precious")
    with pytest.raises(UsageError, match="exists already"):
        new_project(path, name="mine")
    with pytest.raises(UsageError, match="built-in project"):
        new_project(tmp_path / "other.toml", name="text")
    with pytest.raises(ManifestError, match="name must match"):
        new_project(tmp_path / "other.toml", name="My Project")
    assert not (tmp_path / "other.toml").exists()
    copy = tmp_path / "copy.toml"
    copy.write_bytes(builtin("text").toml)
    with pytest.raises(ManifestError, match="name is that of a project that ships with Hivelet"):
        sign_project(copy, identity)
    assert copy.read_bytes() == builtin("text").toml


def test_a_broken_file_is_not_signed(tmp_path, identity, edited):
    path = tmp_path / "mine.toml"
    path.write_bytes(edited(batch="0"))
    with pytest.raises(ManifestError, match=r"trainer\.batch"):
        sign_project(path, identity)
    assert path.read_bytes() == edited(batch="0")


def test_description_is_plain(tmp_path):
    shown = describe(builtin("text"))
    assert shown["experts"] == sum(layer["dims"][0] * layer["dims"][1] for layer in shown["layers"])
    assert shown["metric"] == "bits_per_byte"
    assert shown["signed"] is False
    assert len(shown["project_id"]) == 64
