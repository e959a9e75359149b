"""What left this computer, and who is not served, as tables."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject

from app.formatting import ago, number, plain, size
from app.models.table import Column, TableModel
from app.said import said
from app.translation import translate
from app.viewmodels.trust import SentRow, ban_until
from core.control.snapshot import BanView


def sent_model(parent: QObject | None = None, now: Callable[[], float] = time.time) -> TableModel[SentRow]:
    """Columns as the volunteer reads them."""
    columns: list[Column[SentRow]] = [
        Column(translate("Trust", "To peer"), lambda r: r.peer, lambda r: r.peer, numeric=False),
        Column(translate("Trust", "For project"), lambda r: r.project, lambda r: r.project, numeric=False),
        Column(translate("Trust", "What"), lambda r: r.kind, lambda r: r.kind, numeric=False),
        Column(translate("Trust", "Tensors"), lambda r: number(r.tensors), lambda r: r.tensors),
        Column(translate("Trust", "Bytes"), lambda r: size(r.bytes), lambda r: r.bytes),
        Column(translate("Trust", "Month"), lambda r: r.month, lambda r: r.month),
        Column(translate("Trust", "Last"), lambda r: ago(r.last, now()), lambda r: r.last),
    ]
    return TableModel(columns, lambda r: r.key, parent=parent)


def bans_model(parent: QObject | None = None, now: Callable[[], float] = time.time) -> TableModel[BanView]:
    """Peers that are not served for a while, and why."""
    columns: list[Column[BanView]] = [
        Column(translate("Trust", "Peer"), lambda b: plain(b.peer_id[:16], 16), lambda b: b.peer_id, numeric=False),
        Column(
            translate("Trust", "Broke this rule"),
            lambda b: plain(said(b.reason), 200),
            lambda b: b.reason,
            numeric=False,
        ),
        Column(translate("Trust", "Strikes"), lambda b: number(b.strikes), lambda b: b.strikes),
        Column(translate("Trust", "Until"), lambda b: ban_until(b.until, now()), lambda b: b.until),
    ]

    def mood(ban: BanView) -> tuple[str, str]:
        over = ban.until <= now()
        return ("off", translate("Trust", "over")) if over else ("bad", translate("Trust", "not served"))

    return TableModel(columns, lambda b: b.peer_id, mood, parent)
