"""What left this computer, to whom and for which project; and whom it does not serve for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.formatting import clock_with_day, compact, count, number, plain, size
from app.translation import core_words, translate
from app.viewmodels.contribution import KeyNumber
from core.control.snapshot import EngineSnapshot

OTHERS = "others"
MOST_ROWS = 5000


@dataclass(frozen=True, slots=True)
class SentRow:
    """What went to one peer, of one kind, for one project, in one month (`2027-01`). last: Unix time."""

    month: str
    project: str
    peer: str
    kind: str
    messages: int
    tensors: int
    bytes: int
    last: float

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it one row."""
        return self.month, self.project, self.peer, self.kind


@dataclass(frozen=True, slots=True)
class TrustState:
    """Everything around the tables."""

    promise: str
    cards: tuple[KeyNumber, ...]
    bans: str
    checks: str


def rows_of(answer: dict[str, Any]) -> tuple[SentRow, ...]:
    """The rows in an answer to `trust`, safe to show. Raises KeyError, TypeError or ValueError when it is none."""
    titles = {str(key): plain(str(name), 60) for key, name in dict(answer["projects"]).items()}
    return tuple(_row(row, titles) for row in answer["rows"][:MOST_ROWS])


def _row(row: dict[str, Any], titles: dict[str, str]) -> SentRow:
    project = str(row["project"])
    peer = str(row["peer"])
    return SentRow(
        month=plain(str(row["month"]), 7),
        project=titles.get(project) or plain(project[:12], 12),
        peer=translate("Trust", "further peers") if peer == OTHERS else plain(peer[:16], 16),
        kind=core_words(plain(str(row["kind"]), 60)),
        messages=int(row["messages"]),
        tensors=int(row["tensors"]),
        bytes=int(row["bytes"]),
        last=float(row["last"]),
    )


def trust(rows: Sequence[SentRow], snapshot: EngineSnapshot | None) -> TrustState:
    """The page's words. Cards: of the newest month that there is."""
    month = max((row.month for row in rows), default="")
    latest = [row for row in rows if row.month == month]
    peers = {row.peer for row in latest}
    projects = {row.project for row in latest}
    note = month or translate("Trust", "nothing so far")
    return TrustState(
        promise=promise(),
        cards=(
            KeyNumber(translate("Trust", "Left this computer"), *_amount(sum(row.bytes for row in latest)), note),
            KeyNumber(translate("Trust", "Tensors"), compact(sum(row.tensors for row in latest)), "", note),
            KeyNumber(translate("Trust", "Peers"), number(len(peers)), "", translate("Trust", "received some")),
            KeyNumber(translate("Trust", "Projects"), number(len(projects)), "", translate("Trust", "it was for")),
        ),
        bans=_bans(snapshot),
        checks=_checks(snapshot),
    )


def promise() -> str:
    """What leaves, and what never does."""
    return translate(
        "Trust",
        "Nothing leaves this computer but tensors, expert state and signed records of the directory. No file is read "
        "outside Hivelet's own folders and the data folders that you chose.",
    )


def ban_until(until: float, now: float) -> str:
    """When a ban ends."""
    return clock_with_day(until, now) if until > now else translate("Trust", "over")


def _amount(total: int) -> tuple[str, str]:
    value, _, unit = size(total).partition(" ")
    return value, unit


def _bans(snapshot: EngineSnapshot | None) -> str:
    if snapshot is None:
        return ""
    strikes, bans = snapshot.hosting.strikes, len(snapshot.hosting.bans)
    if not strikes:
        return translate("Trust", "No call of another peer has broken a rule.")
    words = translate("Trust", "{strikes} of other peers broke a rule; {bans} not served for a while.")
    are = count(bans, "peer is", "peers are")
    return words.format(strikes=count(strikes, "call"), bans=are)


def _checks(snapshot: EngineSnapshot | None) -> str:
    if snapshot is None or not snapshot.hosting.checked:
        return translate("Trust", "No answer of another peer has been computed a second time yet.")
    words = translate("Trust", "{checked} of other peers were computed a second time; {wrong} wrong.")
    wrong = count(snapshot.hosting.wrong, "was", "were") if snapshot.hosting.wrong else translate("Trust", "none was")
    return words.format(checked=count(snapshot.hosting.checked, "answer"), wrong=wrong)
