import pytest

from app.viewmodels.preferences import groups, matches, present_preset, preset_values, presets, row, typed, value_at
from core.errors import PreferenceError
from core.preferences import BY_NAME, GROUPS, PREFERENCES
from tests.support import snapshots


def test_every_preference_that_can_be_kept_has_its_row() -> None:
    shown = [r.preference.name for group in groups({}, None) for r in group.rows]
    assert sorted(shown) == sorted(p.name for p in PREFERENCES)


@pytest.mark.parametrize("preference", [p for p in PREFERENCES if p.kind in ("int", "float")], ids=lambda p: p.name)
@pytest.mark.parametrize("known", [True, False])
def test_every_slider_position_is_an_allowed_value(preference: object, known: bool) -> None:
    declared = next(p for p in PREFERENCES if p is preference)
    shown = row(declared, declared.default, snapshots.snapshot() if known else None)
    for position in range(shown.steps + 1):
        assert declared.check(value_at(shown, position)) == value_at(shown, position)
    assert value_at(shown, shown.position) == declared.default


def test_ranges_fit_this_computer_but_never_hide_the_present_value() -> None:
    snapshot = snapshots.snapshot()
    assert row(BY_NAME["threads"], 0, snapshot).steps == 16
    assert row(BY_NAME["max_experts"], 0, snapshot).steps == 64
    wide = row(BY_NAME["memory_gb"], 200.0, snapshot)
    assert value_at(wide, wide.position) == 200.0


def test_words() -> None:
    assert row(BY_NAME["threads"], 0, None).text == "automatic"
    assert row(BY_NAME["threads"], 4, None).text == "4"
    assert row(BY_NAME["cpu_percent"], 50, None).text == "50 %"
    assert row(BY_NAME["memory_gb"], 2.0, None).text == "2.0 GB"
    assert row(BY_NAME["upload_limit"], 0.0, None).text == "no limit"
    assert row(BY_NAME["exclusive_apps"], "", None).text == "none"


def test_the_groups_are_those_that_core_declares() -> None:
    assert [group.name for group in groups({}, None)] == list(GROUPS)
    assert all(group.rows for group in groups({}, None))


def test_a_value_can_be_typed_in_its_unit_or_in_words() -> None:
    assert typed(BY_NAME["memory_gb"], "500 MB") == 0.5
    assert typed(BY_NAME["upload_limit"], "No limit") == 0.0
    assert typed(BY_NAME["exclusive_apps"], "") == ""
    with pytest.raises(PreferenceError, match="whole number"):
        typed(BY_NAME["cpu_percent"], "")


def test_searching_looks_in_title_help_and_name() -> None:
    shown = row(BY_NAME["exclusive_apps"], "", None)
    assert matches(shown, "blender PROGRAMS")
    assert matches(shown, "exclusive_apps")
    assert not matches(shown, "blender battery")


def test_a_preset_is_named_when_the_values_agree_with_it() -> None:
    for name, _ in presets():
        values = {p.name: p.default for p in PREFERENCES} | preset_values(name)
        assert present_preset(values) == name
        assert present_preset(values | {"ramp_min": 119}) == ""
