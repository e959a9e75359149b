"""What settings would have done in the last seven days: the engine's answers as a small table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.formatting import figure, number, percent
from app.translation import translate

MOST_CAUSES = 3
LEAST_HOURS = 0.05


@dataclass(frozen=True, slots=True)
class SimulationRow:
    """One set of settings. why: what held work most, in words."""

    name: str
    hours: str
    share: str
    given: str
    energy: str
    why: str


def headings() -> tuple[str, ...]:
    """Of the columns before `why`."""
    return (
        translate("Simulation", "Settings"),
        translate("Simulation", "At work"),
        translate("Simulation", "Mean level"),
        translate("Simulation", "Given"),
        translate("Simulation", "Electricity"),
    )


def simulated(name: str, outcome: Mapping[str, Any]) -> SimulationRow:
    """One row from an OUTCOME of `preferences_simulate`. Raises KeyError, TypeError or ValueError for anything else."""
    return SimulationRow(
        name,
        translate("Simulation", "{hours} h").format(hours=number(float(outcome["worked_h"]), 1)),
        percent(float(outcome["share"])),
        f"{figure(float(outcome['gflop_hours']))} GFLOP·h",
        f"{figure(float(outcome['kwh']))} kWh",
        _causes(outcome["held_h"]),
    )


def basis(hours: float) -> str:
    """What the answer rests on."""
    if hours < LEAST_HOURS:
        return translate("Simulation", "Nothing was recorded yet. Ask again when Hivelet has run for a while.")
    return translate("Simulation", "From {hours} h of what was recorded on this computer.").format(
        hours=number(hours, 1)
    )


def cause(code: str) -> str:
    """The short words for a reason's code; a code that this window does not know is shown as it is."""
    words = {
        "on_battery": translate("Causes", "on battery"),
        "battery_low": translate("Causes", "battery low"),
        "too_hot": translate("Causes", "too hot"),
        "low_memory": translate("Causes", "little memory"),
        "low_disk": translate("Causes", "little disk space"),
        "metered": translate("Causes", "metered network"),
        "traffic_cap": translate("Causes", "traffic used up"),
        "schedule": translate("Causes", "schedule"),
        "in_use": translate("Causes", "in use"),
        "fullscreen": translate("Causes", "fullscreen program"),
        "exclusive_app": translate("Causes", "listed program"),
        "busy": translate("Causes", "other programs busy"),
        "update_required": translate("Causes", "a newer version is needed"),
        "paused_by_user": translate("Causes", "paused by you"),
        "mode_paused": translate("Causes", "mode is paused"),
        "no_budget": translate("Causes", "budget of 0 %"),
    }
    return words.get(code, code.replace("_", " "))


def _causes(held: Mapping[str, float]) -> str:
    ranked: Sequence[tuple[str, float]] = sorted(held.items(), key=lambda item: -item[1])[:MOST_CAUSES]
    told = [
        translate("Simulation", "{cause} {hours} h").format(cause=cause(code), hours=number(hours, 1))
        for code, hours in ranked
        if hours >= LEAST_HOURS
    ]
    return translate("Simulation", "held: {causes}").format(causes=", ".join(told)) if told else ""
