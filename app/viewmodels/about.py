"""Which Hivelet this is, in words: what somebody who reports a fault should name."""

from app.formatting import plain
from app.translation import translate
from core.control.snapshot import EngineSnapshot

_MOST = 12


def about_lines(snapshot: EngineSnapshot | None) -> tuple[tuple[str, str], ...]:
    """(what, which); none before an engine told. Names of programs are the same in every language."""
    if snapshot is None:
        return ()
    names = {"build": translate("About", "Build"), "system": translate("About", "System")}
    told = list(snapshot.about.items())[:_MOST] or [("Hivelet", snapshot.version)]
    return tuple((names.get(what, plain(what, 40)), plain(which, 120)) for what, which in told)
