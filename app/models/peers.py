"""The other peers as a table."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject

from app.formatting import ago, milliseconds, number, plain, size
from app.models.table import Column, TableModel
from app.translation import translate
from app.viewmodels.network import direction_words
from core.control.snapshot import PeerView

FRESH_S = 60.0


def peers_model(parent: QObject | None = None, now: Callable[[], float] = time.time) -> TableModel[PeerView]:
    """Columns as the volunteer reads them."""
    columns: list[Column[PeerView]] = [
        Column(translate("Peers", "Peer"), lambda p: plain(p.peer_id[:8], 8), lambda p: p.peer_id, numeric=False),
        Column(
            translate("Peers", "Address"),
            lambda p: plain(p.address, 60).removeprefix("tcp://"),
            lambda p: p.address,
            numeric=False,
        ),
        Column(
            translate("Peers", "Link"), lambda p: direction_words(p.direction), lambda p: p.direction, numeric=False
        ),
        Column(translate("Peers", "Experts"), lambda p: number(p.experts), lambda p: p.experts),
        Column(translate("Peers", "Latency"), lambda p: milliseconds(p.latency_ms), lambda p: p.latency_ms),
        Column(translate("Peers", "Sent"), lambda p: size(p.sent_bytes), lambda p: p.sent_bytes),
        Column(translate("Peers", "Received"), lambda p: size(p.received_bytes), lambda p: p.received_bytes),
        Column(translate("Peers", "Last seen"), lambda p: ago(p.last_seen, now()), lambda p: p.last_seen),
    ]

    def mood(peer: PeerView) -> tuple[str, str]:
        fresh = now() - peer.last_seen < FRESH_S
        return ("good", "connected") if fresh else ("off", "silent for a while")

    return TableModel(columns, lambda p: p.peer_id, mood, parent)
