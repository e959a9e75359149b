"""A pair of functions for each dataclass of the wire, written from its annotations: every field checked, no more calls.

Requests are decoded and encoded at every call of an expert; functions that call a function for each field of each
part cost several times as much. The source that is compiled here holds names and numbers from our own annotations
alone, nothing that came from the network.
"""

import dataclasses
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from net.errors import LimitError, WireError
from net.wire.limits import Between, Exactly, Max

Convert = Callable[[Any], Any]

_DECODERS: dict[type, Convert] = {}
_ENCODERS: dict[tuple[type, tuple[str, ...]], Convert] = {}


def decoder(cls: type) -> Convert:
    """What turns msgpack's lists into an object of this class. Raises WireError or LimitError."""
    found = _DECODERS.get(cls)
    if found is None:
        found = _DECODERS[cls] = _write_decoder(cls)
    return found


def encoder(cls: type, leave_out: tuple[str, ...] = ()) -> Convert:
    """The inverse; `leave_out` names fields to skip."""
    found = _ENCODERS.get((cls, leave_out))
    if found is None:
        found = _ENCODERS[cls, leave_out] = _write_encoder(cls, leave_out)
    return found


def _write_decoder(cls: type) -> Convert:
    writer = _Writer(encoding=False)
    fields = _fields(cls)
    names = [f"v{index}" for index in range(len(fields))]
    writer.line(f"if type(raw) is not list or len(raw) != {len(fields)}:")
    writer.line(f"    raise WireError('{cls.__name__} is an array of {len(fields)} fields.')")
    if names:
        writer.line(f"[{', '.join(names)}] = raw")
    for name, (field, hint) in zip(names, fields, strict=True):
        writer.check(name, hint, f"{cls.__name__}.{field}")
    writer.line(f"return {writer.constant(cls)}({', '.join(names)})")
    return writer.function(f"decode_{cls.__name__}")


def _write_encoder(cls: type, leave_out: tuple[str, ...]) -> Convert:
    writer = _Writer(encoding=True)
    names = []
    for index, (field, hint) in enumerate(_fields(cls)):
        if field not in leave_out:
            names.append(f"v{index}")
            writer.line(f"v{index} = raw.{field}")
            writer.check(f"v{index}", hint, f"{cls.__name__}.{field}")
    writer.line(f"return [{', '.join(names)}]")
    return writer.function(f"encode_{cls.__name__}")


