"""What this computer can sense, and how a person finds out whether that is true."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.formatting import plain
from app.said import said
from app.translation import translate


@dataclass(frozen=True, slots=True)
class DetectorRow:
    """One detector. verdict: works here, or not; how: how it is known, or why not; advice: how to test it."""

    name: str
    title: str
    works: bool
    verdict: str
    reading: str
    how: str
    advice: str


def detector(view: Mapping[str, Any]) -> DetectorRow:
    """From an entry of the command `detectors`. Raises KeyError for anything else."""
    works = bool(view["works"])
    return DetectorRow(
        str(view["name"]),
        plain(said(str(view["title"])), 80),
        works,
        translate("Detectors", "works here") if works else translate("Detectors", "cannot tell here"),
        plain(said(str(view["reading"])), 60) if works else "",
        plain(said(str(view["sentence"])), 200),
        _advice(str(view["name"])),
    )


def _advice(name: str) -> str:
    return {
        "idle": translate("Detectors", "Take your hands off mouse and keyboard: the seconds must count up."),
        "fullscreen": translate("Detectors", "Let a film or a game fill the screen for a moment."),
        "metered": translate("Detectors", "Mark the network as metered in the system's settings."),
        "temperature": translate("Detectors", "It must look like what other programs show."),
        "others_cpu": translate("Detectors", "Start something demanding: the share must rise."),
        "exclusive": translate("Detectors", "List a program under “Wait for programs”, and start it."),
    }.get(name, "")
