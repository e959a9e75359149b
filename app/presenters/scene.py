"""What every presenter of a page stands on: a way to ask, the time, and the newest that is known."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.supervision import EngineStatus
from core.control.snapshot import EngineSnapshot


class Asking(Protocol):
    """What a presenter needs of the bridge."""

    def ask(self, name: str, tag: str = "", **arguments: Any) -> None:
        """Queue a command; never blocks."""


@dataclass(slots=True)
class Scene:
    """Shared by the presenters of one window. snapshot: the newest, None before the first."""

    bridge: Asking
    now: Callable[[], float]
    snapshot: EngineSnapshot | None = None
    engine: EngineStatus = field(default_factory=EngineStatus)

    @property
    def metric(self) -> str:
        """Of the attached project; "" without one."""
        return self.snapshot.project.metric if self.snapshot is not None and self.snapshot.project else ""

    @property
    def answers(self) -> bool:
        """Whether there is an engine to ask."""
        return self.snapshot is not None and self.engine.phase == "running"


class Freshness:
    """Whether something that was asked for is due again. `seconds`: how long an answer stays good."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._asked: dict[str, float] = {}

    def due(self, key: str, now: float) -> bool:
        """True once in `seconds`; a clock that was set back makes everything due."""
        last = self._asked.get(key)
        if last is not None and 0 <= now - last < self._seconds:
            return False
        self._asked[key] = now
        return True

    def forget(self) -> None:
        """Everything is due."""
        self._asked.clear()
