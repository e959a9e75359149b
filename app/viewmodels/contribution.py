"""What this computer gave: today, in the last seven days, and since it was installed, as four cards."""

from dataclasses import dataclass

from app.formatting import compact, duration, figure, number, plain
from app.said import said
from app.translation import translate
from core.control.snapshot import ContributionView, EngineSnapshot

SPANS = ("today", "week", "total")


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """One card: a label, a large number with its unit, and a note."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    hint: str = ""  # more about it, as a tooltip


def span_words() -> tuple[tuple[str, str], ...]:
    """(key, words) of the spans."""
    return (
        ("today", translate("Contribution", "Today")),
        ("week", translate("Contribution", "7 days")),
        ("total", translate("Contribution", "In all")),
    )


def contribution_cards(s: EngineSnapshot | None, span: str) -> tuple[KeyNumber, ...]:
    """Samples, computation, time and electricity of that span; dashes while nothing is known."""
    names = (
        translate("Contribution", "Samples served"),
        translate("Contribution", "Contributed"),
        translate("Contribution", "Time given"),
        translate("Contribution", "Electricity"),
    )
    if s is None:
        return tuple(KeyNumber(name, "–", unit) for name, unit in zip(names, ("", "GFLOP·h", "", "kWh"), strict=True))
    view, wider = _views(s, span)
    hours, unit = time_given(view.hours)
    per_kwh = view.gflop_hours / view.kwh if view.kwh > 0 else 0.0
    notes = _notes(wider, span)
    energy = translate("Contribution", "estimated")
    if per_kwh:
        energy = translate("Contribution", "estimated: {figure} GFLOP·h/kWh").format(figure=figure(per_kwh))
    return (
        KeyNumber(names[0], compact(view.samples), "", notes[0]),
        KeyNumber(names[1], figure(view.gflop_hours), "GFLOP·h", notes[1]),
        KeyNumber(names[2], hours, unit, notes[2]),
        KeyNumber(names[3], _kwh(view.kwh), "kWh", energy, plain(said(s.energy_note), 300)),
    )


def _views(s: EngineSnapshot, span: str) -> tuple[ContributionView, ContributionView | None]:
    """That span's numbers, and those of the next wider one."""
    order = (s.today, s.week, s.total)
    place = SPANS.index(span)
    return order[place], order[place + 1] if place + 1 < len(order) else None


def _notes(wider: ContributionView | None, span: str) -> tuple[str, str, str]:
    if wider is None:
        words = translate("Contribution", "since Hivelet was installed")
        return words, words, words
    pattern = (
        translate("Contribution", "{value} in 7 days")
        if span == "today"
        else translate("Contribution", "{value} in all")
    )
    values = (compact(wider.samples), figure(wider.gflop_hours), duration(wider.hours * 3600))
    first, second, third = (pattern.format(value=value) for value in values)
    return first, second, third


def _kwh(value: float) -> str:
    return number(value, 2) if 0.1 <= value < 10 else figure(value)


def time_given(hours: float) -> tuple[str, str]:
    """(figure, unit): hours, or minutes or seconds where there is less than one."""
    if hours >= 1:
        return number(hours, 1), "h"
    return (number(hours * 60), "min") if hours * 60 >= 1 else (number(hours * 3600), "s")
