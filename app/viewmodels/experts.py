"""What the page of hosted experts says around its table."""

from app.formatting import count, number, rate, size
from app.supervision import EngineStatus
from app.viewmodels.empty import Empty, without_engine
from core.control.snapshot import EngineSnapshot

STATES = {"serving": "serving", "idle": "waiting for samples", "paused": "paused"}


def summary(snapshot: EngineSnapshot | None) -> str:
    """`12 hosted of 24 allowed · 3.1 MB · 61.5 samples/s`."""
    if snapshot is None or not snapshot.experts:
        return ""
    hosted = f"{number(len(snapshot.experts))} hosted"
    if snapshot.experts_allowed:
        hosted += f" of {number(snapshot.experts_allowed)} allowed"
    memory = sum(expert.memory_bytes for expert in snapshot.experts)
    return f"{hosted} · {size(memory)} · {rate(snapshot.samples_per_s)} samples/s"


def empty(snapshot: EngineSnapshot | None, engine: EngineStatus, now: float) -> Empty | None:
    """What stands instead of the table, None when there are experts."""
    absent = without_engine(snapshot, engine, now)
    if absent is not None or snapshot is None:
        return absent
    if snapshot.experts:
        return None
    if snapshot.state == "starting":
        return Empty("Taking on experts", "The engine is loading. Its experts appear here in a few seconds.")
    if snapshot.experts_allowed == 0:
        return Empty(
            "No room for an expert",
            "The memory that you allow holds none. Allow more, and the engine takes some on.",
            "preference:memory_gb",
            "Allow more memory",
        )
    alive = snapshot.project.experts_alive if snapshot.project else 0
    if snapshot.project and alive >= snapshot.project.experts_total:
        return Empty(
            "Every expert has a home already",
            f"Other peers host all {count(alive, 'expert')}. This computer takes over as soon as one is free.",
        )
    return Empty("No expert yet", "The engine looks for experts that nobody hosts. They appear here in a few seconds.")
