"""Versions: strict of others, lenient of this program, and an unknown one is never old."""

import pytest

from core.release.version import is_newer, parse_own, parse_release


@pytest.mark.parametrize("text", ["1.2.3", "0.0.0", "99999.0.10"])
def test_a_release_is_three_numbers(text: str) -> None:
    assert parse_release(text) == (*map(int, text.split(".")), True)


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.2", "1.2.3.4", "1.2.3rc1", "v1.2.3", "01.2.3", "1.2.-3", "1.2.3 ", " 1.2.3", "1.2.3\n", "१.2.3",
     "1.2.100000", "1" * 10_000, "1.2.\u202e3"],
)  # fmt: skip
def test_a_version_that_cannot_be_compared_is_none(text: str) -> None:
    assert parse_release(text) is None
    assert not is_newer(text, "0.0.1")


def test_what_comes_before_a_release_is_older_than_it() -> None:
    assert is_newer("1.10.0", "1.9.9")
    assert is_newer("1.2.0", "1.2.0rc1")
    assert is_newer("1.2.0", "1.2.0.dev4+gabc")
    assert not is_newer("1.2.0", "1.2.0")
    assert not is_newer("1.2.0", "1.2.0+mine")
    assert not is_newer("1.1.9", "1.2.0.dev4")


def test_a_program_of_unknown_version_is_never_old() -> None:
    assert parse_own("0+unknown") is None
    assert parse_own("1.2.1234567") is None
    assert not is_newer("9.9.9", "0+unknown")
