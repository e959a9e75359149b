"""What a page says when it has nothing to show: one sentence, and one action."""

from dataclasses import dataclass

from app.supervision import EngineStatus, next_try
from core.control.snapshot import EngineSnapshot


@dataclass(frozen=True, slots=True)
class Empty:
    """action: "retry", "copy_address", "preference:NAME" or ""; label: the words of its button."""

    title: str
    sentence: str
    action: str = ""
    label: str = ""


def without_engine(snapshot: EngineSnapshot | None, engine: EngineStatus, now: float) -> Empty | None:
    """The empty state that every page shares while no engine answers; None when one does."""
    if snapshot is not None and engine.phase in ("running", "unresponsive"):
        return None
    label = "Try again" if engine.phase == "waiting" else "Start the engine"
    retry = ("retry", label) if engine.can_retry else ("", "")
    match engine.phase:
        case "waiting":
            return Empty("The engine stopped", f"{engine.problem} {next_try(engine, now)}".strip(), *retry)
        case "stopped":
            return Empty("The engine is stopped", "Nothing is computed until it is started again.", *retry)
        case "absent":
            return Empty("No engine answers here", engine.sentence)
        case "starting":
            return Empty(
                "Starting the engine", "It measures this computer and looks for others. This takes a few seconds."
            )
        case _:
            return Empty("One moment", "Asking the engine what it does…")
