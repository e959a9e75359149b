"""A signature covers everything that the file says, and nothing of how it is laid out."""

import pytest

from core.errors import ManifestError
from core.projects.authoring import sign_project
from core.projects.manifest import load, parse
from core.projects.signing import canonical_bytes
from net.identity import Identity


@pytest.fixture
def signed(tmp_path, edited, identity):
    path = tmp_path / "mine.toml"
    path.write_bytes(edited(name='"mine"'))
    sign_project(path, identity)
    return path


def test_an_unsigned_file_says_how_to_sign_it(edited):
    with pytest.raises(ManifestError, match=r"^mine\.toml is not signed; .*hivelet project sign mine\.toml$"):
        parse(edited(), "mine.toml")


def test_a_signed_file_is_believed(signed, identity):
    manifest = load(signed)
    assert manifest.signed
    assert manifest.publisher_key == identity.public_key
    assert manifest.name == "mine"


@pytest.mark.parametrize(
    ("old", "new"), [("batch = 16", "batch = 17"), ('"mine"', '"yours"'), ("seed = 2", "seed = 3")]
)
def test_any_change_breaks_the_signature(signed, old, new):
    text = signed.read_text("utf-8")
    assert old in text
    with pytest.raises(ManifestError, match="was changed after its publisher signed it"):
        parse(text.replace(old, new).encode())


def test_comments_and_layout_do_not_break_it(signed):
    manifest = parse(b"# kept on my disk\n\n" + signed.read_bytes())
    assert manifest.project_id == load(signed).project_id


def test_a_signature_by_another_makes_another_project(signed):
    first = load(signed)
    second = sign_project(signed, Identity(bytes(32)))
    assert second.signature != first.signature
    assert second.project_id != first.project_id
    assert load(signed) == second


def test_a_wrong_signature_is_refused_even_where_none_is_needed(signed, identity):
    text = signed.read_text("utf-8").replace(identity.public_key.hex(), Identity(bytes(32)).public_key.hex())
    with pytest.raises(ManifestError, match="was changed"):
        parse(text.encode(), unsigned=True)


def test_canonical_bytes_ignore_order_and_the_signature_alone():
    content = {"b": 1, "a": {"d": [1, {"y": 2, "x": 1}], "c": 2.0}}
    same = {"a": {"c": 2.0, "d": [1, {"x": 1, "y": 2}]}, "b": 1, "signature": "00"}
    assert canonical_bytes(content) == canonical_bytes(same)
    assert canonical_bytes({**content, "publisher_key": "00"}) != canonical_bytes(content)
    assert canonical_bytes({**content, "b": 2}) != canonical_bytes(content)
