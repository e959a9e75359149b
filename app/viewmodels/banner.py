"""The strip above every page: something about the engine that the volunteer should know wherever they look."""

from dataclasses import dataclass

from app.supervision import EngineStatus, next_try


@dataclass(frozen=True, slots=True)
class Banner:
    """text: one or two sentences; action: "retry", "dismiss" or "" with its label; calm: information, not an error."""

    text: str
    action: str = ""
    label: str = ""
    calm: bool = False


def banner(engine: EngineStatus, command_error: str, now: float) -> Banner | None:
    """The most important thing to say, or nothing."""
    if engine.phase == "waiting":
        text = " ".join(part for part in (engine.sentence, engine.problem, next_try(engine, now)) if part)
        return Banner(text, "retry", "Try again")
    if engine.phase == "starting" and engine.problem:
        return Banner(f"{engine.problem} Starting it again…")
    if command_error:
        return Banner(command_error, "dismiss", "Dismiss")
    if engine.phase == "unresponsive":
        return Banner(engine.sentence, calm=True)
    if engine.problem:
        times = f" ({engine.crashes} times in a row)" if engine.crashes > 1 else ""
        return Banner(f"{engine.problem} It was started again{times}.", "dismiss", "Dismiss", calm=True)
    return None
