"""What the network page says: who is there, how others reach this computer, what went over the wire."""

from dataclasses import dataclass

from app.formatting import count, plain, size
from app.said import said
from app.supervision import EngineStatus
from app.translation import translate
from app.viewmodels.empty import Empty, without_engine
from core.control.snapshot import EngineSnapshot

_MOODS = {"direct": "good", "mapped": "good", "local": "good", "loopback": "good", "relayed": "wait", "client": "wait"}


@dataclass(frozen=True, slots=True)
class NetworkState:
    """Everything above the table of peers."""

    summary: str
    address: str
    join_command: str
    reachability: str
    advice: str  # what would make it better; "" where nothing is missing
    traffic: str
    month: str
    relayed: str  # "" where nothing was passed on for others
    peer_id: str
    mood: str  # of reachability: "good", "wait" or "off"


def network(snapshot: EngineSnapshot | None) -> NetworkState:
    """The page's state; dashes while nothing is known."""
    if snapshot is None:
        return NetworkState("", "", "", _unknown(), "", "–", "–", "", "–", "off")
    peers = snapshot.peers
    hosted = sum(peer.experts for peer in peers)
    summary = translate("Network", "no other peer yet")
    if peers:
        words = translate("Network", "{peers} · {experts} on them")
        summary = words.format(peers=count(len(peers), "other peer"), experts=count(hosted, "expert"))
    usage = snapshot.usage
    traffic = translate("Network", "{sent} sent · {received} received")
    relayed = translate("Network", "{size} passed on for others, encrypted end to end")
    address = plain(snapshot.address, 200)
    return NetworkState(
        summary=summary,
        address=address,
        join_command=f"hivelet engine --bootstrap {address}" if address else "",
        reachability=_sentence(plain(said(snapshot.reachability), 200)) or _unknown(),
        advice=plain(said(snapshot.reachability_help), 400),
        traffic=traffic.format(sent=size(usage.sent_bytes), received=size(usage.received_bytes)),
        month=size(snapshot.traffic_month),
        relayed=relayed.format(size=size(usage.relayed_bytes)) if usage.relayed_bytes else "",
        peer_id=plain(snapshot.peer_id, 80),
        mood=_MOODS.get(snapshot.reachability_state, "off"),
    )


def _unknown() -> str:
    return translate("Network", "Not known yet.")


def empty(snapshot: EngineSnapshot | None, engine: EngineStatus, now: float) -> Empty | None:
    """What stands instead of the table, None when there are peers."""
    absent = without_engine(snapshot, engine, now)
    if absent is not None or snapshot is None:
        return absent
    if snapshot.peers:
        return None
    if snapshot.address:
        return Empty(
            translate("Network", "No other peer yet"),
            translate(
                "Network",
                "This computer works alone meanwhile. Give its address to a second one, and the two find each other.",
            ),
            "copy_address",
            translate("Network", "Copy the address"),
        )
    return Empty(
        translate("Network", "No other peer yet"),
        translate("Network", "The engine is opening its connection. Peers appear here when they are found."),
    )


def direction_words(direction: str) -> str:
    """Who called whom."""
    words = {"out": translate("Network", "we called"), "in": translate("Network", "called us")}
    return words.get(direction, plain(direction, 20))


def footer(snapshot: EngineSnapshot | None, engine: EngineStatus) -> str:
    """The two lines below the navigation."""
    if snapshot is None or engine.phase not in ("running", "unresponsive"):
        return engine.sentence or translate("Overview", "Reading what the engine does…")
    name = plain(snapshot.project.title, 60) if snapshot.project else translate("Network", "No project")
    words = translate("Network", "{peers} · {experts} here")
    line = words.format(peers=count(len(snapshot.peers), "peer"), experts=count(len(snapshot.experts), "expert"))
    return f"{name}\n{line}"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?", "…")) else ".") if words else ""
