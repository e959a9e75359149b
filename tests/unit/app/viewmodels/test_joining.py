"""What is said about a project before anybody joins it, and what may be dropped on the page."""

import pytest

from app.viewmodels.joining import card_of, cards_of, dropped
from tests.support.snapshots import project, projects

NASTY = "<img src=x onerror=alert(1)>\u202egnp\u2066.exe\u0000\n" + "W" * 5000


def test_publisher_licence_and_data_are_told_before_joining() -> None:
    facts = dict(card_of(project(), "x.toml").facts)
    assert facts["Publisher"] == "University of Example, signed with key ab12ab12ab12ab12"
    assert facts["Licence"] == "CC0-1.0"
    assert "1,797 scans" in facts["Data and purpose"]
    assert facts["Size"] == "64 experts, 1,048,576 numbers; one takes 197 kB"


def test_what_is_missing_is_said_too() -> None:
    bare = project(publisher="", licence="", description=" ", signed=False, bootstrap=[], publisher_key="")
    facts = dict(card_of(bare, "x").facts)
    assert facts["Publisher"] == "nobody named, not signed"
    assert facts["Licence"] == "none stated"
    assert facts["Data and purpose"] == "not described"
    assert facts["Known peers"].startswith("none yet")


def test_a_project_that_needs_a_newer_version_says_so_first() -> None:
    name, words = card_of(project(min_version="9.9.9", too_new=True), "x").facts[0]
    assert name == "Needs Hivelet"
    assert words.startswith("9.9.9 or newer")
    fine = card_of(project(min_version="0.1.0", too_new=False), "x")
    assert "Needs Hivelet" not in dict(fine.facts)


def test_where_a_project_stands() -> None:
    states = [card.state for card in cards_of({"projects": projects()})]
    assert states == ["at work now", "joined", "comes with Hivelet"]


def test_hostile_words_stay_plain_and_short() -> None:
    nasty = project(NASTY, NASTY, publisher=NASTY, licence=NASTY, description=NASTY, bootstrap=[NASTY] * 99,
                    project_id=NASTY, publisher_key=NASTY)  # fmt: skip
    card = card_of(nasty, "x")
    for text in (card.title, card.publisher, *(words for _name, words in card.facts)):
        assert len(text) <= 700
        assert not set(text) & {"\u202e", "\u2066", "\u0000", "\n"}


def test_an_answer_that_is_none_is_refused() -> None:
    for broken in ({}, project(layers=3), project(experts="many")):
        with pytest.raises((KeyError, TypeError, ValueError)):
            card_of(broken, "x")


@pytest.mark.parametrize(
    ("urls", "text", "what"),
    [
        (["hivelet://join?project=1&name=x"], "", "hivelet://join?project=1&name=x"),
        (["file:///home/a%20b/p.toml"], "", "/home/a b/p.toml"),
        (["file:///C:/Users/x/p.toml"], "", "C:/Users/x/p.toml"),
        (["file://server/share/p.toml"], "", ""),
        ([], "  hivelet://join?x  ", "hivelet://join?x"),
        ([], "/home/x/p.toml", "/home/x/p.toml"),
        ([], "C:\\x\\p.toml", "C:\\x\\p.toml"),
        (["https://example.org/p.toml"], "", ""),
        (["javascript:alert(1)"], "javascript:alert(1)", ""),
        ([], "two\nlines.toml", ""),
        ([], "hivelet://" + "x" * 5000, ""),
        (["http://[broken"], "", ""),
        ([], "", ""),
    ],
)
def test_only_links_and_files_are_taken_from_a_drop(urls: list[str], text: str, what: str) -> None:
    assert dropped(urls, text) == what
