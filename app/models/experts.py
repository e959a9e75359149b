"""The hosted experts as a table."""

from PySide6.QtCore import QObject

from app.formatting import milliseconds, number, plain, rate, size
from app.models.table import Column, TableModel
from app.translation import translate
from app.viewmodels.experts import state_words
from core.control.snapshot import ExpertView

_MOODS = {"serving": "good", "idle": "off", "paused": "wait"}


def experts_model(parent: QObject | None = None) -> TableModel[ExpertView]:
    """Columns as the volunteer reads them."""
    columns: list[Column[ExpertView]] = [
        Column(translate("Experts", "Expert"), lambda e: plain(e.uid, 60), lambda e: _natural(e.uid), numeric=False),
        Column(translate("Experts", "Samples/s"), lambda e: rate(e.samples_per_s), lambda e: e.samples_per_s),
        Column(translate("Experts", "Today"), lambda e: number(e.served_today), lambda e: e.served_today,
               hint=translate("Experts", "Samples served since midnight")),
        Column(translate("Experts", "Since start"), lambda e: number(e.served), lambda e: e.served,
               hint=translate("Experts", "Samples served since the engine started")),
        Column(translate("Experts", "Step"), lambda e: number(e.step), lambda e: e.step,
               hint=translate("Experts", "Optimizer steps since the expert was born")),
        Column(translate("Experts", "Latency"), lambda e: milliseconds(e.latency_ms), lambda e: e.latency_ms,
               hint=translate("Experts", "Mean, inside this host")),
        Column(translate("Experts", "Memory"), lambda e: size(e.memory_bytes), lambda e: e.memory_bytes),
        Column(translate("Experts", "Device"), lambda e: plain(e.device, 20), lambda e: e.device),
    ]  # fmt: skip
    return TableModel(columns, lambda e: e.uid, _mood, parent)


def _mood(expert: ExpertView) -> tuple[str, str]:
    return _MOODS.get(expert.state, "off"), state_words(plain(expert.state, 20))


def _natural(uid: str) -> str:
    """A key under which ffn0.2 comes before ffn0.10. One string, because Qt compares no tuples."""
    return ".".join(part.zfill(8) if part.isdigit() else part for part in uid.split("."))
