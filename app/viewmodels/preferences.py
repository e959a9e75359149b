"""The preferences as rows to show: derived from core.preferences alone, with ranges that fit this computer."""

from dataclasses import dataclass

from app.formatting import number
from core.control.snapshot import EngineSnapshot
from core.preferences import BY_NAME, PREFERENCES, Preference, Value

AUTOMATIC_AT_ZERO = ("threads", "max_experts")
GROUP_HINTS = {
    "Computer": "what the engine may use",
    "Guards": "they hold in every mode",
    "Window": "this window",
}
_GB = 1e9


@dataclass(frozen=True, slots=True)
class Row:
    """One preference as it is shown. steps: how many positions a slider has; position: the present one."""

    preference: Preference
    value: Value
    text: str
    hint: str
    steps: int = 0
    position: int = 0
    step: float = 1.0
    low: float = 0.0


@dataclass(frozen=True, slots=True)
class Group:
    """One card."""

    title: str
    hint: str
    rows: tuple[Row, ...]


def groups(values: dict[str, Value], snapshot: EngineSnapshot | None) -> tuple[Group, ...]:
    """All cards in their declared order. values: what the engine told; what is missing has its default."""
    names = dict.fromkeys(p.group for p in PREFERENCES)
    return tuple(
        Group(
            name,
            GROUP_HINTS.get(name, ""),
            tuple(row(p, values.get(p.name, p.default), snapshot) for p in PREFERENCES if p.group == name),
        )
        for name in names
    )


def row(preference: Preference, value: Value, snapshot: EngineSnapshot | None) -> Row:
    """One row; a value outside the usual range widens it."""
    if preference.kind not in ("int", "float"):
        return Row(preference, value, str(value), preference.help)
    current = float(value)
    step = 1.0 if preference.kind == "int" else 0.1
    high = max(current, _high(preference, snapshot))
    steps = max(1, round((high - preference.low) / step))
    return Row(
        preference,
        value,
        value_text(preference, value),
        preference.help,
        steps,
        round((current - preference.low) / step),
        step,
        preference.low,
    )


def value_at(row: Row, position: int) -> Value:
    """The value at a slider's position, within the declared range."""
    p = row.preference
    value = min(p.high, max(p.low, row.low + position * row.step))
    return round(value) if p.kind == "int" else round(value, 3)


def value_text(preference: Preference, value: Value) -> str:
    """`50 %`, `2.0 GB`, `automatic`."""
    if preference.name in AUTOMATIC_AT_ZERO and value == 0:
        return "automatic"
    text = number(float(value), 0 if preference.kind == "int" else 1)
    return f"{text} {preference.unit}".rstrip()


def title_of(name: str) -> str:
    """The words for a preference."""
    return BY_NAME[name].title if name in BY_NAME else name


def choice_label(choice: str) -> str:
    """The words on a choice's button."""
    return choice.capitalize()


def _high(preference: Preference, snapshot: EngineSnapshot | None) -> float:
    """An upper end that makes sense on this computer: a slider to 1024 GB could not be aimed."""
    hardware = snapshot.hardware if snapshot is not None else None
    memory = hardware.memory_total / _GB if hardware is not None and hardware.memory_total else 16.0
    sensible = {
        "threads": float(hardware.cores) if hardware is not None and hardware.cores else 16.0,
        "memory_gb": memory,
        "min_free_memory_gb": memory / 2,
        "min_free_disk_gb": 50.0,
        "max_experts": float(_experts(snapshot)),
    }
    return min(preference.high, max(preference.low + 1, round(sensible.get(preference.name, preference.high), 1)))


def _experts(snapshot: EngineSnapshot | None) -> int:
    return snapshot.project.experts_total if snapshot is not None and snapshot.project is not None else 256
