"""Manifests come from strangers: what is odd in one is refused in one clear sentence."""

import contextlib
import tomllib

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ManifestError
from core.projects.manifest import BUILTIN, METRICS, builtin, load, parse, resolve


@pytest.mark.parametrize("name", BUILTIN)
def test_built_in_projects_are_sound(name):
    manifest = builtin(name)
    assert manifest.name == manifest.task == name
    assert manifest.metric == METRICS[name]
    assert len(manifest.project_id) == 32
    assert all(layer.expert.hidden == manifest.model.width for layer in manifest.layers)
    # Half of the grid on one of four peers must still leave a choice to the gate.
    assert manifest.experts_total == sum(layer.grid.size for layer in manifest.layers) >= 16
    assert manifest.average_every_s == manifest.trainer.average_every_s
    assert resolve(name) == manifest


def test_the_id_depends_on_content_not_on_layout(edited):
    plain = parse(edited(), unsigned=True)
    shuffled = tomli_w.dumps(dict(reversed(tomllib.loads(edited.text).items()))).encode()
    assert parse(shuffled, unsigned=True).project_id == plain.project_id
    assert parse(edited(seed="1"), unsigned=True).project_id != plain.project_id


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ({"format": "2"}, "p.toml: format is 2; this Hivelet reads format 1, a newer one may be needed."),
        ({"format": "true"}, "p.toml: format must be a whole number from 1 to 2147483648, not True."),
        ({"task": '"chess"'}, "p.toml: task must be one of text, digits, not 'chess'."),
        ({"name": '"../etc"'}, "p.toml: name must match [a-z0-9][a-z0-9-]{0,39}, unlike '../etc'."),
        ({"name": ""}, "p.toml: name is missing."),
        ({"title": '"a\\u001b[31mb"'}, "p.toml: title must be plain text without control characters."),
        ({"title": '"two\\nlines"'}, "p.toml: title must be plain text without control characters."),
        ({"title": f'"{"x" * 81}"'}, "p.toml: title must be text of at most 80 characters."),
        ({"held_out": "0.9"}, "p.toml: held_out must be a number from 0.01 to 0.5, not 0.9."),
        ({"held_out": "nan"}, "p.toml: held_out must be finite."),
        ({"seed": "1.5"}, "p.toml: seed must be a whole number from 0 to 4611686018427387904, not 1.5."),
        ({"width": "100000"}, "p.toml: model.width must be a whole number from 4 to 4096, not 100000."),
        ({"heads": "3"}, "p.toml: model.heads must divide width = 64 into heads of an even size."),
        (
            {"ngrams": "[{ order = 2, buckets = 1048576 }]"},
            "p.toml: model.ngrams would make the trunk too large to travel; use fewer buckets or a smaller width.",
        ),
        ({"ngrams": "[3]"}, "p.toml: model.ngrams must hold tables only."),
        ({"dims": "[0, 4]"}, "p.toml: layers[0].dims must hold whole numbers from 1 to 4096, not 0."),
        ({"dims": "[4096, 4096]"}, "p.toml: layers[0].dims must not make more than 65536 experts."),
        ({"dims": "4"}, "p.toml: layers[0].dims must be a list of 1 to 4 numbers."),
        ({"prefix": '"ffn1."'}, "p.toml: layers must have different prefixes."),
        ({"k_best": "17"}, "p.toml: layers[0].k_best must be a whole number from 1 to 16, not 17."),
        (
            {"expert": '{ layer = "pickle", inner = 8 }'},
            "p.toml: layers[0].expert.layer must be one of ffn, ffn_residual, ",  # and what other tests registered
        ),
        ({"expert": "{ inner = 0 }"}, "p.toml: layers[0].expert.inner must be a whole number from 1 to 16384, not 0."),
        ({"expert": "3"}, "p.toml: layers[0].expert must be a table."),
        (
            {"expert": '{ inner = 8, schedule = "up" }'},
            "p.toml: layers[0].expert.schedule must be one of constant, linear, cosine, not 'up'.",
        ),
        (
            {"k_best": "2\ntiers = [{ rows = 3, inner = 8 }]"},
            "p.toml: layers[0].tiers must have 4 rows together, as many as the grid's first dimension.",
        ),
        (
            {"k_best": "2\ntiers = [{ rows = 4, inner = 8, layer = 'ffn' }]"},
            "p.toml: there is no field 'layers[0].tiers[0].layer'.",
        ),
        ({"batch": "0"}, "p.toml: trainer.batch must be a whole number from 1 to 4096, not 0."),
        ({"in_flight": '2\nbatsh = "x"'}, "p.toml: there is no field 'trainer.batsh'. Did you mean trainer.batch?"),
        ({"format": "1\nwhen = 2020-01-01"}, "A project file holds text, numbers, lists and tables only."),
        ({"seed": '1\nsignature = "zz"'}, "p.toml: signature must be 128 hexadecimal digits."),
    ],
)
def test_a_bad_field_is_named(edited, lines, sentence):
    with pytest.raises(ManifestError) as caught:
        parse(edited(**lines), "p.toml", unsigned=True)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"\xff", b"a = [" * 500, b"= 1", b"#" * 70_000, b""])
