"""What a page says when it has nothing to show: one sentence, and one action."""

from dataclasses import dataclass

from app.supervision import EngineStatus, next_try
from app.translation import translate
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
    again, start = translate("Empty", "Try again"), translate("Empty", "Start the engine")
    label = again if engine.phase == "waiting" else start
    retry = ("retry", label) if engine.can_retry else ("", "")
    match engine.phase:
        case "waiting":
            return Empty(
                translate("Empty", "The engine stopped"), f"{engine.problem} {next_try(engine, now)}".strip(), *retry
            )
        case "stopped":
            nothing = translate("Empty", "Nothing is computed until it is started again.")
            return Empty(translate("Empty", "The engine is stopped"), nothing, *retry)
        case "absent":
            return Empty(translate("Empty", "No engine answers here"), engine.sentence)
        case "starting":
            wait = translate("Empty", "It measures this computer and looks for others. This takes a few seconds.")
            return Empty(translate("Empty", "Starting the engine"), wait)
        case _:
            return Empty(translate("Empty", "One moment"), translate("Empty", "Asking the engine what it does…"))
