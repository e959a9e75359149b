"""Sentences for people that have values in them, so that they can be said in another language, too.

`say` makes a text like any other, in English, which remembers the template that it was made from and its values. What
travels to the window carries both beside the text (`glossary`), and the window puts its own language's template in
place. Templates are literals: the translations' sources are collected from the calls of `say`.
"""

from collections.abc import Mapping
from datetime import datetime
from string import Formatter
from typing import Any, Self

_KINDS = "percent, number, celsius, gigabytes, duration, clock"


class Words(str):
    """The English text. template: what it was made from; values: plain ones, by name."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any]) -> Self:
        """Raises KeyError and ValueError for a template that does not go with the values."""
        made = super().__new__(cls, _ENGLISH.vformat(template, (), values))
        made.template, made.values = template, values
        return made

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        """It never changes."""
        return self


def say(template: str, **values: Any) -> Words:
    """A sentence. In the template stand `{name}` for text, or `{name:kind}`, where kind is one of

    percent (a share, 0 to 1), number, celsius, gigabytes (bytes), duration (seconds), clock (a pair: Unix times of the
    moment and of now).
    """
    return Words(template, values)


def glossary(tree: Any) -> dict[str, tuple[str, dict[str, Any]]]:
    """Template and values of every `Words` in a tree of dictionaries and sequences, by the English text."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    _collect(tree, found)
    return found


def sentence_of(error: BaseException) -> str:
    """What an error says, with its template where it has one: str() of an error forgets it."""
    first = error.args[0] if len(error.args) == 1 else None
    return first if isinstance(first, Words) else str(error)


def clock_text(at: float, now: float) -> str:
    """A moment as people say it: 14:30, tomorrow 06:00, or 2026-03-05 06:00; local time."""
    moment, today = datetime.fromtimestamp(at).astimezone(), datetime.fromtimestamp(now).astimezone()
    days = (moment.date() - today.date()).days
    if days == 0:
        return f"{moment:%H:%M}"
    return f"tomorrow {moment:%H:%M}" if days == 1 else f"{moment:%Y-%m-%d %H:%M}"


def _collect(tree: Any, found: dict[str, tuple[str, dict[str, Any]]]) -> None:
    if isinstance(tree, Words):
        found[str(tree)] = (tree.template, dict(tree.values))
        _collect(tree.values, found)
    elif isinstance(tree, Mapping):
        for value in tree.values():
            _collect(value, found)
    elif isinstance(tree, list | tuple):
        for value in tree:
            _collect(value, found)


class _English(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        match format_spec:
            case "":
                return str(value)
            case "percent":
                return f"{value * 100:.0f} %"
            case "number":
                return f"{value:g}"
            case "celsius":
                return f"{value:.0f} °C"
            case "gigabytes":
                return f"{value / 1e9:.1f}".removesuffix(".0") + " GB"
            case "duration":
                return _duration(value)
            case "clock":
                return clock_text(*value)
        raise ValueError(f"{format_spec} is none of {_KINDS}.")


_ENGLISH = _English()


def _duration(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
