"""What a volunteer may hand to somebody who helps: state, settings and log as one readable text, redacted."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.control.plain import plain
from core.control.snapshot import EngineSnapshot

MOST_LINES = 5000
_ENDPOINT = re.compile(r"\b(?:tcp|udp|ipc|https?)://[^\s\"',;)]+")
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\d.])")
_IPV6 = re.compile(r"\[?(?<![\w:])(?:[0-9a-fA-F]{1,4}:){2,7}(?::?[0-9a-fA-F]{1,4}|:)(?![\w:])\]?(?::\d{1,5})?")
_IPV6_SHORT = re.compile(r"\[?(?<![\w:])(?:[0-9a-fA-F]{1,4}:)*:(?:[0-9a-fA-F]{1,4}:?)+\]?(?::\d{1,5})?")
_LONG = re.compile(r"\b[0-9a-fA-F]{24,}\b")
_KEY = re.compile(
    r"(?<![\w.:+*/=^!?&<>()\[\]{}@%$#-])[0-9a-zA-Z.:+*/=^!?&<>()\[\]{}@%$#-]{40}(?![\w.:+*/=^!?&<>(\[{@%$#-])"
)
_CLOCK = re.compile(r"\d{2}:\d{2}:\d{2}")
_SECRET = re.compile(r"(?i)\b(secret|password|token|private[ _]key)\b(\s*[:=]\s*)\S+")


def diagnostics(
    snapshot: EngineSnapshot | None,
    preferences: Mapping[str, Any],
    log: Iterable[str],
    *,
    addresses: bool,
    now: float,
    home: Path | None = None,
) -> str:
    """The text. addresses: leave network addresses in; keys, long ids and the home folder never are.

    home: the person's own folder, whose path, and whose name, are left out.
    """
    parts = ["Hivelet diagnostics. Nothing was sent; read it before you pass it on.", f"time: {now:.0f}"]
    if snapshot is not None:
        parts.append(_section("state", json.dumps(_state(snapshot), indent=1, ensure_ascii=False, default=str)))
    parts.append(
        _section("preferences", "\n".join(f"{name} = {value!r}" for name, value in sorted(preferences.items())))
    )
    parts.append(_section("log", "\n".join(list(log)[-MOST_LINES:])))
    folder = home or Path.home()
    homes = [str(folder)] + ([snapshot.home] if snapshot is not None else [])
    return "\n".join(redacted(line, homes, addresses=addresses) for line in "\n\n".join(parts).split("\n")) + "\n"


def redacted(line: str, homes: Iterable[str], *, addresses: bool) -> str:
    """One line without what belongs to nobody else. homes: paths to leave out."""
    for path in homes:
        if len(path) > 1:
            line = line.replace(path, "~").replace(path.replace("\\", "\\\\"), "~")
    line = _SECRET.sub(r"\1\2<left out>", line)
    line = _LONG.sub(lambda match: f"{match[0][:8]}…", line)
    line = _KEY.sub("<key>", line)
    if not addresses:
        line = _ENDPOINT.sub("<address>", line)
        line = _IPV4.sub("<address>", line)
        for pattern in (_IPV6, _IPV6_SHORT):
            line = pattern.sub(lambda match: match[0] if _CLOCK.fullmatch(match[0]) else "<address>", line)
    return plain(line, 4000)


def _state(snapshot: EngineSnapshot) -> dict[str, Any]:
    """The snapshot, with counts where the lists would be long."""
    short = replace(snapshot, peers=snapshot.peers[:50], experts=snapshot.experts[:50])
    state = short.to_dict()
    state["peers_total"], state["experts_total"] = len(snapshot.peers), len(snapshot.experts)
    return state


def _section(name: str, text: str) -> str:
    return f"== {name} ==\n{text}"
