"""What left this computer, in words."""

from dataclasses import replace

import pytest

from app.viewmodels import trust
from core.control.snapshot import HostingView
from tests.support.snapshots import snapshot, trust_answer

NASTY = "<b>x</b>\u202egnp.exe\u0000\n" + "W" * 999


def test_the_cards_add_up_the_newest_month() -> None:
    answer = trust_answer()
    older = {**answer["rows"][0], "month": "2026-12", "bytes": 10**12}
    rows = trust.rows_of({**answer, "rows": [*answer["rows"], older]})
    state = trust.trust(rows, snapshot())
    assert [card.value for card in state.cards] == ["1.2", "53,280", "9", "1"]
    assert state.cards[0].note == "2027-01"
    assert rows[0].project == "Reference text"


def test_whom_it_does_not_serve_is_said() -> None:
    state = trust.trust((), snapshot())
    assert state.bans == "31 calls of other peers broke a rule; 1 peer is not served for a while."
    assert state.checks == "1,204 answers of other peers were computed a second time; 1 was wrong."
    calm = trust.trust((), replace(snapshot(), hosting=HostingView(checked=3)))
    assert calm.bans == "No call of another peer has broken a rule."
    assert calm.checks == "3 answers of other peers were computed a second time; none was wrong."
    assert trust.trust((), None).cards[1].value == "0"


def test_text_from_elsewhere_is_made_safe() -> None:
    row = {"month": NASTY, "project": NASTY, "peer": NASTY, "kind": NASTY, "messages": 1, "tensors": 1, "bytes": 1,
           "last": 0.0}  # fmt: skip
    shown = trust.rows_of({"rows": [row], "projects": {NASTY: NASTY}})[0]
    for text in (shown.month, shown.project, shown.peer, shown.kind):
        assert len(text) <= 60
        assert not set(text) & {"\u202e", "\u0000", "\n"}


def test_endless_answers_are_cut_and_broken_ones_refused() -> None:
    answer = trust_answer(1)
    assert len(trust.rows_of({**answer, "rows": answer["rows"] * 5000})) == trust.MOST_ROWS
    with pytest.raises((KeyError, TypeError, ValueError)):
        trust.rows_of({"rows": [{"month": "2027-01"}], "projects": {}})


def test_further_peers_are_named_so() -> None:
    answer = trust_answer(1)
    answer["rows"][0]["peer"] = trust.OTHERS
    assert trust.rows_of(answer)[0].peer == "further peers"
