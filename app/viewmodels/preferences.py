"""The preferences as rows to show: derived from core.preferences alone, with ranges that fit this computer."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.formatting import number
from app.translation import core_words, translate
from core.control.snapshot import EngineSnapshot
from core.errors import PreferenceError
from core.preferences import BY_NAME, GROUPS, PREFERENCES, PRESETS, Preference, Value, preset_of

_GB = 1e9
_STEPS_TO_AIM = 250
"""A slider of more positions cannot be aimed; its step becomes a whole unit."""


@dataclass(frozen=True, slots=True)
class Row:
    """One preference as it is shown. steps: how many positions a slider has; position: the present one; changed:
    whether the value is not the default."""

    preference: Preference
    value: Value
    title: str
    text: str
    hint: str
    steps: int = 0
    position: int = 0
    step: float = 1.0
    low: float = 0.0

    @property
    def changed(self) -> bool:
        """Whether it was changed from what everybody begins with."""
        return self.value != self.preference.default


@dataclass(frozen=True, slots=True)
class Group:
    """One card."""

    name: str
    title: str
    hint: str
    rows: tuple[Row, ...]


def groups(values: Mapping[str, Value], snapshot: EngineSnapshot | None) -> tuple[Group, ...]:
    """All cards in their declared order. values: what the engine told; what is missing has its default."""
    return tuple(
        Group(
            name,
            core_words(name),
            core_words(hint),
            tuple(row(p, values.get(p.name, p.default), snapshot) for p in PREFERENCES if p.group == name),
        )
        for name, hint in GROUPS.items()
    )


def row(preference: Preference, value: Value, snapshot: EngineSnapshot | None) -> Row:
    """One row; a value outside the usual range widens it."""
    title, hint, text = title_of(preference.name), core_words(preference.help), value_text(preference, value)
    if preference.kind not in ("int", "float"):
        return Row(preference, value, title, text, hint)
    current = float(value)
    high = max(current, _high(preference, snapshot))
    step = 1.0 if preference.kind == "int" or (high - preference.low) * 10 > _STEPS_TO_AIM else 0.1
    if any(end % 1 for end in (current, preference.low)):
        step = 0.1  # a value between two whole ones has its own place
    steps = max(1, round((high - preference.low) / step))
    position = round((current - preference.low) / step)
    return Row(preference, value, title, text, hint, steps, position, step, preference.low)


def value_at(row: Row, position: int) -> Value:
    """The value at a slider's position, within the declared range."""
    p = row.preference
    value = min(p.high, max(p.low, row.low + position * row.step))
    return round(value) if p.kind == "int" else round(value, 3)


def value_text(preference: Preference, value: Value) -> str:
    """`50 %`, `2.0 GB`, `automatic`."""
    if preference.zero and value in (0, ""):
        return core_words(preference.zero)
    if preference.kind not in ("int", "float"):
        return str(value)
    text = number(float(value), 0 if preference.kind == "int" else 1)
    return f"{text} {preference.unit}".rstrip()


def typed(preference: Preference, text: str) -> Value:
    """What a person wrote. Raises PreferenceError with a sentence that says what is allowed."""
    words = text.strip()
    if preference.zero and words.casefold() in ("", core_words(preference.zero).casefold(), preference.zero):
        return preference.check(0 if preference.kind in ("int", "float") else "")
    if not words:
        raise PreferenceError(f"{preference.name} takes {preference.allowed}.")
    return preference.parse(words)


def matches(row: Row, words: str) -> bool:
    """Whether a search finds this row: every word must be somewhere in what is shown, or in its name."""
    text = f"{row.title} {row.hint} {row.preference.name} {core_words(row.preference.group)}".casefold()
    return all(word in text for word in words.casefold().split())


def presets() -> tuple[tuple[str, str], ...]:
    """(name, words) of every preset, gentlest first."""
    return tuple((name, core_words(name.capitalize())) for name in PRESETS)


def present_preset(values: Mapping[str, Value]) -> str:
    """The preset that these values agree with, or ""."""
    return preset_of(values)


def preset_values(name: str) -> dict[str, Value]:
    """What a preset changes."""
    return dict(PRESETS[name])


def title_of(name: str) -> str:
    """The words for a preference."""
    return core_words(BY_NAME[name].title) if name in BY_NAME else name


def choice_label(choice: str) -> str:
    """The words on a choice's button."""
    return core_words(choice.capitalize())


def note(editable: bool) -> str:
    """What is said beside the title."""
    if editable:
        return translate("Preferences", "Changes apply at once.")
    return translate("Preferences", "They can be changed while the engine runs.")


def _high(preference: Preference, snapshot: EngineSnapshot | None) -> float:
    """An upper end that makes sense on this computer: a slider to 1024 GB could not be aimed. More can be typed."""
    hardware = snapshot.hardware if snapshot is not None else None
    memory = hardware.memory_total / _GB if hardware is not None and hardware.memory_total else 16.0
    sensible = {
        "threads": float(hardware.cores) if hardware is not None and hardware.cores else 16.0,
        "memory_gb": memory,
        "min_free_memory_gb": memory / 2,
        "min_free_disk_gb": 20.0,
        "max_experts": float(_experts(snapshot)),
        "monthly_traffic_gb": 200.0,
        "upload_limit": 20.0,
        "download_limit": 20.0,
        "idle_after_min": 30.0,
        "ramp_min": 30.0,
        "cpu_watts": 300.0,
    }
    return min(preference.high, max(preference.low + 1, round(sensible.get(preference.name, preference.high), 1)))


def _experts(snapshot: EngineSnapshot | None) -> int:
    return snapshot.project.experts_total if snapshot is not None and snapshot.project is not None else 256
