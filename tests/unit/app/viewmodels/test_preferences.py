import pytest

from app.viewmodels.preferences import groups, row, value_at
from core.preferences import BY_NAME, PREFERENCES
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
