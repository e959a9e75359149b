"""The strip above every page: something about the engine that the volunteer should know wherever they look."""

from dataclasses import dataclass

from app.supervision import EngineStatus, next_try
from app.translation import translate


@dataclass(frozen=True, slots=True)
class Banner:
    """text: one or two sentences; action: "retry", "dismiss" or "" with its label; calm: information, not an error;
    details: whether there is a report to look at."""

    text: str
    action: str = ""
    label: str = ""
    calm: bool = False
    details: bool = False


def banner(engine: EngineStatus, command_error: str, now: float) -> Banner | None:
    """The most important thing to say, or nothing."""
    again, dismiss = translate("Banner", "Try again"), translate("Banner", "Dismiss")
    if engine.phase == "waiting":
        text = " ".join(part for part in (engine.sentence, engine.problem, next_try(engine, now)) if part)
        return Banner(text, "retry", again, details=True)
    if engine.phase == "starting" and engine.problem:
        text = translate("Banner", "{problem} Starting it again…").format(problem=engine.problem)
        return Banner(text, details=True)
    if command_error:
        return Banner(command_error, "dismiss", dismiss)
    if engine.phase == "unresponsive":
        return Banner(engine.sentence, calm=True)
    if engine.problem:
        text = translate("Banner", "{problem} It was started again.").format(problem=engine.problem)
        if engine.crashes > 1:
            words = translate("Banner", "{problem} It was started again ({times} times in a row).")
            text = words.format(problem=engine.problem, times=engine.crashes)
        return Banner(text, "dismiss", dismiss, calm=True, details=True)
    return None
