"""How one engine is started."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """The command line of `hivelet engine`.

    listen: tcp://HOST:PORT, empty for the default; project: a file, a built-in name, or None for what was joined
    before, else the built-in text project; delay_ms and fail_rate: disturbances for demos and benches, added to what
    this engine's experts answer; fast_announcements: a short-lived swarm on one computer, where peers come and go
    within seconds.
    """

    home: str | None = None
    listen: str = ""
    bootstrap: tuple[str, ...] = ()
    project: str | None = None
    data: Path | None = None
    loopback: bool = False
    stop_with_stdin: bool = False
    fast_announcements: bool = False
    delay_ms: float = 0.0
    fail_rate: float = 0.0