def test_what_is_no_project_file_is_refused(data):
    with pytest.raises(ManifestError, match=r"^p\.toml: "):
        parse(data, "p.toml", unsigned=True)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_gets_through_as_another_error(data):
    text = bytearray(builtin("text").toml)
    for _ in range(data.draw(st.integers(1, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ManifestError):  # most damage is noticed; what is not makes another valid project
        assert parse(bytes(text), unsigned=True).layers


def test_unknown_names_and_missing_files(tmp_path):
    with pytest.raises(ManifestError, match=r"no built-in project 'chess'"):
        builtin("chess")
    with pytest.raises(ManifestError, match=r"nothing\.toml cannot be read"):
        load(tmp_path / "nothing.toml")
    with pytest.raises(ManifestError, match="cannot be read"):
        load(tmp_path)


def test_a_grid_may_have_experts_of_several_sizes(edited):
    manifest = parse(edited(k_best="2\ntiers = [{ rows = 1, inner = 64 }, { rows = 3, inner = 512 }]"), unsigned=True)
    layer = manifest.layers[0]
    assert [layer.expert_of(uid).inner for uid in ("ffn0.0.0", "ffn0.0.3", "ffn0.1.0", "ffn0.3.3")] == [
        64,
        64,
        512,
        512,
    ]
    assert [(expert.inner, count) for expert, count in layer.sizes] == [(64, 4), (512, 12)]
    assert {expert.optimizer for expert, _ in layer.sizes} == {layer.expert.optimizer}
    one_size = parse(edited(), unsigned=True)
    assert manifest.project_id != one_size.project_id
    rest = sum(each.grid.size * each.expert.parameters for each in manifest.layers[1:])
    assert manifest.expert_parameters == rest + sum(expert.parameters * count for expert, count in layer.sizes)


def test_a_project_may_ask_for_a_version(edited):
    plain = parse(edited(), unsigned=True)
    assert plain.min_version == ""
    assert not plain.too_new
    old = parse(b'min_version = "0.0.1"\n' + edited(), unsigned=True)
    assert not old.too_new
    assert old.project_id != plain.project_id  # it is a part of what is signed
    new = parse(b'min_version = "99.0.0"\n' + edited(), unsigned=True)
    assert new.too_new


@pytest.mark.parametrize("text", ['"1.2"', '"latest"', '"1.2.3-evil"', "3", '"' + "1" * 100 + '"', '"1.2.\u202e3"'])
def test_a_version_that_cannot_be_compared_is_refused(edited, text):
    with pytest.raises(ManifestError, match="min_version"):
        parse(f"min_version = {text}\n".encode() + edited(), unsigned=True)


def test_a_project_of_a_later_hivelet_says_so_instead_of_complaining_about_its_fields(edited):
    data = b'min_version = "99.0.0"\nsomething_new = 1\n' + edited()
    with pytest.raises(ManifestError, match=r"needs Hivelet 99\.0\.0 or newer"):
        parse(data, unsigned=True)
    with pytest.raises(ManifestError, match="there is no field"):
        parse(data.replace(b"99.0.0", b"0.0.1"), unsigned=True)
