"""Names of experts, strictly parsed: each has exactly one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ExpertError
from core.experts.uid import Grid, parse_coordinate, row_of

GRIDS = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(lambda dims: Grid("ffn0.", tuple(dims)))


@given(GRIDS)
def test_every_place_has_one_name_that_leads_back_to_it(grid: Grid) -> None:
    places, uids = list(grid.coordinates()), list(grid.uids())
    assert len(set(uids)) == len(uids) == grid.size
    assert [grid.parse(uid) for uid in uids] == places
    assert set(grid.rows()) == {row_of(uid)[0] for uid in uids}


@pytest.mark.parametrize(
    "uid",
    ["", "ffn0.", "ffn0.1", "ffn0.1.2.3", "ffn0.1.", "ffn0.01.2", "ffn0.+1.2", "ffn0.-1.2", "ffn0.1.4", "ffn0.4.1",
     "ffn0.1.2 ", "ffn0.1.2\n", "ffn1.1.2", "ffn0.1.x", "ffn0.1.٣", "ffn0.1.1e0", "FFN0.1.2", "ffn0.1." + "9" * 200],
)  # fmt: skip
def test_anything_else_names_no_expert(uid: str) -> None:
    assert Grid("ffn0.", (4, 4)).parse(uid) is None
    assert not Grid("ffn0.", (4, 4)).contains(uid)


@pytest.mark.parametrize("prefix", ["", "ffn", ".", "Ffn.", "0ffn.", "ffn..", "a" * 40 + ".", "ffn0.1.", "ff n."])
def test_prefixes_are_short_lower_case_words_with_a_dot(prefix: str) -> None:
    with pytest.raises(ExpertError, match="prefix"):
        Grid(prefix, (4,))


@pytest.mark.parametrize("dims", [(), (0,), (4, 0), (2, 2, 2, 2, 2), (65537,), (256, 257)])
def test_grids_have_one_to_four_dimensions_and_a_bounded_size(dims: tuple[int, ...]) -> None:
    with pytest.raises(ExpertError, match="grid"):
        Grid("ffn.", dims)


def test_rows_of_a_one_dimensional_grid_are_its_prefix() -> None:
    assert list(Grid("ffn0.", (9,)).rows()) == ["ffn0."]
    assert row_of("ffn0.3.17") == ("ffn0.3.", "17")
    assert Grid("ffn0.", (2, 3)).uid((1, 2)) == "ffn0.1.2"


@given(st.text(max_size=8))
def test_only_plain_decimal_numbers_are_coordinates(text: str) -> None:
    number = parse_coordinate(text)
    assert number is None or str(number) == text
