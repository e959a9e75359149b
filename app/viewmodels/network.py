"""What the network page says: who is there, how others reach this computer, what went over the wire."""

from dataclasses import dataclass

from app.formatting import count, number, plain, size
from app.supervision import EngineStatus
from app.viewmodels.empty import Empty, without_engine
from core.control.snapshot import EngineSnapshot


@dataclass(frozen=True, slots=True)
class NetworkState:
    """Everything above the table of peers."""

    summary: str
    address: str
    join_command: str
    reachability: str
    advice: str  # what would make it better; "" where nothing is missing
    traffic: str
    peer_id: str


def network(snapshot: EngineSnapshot | None) -> NetworkState:
    """The page's state; dashes while nothing is known."""
    if snapshot is None:
        return NetworkState("", "", "", "Not known yet.", "", "–", "–")
    peers = snapshot.peers
    hosted = sum(peer.experts for peer in peers)
    summary = f"{count(len(peers), 'other peer')} · {count(hosted, 'expert')} on them" if peers else "no other peer yet"
    address = plain(snapshot.address, 200)
    return NetworkState(
        summary=summary,
        address=address,
        join_command=f"hivelet engine --bootstrap {address}" if address else "",
        reachability=_sentence(plain(snapshot.reachability, 200)) or "Not known yet.",
        advice=plain(snapshot.reachability_help, 400),
        traffic=f"{size(snapshot.usage.sent_bytes)} sent · {size(snapshot.usage.received_bytes)} received",
        peer_id=plain(snapshot.peer_id, 80),
    )


def empty(snapshot: EngineSnapshot | None, engine: EngineStatus, now: float) -> Empty | None:
    """What stands instead of the table, None when there are peers."""
    absent = without_engine(snapshot, engine, now)
    if absent is not None or snapshot is None:
        return absent
    if snapshot.peers:
        return None
    if snapshot.address:
        return Empty(
            "No other peer yet",
            "This computer works alone meanwhile. Give its address to a second one, and the two find each other.",
            "copy_address",
            "Copy the address",
        )
    return Empty("No other peer yet", "The engine is opening its connection. Peers appear here when they are found.")


def direction_words(direction: str) -> str:
    """Who called whom."""
    return {"out": "we called", "in": "called us"}.get(direction, plain(direction, 20))


def footer(snapshot: EngineSnapshot | None, engine: EngineStatus) -> str:
    """The two lines below the navigation."""
    if snapshot is None or engine.phase not in ("running", "unresponsive"):
        return engine.sentence or "Reading what the engine does…"
    name = plain(snapshot.project.title, 60) if snapshot.project else "No project"
    peers = number(len(snapshot.peers))
    return f"{name}\n{peers} {'peer' if peers == '1' else 'peers'} · {number(len(snapshot.experts))} experts here"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?", "…")) else ".") if words else ""