class _Writer:
    """The source of one function, line by line, and the objects that it refers to."""

    def __init__(self, *, encoding: bool) -> None:
        self._encoding = encoding
        self._lines: list[str] = []
        self._scope: dict[str, Any] = {"WireError": WireError, "LimitError": LimitError, "widened": _widened}
        self._scope["require_text"] = _require_text

    def function(self, name: str) -> Convert:
        """Compile what was written."""
        source = "\n    ".join([f"def {name}(raw):", *self._lines])
        exec(compile(source, f"<{name}>", "exec"), self._scope)  # noqa: S102 - see the module
        made: Convert = self._scope[name]
        return made

    def line(self, text: str) -> None:
        """One line of the function's body."""
        self._lines.append(text)

    def constant(self, value: Any) -> str:
        """The name of an object in the source."""
        name = f"c{len(self._scope)}"
        self._scope[name] = value
        return name

    def check(self, name: str, hint: Any, where: str, indent: str = "") -> None:
        """Check the variable `name` against an annotation, and turn it into (or out of) what msgpack knows."""
        bounds: Sequence[Any] = ()
        if get_origin(hint) is Annotated:
            hint, *bounds = get_args(hint)
        if hint is bool:
            self._fail(
                f"{name} is not True and {name} is not False", "WireError", f"'{where} is no truth value.'", indent
            )
        elif hint is int or hint is float:
            self._number(name, hint, bounds, where, indent)
        elif hint is bytes or hint is str:
            self._fail(f"type({name}) is not {hint.__name__}", "WireError", f"'{where} is no {hint.__name__}.'", indent)
            self._length(name, bounds, where, "is {} long", indent)
            if hint is str and self._encoding:
                self.line(f"{indent}if not {name}.isascii():")
                self.line(f"{indent}    require_text({name}, '{where}')")
        elif get_origin(hint) is tuple:
            self._sequence(name, hint, bounds, where, indent)
        else:
            convert = self.constant(encoder(hint) if self._encoding else decoder(hint))
            self.line(f"{indent}{name} = {convert}({name})")

    def _fail(self, condition: str, error: str, text: str, indent: str) -> None:
        self.line(f"{indent}if {condition}:")
        self.line(f"{indent}    raise {error}({text})")

    def _number(self, name: str, kind: type, bounds: Sequence[Any], where: str, indent: str) -> None:
        low, high = (-(2**63), 2**63 - 1) if kind is int else (-sys.float_info.max, sys.float_info.max)
        for bound in bounds:
            if isinstance(bound, Between):
                low, high = bound.low, bound.high
        self.line(f"{indent}if type({name}) is not {kind.__name__}:")
        wrong = f"raise WireError('{where} is no {kind.__name__}.')"
        # Python's own code may hand over an IntEnum, or an int where a float is meant; the wire sees one type.
        self.line(
            f"{indent}    " + (f"{name} = widened({name}, {kind.__name__}, '{where}')" if self._encoding else wrong)
        )
        # False for NaN and the infinities as well.
        self._fail(f"not {low!r} <= {name} <= {high!r}", "LimitError", f"'{where} is outside its bounds.'", indent)

    def _length(self, name: str, bounds: Sequence[Any], where: str, says: str, indent: str) -> None:
        low, high = _length_bounds(bounds, where)
        text = f"f'{where} {says.format('{len(' + name + ')}')}, which is outside its bounds.'"
        self._fail(f"not {low} <= len({name}) <= {high}", "LimitError", text, indent)

    def _sequence(self, name: str, hint: Any, bounds: Sequence[Any], where: str, indent: str) -> None:
        item_hint, ellipsis = get_args(hint)
        if ellipsis is not Ellipsis:
            raise TypeError(f"{where}: only tuples of any length are supported.")
        kind, said = ("tuple", "tuple") if self._encoding else ("list", "array")
        self._fail(f"type({name}) is not {kind}", "WireError", f"'{where} is no {said}.'", indent)
        self._length(name, bounds, where, "has {} items", indent)
        if dataclasses.is_dataclass(item_hint):
            assert isinstance(item_hint, type)  # noqa: S101 - annotations name classes
            convert = self.constant(encoder(item_hint) if self._encoding else decoder(item_hint))
            items = f"[{convert}(each) for each in {name}]"
        else:
            self.line(f"{indent}items_{name} = []")
            self.line(f"{indent}for each_{name} in {name}:")
            self.check(f"each_{name}", item_hint, where, indent + "    ")
            self.line(f"{indent}    items_{name}.append(each_{name})")
            items = f"items_{name}"
        self.line(f"{indent}{name} = " + (items if self._encoding else f"tuple({items})"))


def _fields(cls: type) -> list[tuple[str, Any]]:
    if not dataclasses.is_dataclass(cls):
        raise TypeError(f"{cls.__name__} is no message.")
    hints = get_type_hints(cls, include_extras=True)
    return [(field.name, hints[field.name]) for field in dataclasses.fields(cls)]


def _length_bounds(bounds: Sequence[Any], where: str) -> tuple[int, int]:
    for bound in bounds:
        if isinstance(bound, Max):
            return 0, bound.count
        if isinstance(bound, Exactly):
            return bound.count, bound.count
    raise TypeError(f"{where} has no bound: everything from the network needs one.")


def _widened(value: Any, kind: type[int] | type[float], where: str) -> Any:
    """An int of another class as a plain one, or as a float where that is meant."""
    if isinstance(value, int) and type(value) is not bool:
        return kind(value)
    raise WireError(f"{where} is no {kind.__name__}.")


def _require_text(value: str, where: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise WireError(f"{where} is no valid text.") from error
