"""A newer version in words, and which addresses a browser may be sent to."""

from dataclasses import replace

import pytest

from app.viewmodels.about import about_lines
from app.viewmodels.reasons import actions_of
from app.viewmodels.update import is_page, update_card
from core.control.snapshot import Action, EngineSnapshot, Reason, UpdateView
from tests.support.snapshots import snapshot

NEWER = UpdateView("0.2.0", "2026-11-29", "https://hivelet.example/news", "Less memory.\nThree replicas.")


def told(update: UpdateView | None) -> EngineSnapshot:
    """As it comes over the control socket."""
    return EngineSnapshot.from_dict(replace(snapshot(), update=update).to_dict())


def test_a_newer_version_is_a_card() -> None:
    card = update_card(told(NEWER))
    assert card is not None
    assert card.title == "Hivelet 0.2.0 of 2026-11-29 is there"
    assert card.notes == "Less memory.\nThree replicas."
    assert card.page == NEWER.page
    required = update_card(told(replace(NEWER, required=True)))
    assert required is not None
    assert required.title.startswith("This project needs a newer Hivelet")


def test_nothing_is_said_where_nothing_is_new_or_it_was_put_away() -> None:
    assert update_card(None) is None
    assert update_card(told(None)) is None
    assert update_card(told(NEWER), "0.2.0") is None
    assert update_card(told(NEWER), "0.1.9") is not None  # another one is news again
    assert update_card(told(UpdateView("0.2.0", required=True))) is None  # the reason says it; there is no page


@pytest.mark.parametrize(
    "page",
    ["", "http://hivelet.example/", "HTTPS://hivelet.example/", "file:///etc/passwd", "javascript:alert(1)",
     "https://good.example@evil.example/", "https://hivelet.example:1/", "https://hivelet.example\\@evil.example/",
     "https://[::1]/", "https://localhost/", "https://hivelet.example/ x", "https://hivelet.example/\u202ex",
     "https://h\u0456velet.example/", "https://hivelet.example/\"x", "https://" + "a" * 300 + ".example/"],
)  # fmt: skip
def test_no_other_address_is_offered_whatever_an_engine_says(page: str) -> None:
    assert not is_page(page)
    assert update_card(told(replace(NEWER, page=page))) is None


def test_hostile_notes_stay_plain_and_short() -> None:
    card = update_card(told(replace(NEWER, notes="<b>x</b>\u202eevil\u0000\n" * 500, date="\u202e" * 90)))
    assert card is not None
    assert card.notes.count("\n") < 8
    assert "\u202e" not in card.notes + card.title
    assert "\u0000" not in card.notes


def test_the_reason_of_a_project_that_needs_more_has_buttons() -> None:
    reason = Reason("update_required", "needs more", actions=(
        Action("open_update", {}, "See"), Action("open_projects", {}, "Choose"), Action("download", {}, "No"),
    ))  # fmt: skip
    assert [action.command for action in actions_of(reason)] == ["open_update", "open_projects"]


def test_about_names_what_a_report_needs() -> None:
    assert about_lines(None) == ()
    lines = dict(about_lines(told(None)))
    assert lines["Hivelet"] == "0.1.0"
    assert lines["Build"].startswith("linux-deb")
    old = replace(snapshot(), about={})
    assert about_lines(old) == (("Hivelet", "0.1.0"),)
