"""What the page of hosted experts says around its table."""

from app.formatting import count, number, rate, size
from app.supervision import EngineStatus
from app.translation import translate
from app.viewmodels.empty import Empty, without_engine
from core.control.snapshot import EngineSnapshot


def state_words(state: str) -> str:
    """What an expert does."""
    return {
        "serving": translate("Experts", "serving"),
        "idle": translate("Experts", "waiting for samples"),
        "paused": translate("Experts", "paused"),
    }.get(state, state)


def summary(snapshot: EngineSnapshot | None) -> str:
    """`12 hosted of 24 allowed · 3.1 MB · 61.5 samples/s`."""
    if snapshot is None or not snapshot.experts:
        return ""
    words = (
        translate("Experts", "{hosted} hosted of {allowed} allowed · {memory} · {rate} samples/s")
        if snapshot.experts_allowed
        else translate("Experts", "{hosted} hosted · {memory} · {rate} samples/s")
    )
    return words.format(
        hosted=number(len(snapshot.experts)),
        allowed=number(snapshot.experts_allowed),
        memory=size(sum(expert.memory_bytes for expert in snapshot.experts)),
        rate=rate(snapshot.samples_per_s),
    )


def empty(snapshot: EngineSnapshot | None, engine: EngineStatus, now: float) -> Empty | None:
    """What stands instead of the table, None when there are experts."""
    absent = without_engine(snapshot, engine, now)
    if absent is not None or snapshot is None:
        return absent
    if snapshot.experts:
        return None
    if snapshot.state == "starting":
        loading = translate("Experts", "The engine is loading. Its experts appear here in a few seconds.")
        return Empty(translate("Experts", "Taking on experts"), loading)
    if snapshot.experts_allowed == 0:
        return Empty(
            translate("Experts", "No room for an expert"),
            translate("Experts", "The memory that you allow holds none. Allow more, and the engine takes some on."),
            "preference:memory_gb",
            translate("Experts", "Allow more memory"),
        )
    alive = snapshot.project.experts_alive if snapshot.project else 0
    if snapshot.project and alive >= snapshot.project.experts_total:
        words = translate("Experts", "Other peers host all {experts}. This computer takes over as soon as one is free.")
        title = translate("Experts", "Every expert has a home already")
        return Empty(title, words.format(experts=count(alive, "expert")))
    looking = translate("Experts", "The engine looks for experts that nobody hosts. They appear here in a few seconds.")
    return Empty(translate("Experts", "No expert yet"), looking)
