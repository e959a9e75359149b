"""A text that the project's model writes: each piece with the experts that made it and the peers that served them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.formatting import count, plain
from app.supervision import EngineStatus
from app.translation import translate
from app.viewmodels.empty import Empty, without_engine
from core.control.snapshot import EngineSnapshot

LENGTHS = (100, 300, 1000)
HUES = 12
MOST_EXPERTS = 8


@dataclass(frozen=True, slots=True)
class Piece:
    """text: safe to show, as it came; hue: 0 to HUES - 1, of the gate's first choice, -1 where none is known; picks:
    (expert, peer), peer "" for this computer."""

    text: str
    hue: int
    picks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Served:
    """How much one expert did of a text. share: of the busiest one."""

    name: str
    share: float
    figure: str


def pieces_of(rows: Sequence[Any]) -> tuple[Piece, ...]:
    """The pieces in an answer to `generate_read`. Raises TypeError or ValueError when they are none."""
    return tuple(_piece(str(text), picks) for text, picks in rows)


def _piece(text: str, picks: Sequence[Any]) -> Piece:
    named = tuple((plain(str(uid), 60), plain(str(peer), 64)) for uid, peer in picks)
    return Piece(_shown(text), hue_of(named[0][0]) if named else -1, named)


def hue_of(uid: str) -> int:
    """The same colour for the same expert, always; neighbours in the grid differ."""
    value = 0
    for character in uid:
        value = (value * 31 + ord(character)) % 1_000_003
    return value % HUES


def read_out(piece: Piece) -> str:
    """Who made a piece."""
    if not piece.picks:
        return ""
    told = [
        translate("Trial", "{expert} here").format(expert=uid)
        if not peer
        else translate("Trial", "{expert} on peer {peer}").format(expert=uid, peer=peer[:8])
        for uid, peer in piece.picks
    ]
    return " · ".join(told)


def served(pieces: Sequence[Piece]) -> tuple[Served, ...]:
    """The experts that did most."""
    counts = Counter(pick for piece in pieces for pick in piece.picks)
    ranked = counts.most_common(MOST_EXPERTS)
    return tuple(
        Served(
            f"{uid} · {peer[:8]}" if peer else translate("Trial", "{expert} · here").format(expert=uid),
            times / ranked[0][1],
            f"{times}",
        )
        for (uid, peer), times in ranked
    )


def summary(pieces: Sequence[Piece]) -> str:
    """`120 letters through 14 experts on 3 peers`."""
    picks = {pick for piece in pieces for pick in piece.picks}
    if not pieces:
        return ""
    if not picks:
        return translate("Trial", "No expert answered: the rest of the model wrote alone")
    letters = sum(len(piece.text) for piece in pieces)
    words = translate("Trial", "{letters} through {experts} on {computers}")
    peers = {peer for _uid, peer in picks}
    return words.format(
        letters=count(letters, "letter"), experts=count(len(picks), "expert"), computers=count(len(peers), "computer")
    )


def empty(snapshot: EngineSnapshot | None, engine: EngineStatus, now: float) -> Empty | None:
    """What stands instead of the page, None when the model can write."""
    absent = without_engine(snapshot, engine, now)
    if absent is not None or snapshot is None:
        return absent
    if snapshot.project is None:
        sentence = translate("Trial", "The engine is still loading its project. Then its model can be tried here.")
        return Empty(translate("Trial", "No model yet"), sentence)
    if snapshot.project.task != "text":
        sentence = translate("Trial", "The model of {project} writes no text, so there is nothing to ask it here.")
        title = translate("Trial", "This model does not write")
        return Empty(title, sentence.format(project=plain(snapshot.project.title, 80)))
    return None


def _shown(text: str) -> str:
    """Line ends stay; everything that would hide or turn the text goes."""
    return "\n".join(plain(line, 4000) for line in text.split("\n"))
