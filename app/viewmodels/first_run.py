"""The first start: what Hivelet is, how much it may use, and what it works on first. No account, no question twice."""

from dataclasses import dataclass

from app.formatting import figure, number, plain, size
from app.said import said
from app.translation import translate
from app.viewmodels.preferences import preset_values, presets
from core.control.snapshot import EngineSnapshot
from core.preferences import PRESETS

HOURS_IN_USE = 8
"""A day's hours in which somebody is taken to use the computer, for the forecast."""
SUGGESTED = "balanced"


@dataclass(frozen=True, slots=True)
class PresetChoice:
    """One way to begin. limits: what it allows; forecast: what it would give, as this computer was measured."""

    name: str
    title: str
    sentence: str
    limits: str
    forecast: str


def what_it_is() -> tuple[str, ...]:
    """Of the first screen."""
    return (
        translate("First", "Lends a share of this computer to train neural networks together with other volunteers."),
        translate("First", "Small networks, called experts, live here and answer the computers of others."),
        translate("First", "It steps aside while you work, and pauses within a second when you say so."),
        translate("First", "What leaves this computer is listed on the page Trust."),
    )


def what_it_is_not() -> tuple[str, ...]:
    """Of the first screen."""
    return (
        translate("First", "It reads none of your files: only its own folder."),
        translate("First", "It mines no coins, shows no advertisements and needs no account."),
        translate("First", "It runs no programs from the network: only numbers are exchanged, and they are checked."),
    )


def preset_choices(snapshot: EngineSnapshot | None) -> tuple[PresetChoice, ...]:
    """The presets with what they would mean here."""
    sentences = {
        "gentle": translate("First", "You will hardly notice it."),
        "balanced": translate("First", "Uses what you leave over."),
        "everything": translate("First", "For a computer that has nothing else to do."),
    }
    return tuple(
        PresetChoice(name, words, sentences.get(name, ""), _limits(name), forecast(name, snapshot))
        for name, words in presets()
    )


def forecast(name: str, snapshot: EngineSnapshot | None) -> str:
    """What a preset would give in a day, from the speed that the engine measured."""
    processor = next((d for d in snapshot.hardware.devices if d.name == "cpu"), None) if snapshot is not None else None
    if processor is None or processor.gflops <= 0:
        return translate("First", "Measuring this computer…")
    values = {key: float(value) for key, value in preset_values(name).items()}
    hours = (HOURS_IN_USE * values["cpu_percent_in_use"] + (24 - HOURS_IN_USE) * values["cpu_percent"]) / 100
    words = translate("First", "up to {work} GFLOP·h a day, measured at {speed} GFLOP/s")
    return words.format(work=number(processor.gflops * hours), speed=figure(processor.gflops))


def unused_card(snapshot: EngineSnapshot | None) -> str:
    """That a graphics card is here which this Hivelet cannot use, in the engine's words; "" where there is none."""
    reasons = snapshot.reasons if snapshot is not None else ()
    return next((plain(said(reason.text), 400) for reason in reasons if reason.code == "gpu_unused"), "")


def _limits(name: str) -> str:
    values = {key: float(value) for key, value in PRESETS[name].items()}
    words = translate(
        "First", "{away} % of the processor when you are away, {used} % while you use it, {memory} of memory"
    )
    return words.format(
        away=number(values["cpu_percent"]),
        used=number(values["cpu_percent_in_use"]),
        memory=size(values["memory_gb"] * 1e9),
    )
