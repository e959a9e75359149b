"""What the engine says, in the person's language.

The engine speaks English. Beside a sentence with values in it comes the template that it was made from (see
`net.words`); the template is looked up like every other text, and the values are written as they are here.
"""

from collections.abc import Mapping
from string import Formatter
from typing import Any

from app.formatting import clock_with_day, duration, number, percent
from app.translation import core_words

MOST = 2000
_KNOWN: dict[str, tuple[str, dict[str, Any]]] = {}
_DEEPEST = 4


def learn(words: Mapping[str, Any]) -> None:
    """Take what came beside an answer of the engine; the oldest go. From any thread."""
    for text, said in words.items():
        if isinstance(said, list | tuple) and len(said) == 2 and isinstance(said[0], str) and isinstance(said[1], dict):
            _KNOWN.pop(text, None)
            _KNOWN[text] = (said[0], said[1])
    while len(_KNOWN) > MOST:
        _KNOWN.pop(next(iter(_KNOWN)), None)


def said(text: str) -> str:
    """A text of the engine's in the present language, in its own words where there is no translation."""
    return _said(text, 0)


def _said(text: str, depth: int) -> str:
    known = _KNOWN.get(text)
    template, values = known if known is not None else (text, {})
    translated = core_words(template)
    if translated == template or depth > _DEEPEST:
        return text
    if not values:
        return translated
    try:
        return _Local(depth).vformat(translated, (), values)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError):
        return text


class _Local(Formatter):
    def __init__(self, depth: int) -> None:
        self._depth = depth

    def get_field(self, field_name: str, _args: Any, kwargs: Any) -> Any:
        """Names alone: what comes from elsewhere reaches into nothing."""
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        match format_spec:
            case "":
                return _said(value, self._depth + 1) if isinstance(value, str) else str(value)
            case "percent":
                return percent(value)
            case "number":
                return number(value, 0 if value == int(value) else 1)
            case "celsius":
                return f"{number(value)} °C"
            case "gigabytes":
                amount = round(value / 1e9, 1)
                return f"{number(amount, 0 if amount == int(amount) else 1)} GB"
            case "duration":
                return duration(value)
            case "clock":
                at, now = value
                return clock_with_day(at, now)
        raise ValueError(format_spec)
