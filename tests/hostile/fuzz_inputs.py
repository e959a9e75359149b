"""Messages for a fuzzer: true ones, ones with values at and beyond their bounds, and bytes that were tampered with."""

import dataclasses
import random
import struct
from typing import Any, get_args, get_origin, get_type_hints

import msgpack

from net.wire.envelope import Kind
from net.wire.limits import Between, Exactly, Max
from net.wire.messages import PROTOCOL_VERSION
from net.wire.table import TABLE

_NUMBERS = [0, 1, -1, 2, 255, 256, 2**15, 2**31, 2**32 - 1, 2**62, 2**63 - 1, -(2**63), 2**64 - 1]
_FLOATS = [0.0, -0.0, 1.0, -1.0, 1e38, 1e308, 5e-324, float("nan"), float("inf"), float("-inf"), 1e18]
_ODD: list[Any] = [None, True, False, b"", "", [], {}, {"a": 1}, [[]], msgpack.ExtType(5, b"x"), msgpack.Timestamp(0)]
_MAX_LIST = 6


class Inputs:
    """Random, but the same for the same seed. examples: bodies of true messages, by code."""

    def __init__(self, seed: int, examples: dict[int, list[bytes]]) -> None:
        self.rng = random.Random(seed)
        self._examples = examples
        self._codes = list(TABLE)
        self._hints = {cls: _fields_of(cls) for cls in TABLE.values()}

    def code(self) -> int:
        """The number of a message, now and then of none."""
        return self.rng.choice(self._codes) if self.rng.random() < 0.97 else self.rng.randrange(2**16)

    def body(self, code: int) -> bytes:
        """A body for this code: as it should be, made up, or spoilt."""
        chance = self.rng.random()
        examples = self._examples.get(code, [])
        if examples and chance < 0.15:
            return self.rng.choice(examples)
        if examples and chance < 0.5:
            return self.spoil(self.rng.choice(examples))
        cls = TABLE.get(code)
        if cls is None or chance < 0.55:
            return self.rng.randbytes(self.rng.randrange(80))
        fields = [self._value(hint, odds=0.03) for hint in self._hints[cls]]
        try:
            made: bytes = msgpack.packb(fields)
        except (OverflowError, ValueError):
            made = b"\xdd\xff\xff\xff\xff"
        return made if chance < 0.9 else self.spoil(made)

    def head(self, kind: int, code: int, call: int) -> bytes:
        """An envelope, mostly of this kind; its sizes and argument are anything."""
        rng = self.rng
        sizes = [rng.choice((0, 1, 16, 64, 1000, 2**26, 2**32 - 1)) for _ in range(rng.choice((0, 0, 0, 1, 2)))]
        count = len(sizes) if rng.random() < 0.98 else rng.randrange(2**16)
        version = PROTOCOL_VERSION if rng.random() < 0.99 else rng.randrange(256)
        kind = kind if rng.random() < 0.97 else rng.randrange(256)
        argument = rng.choice((0, 1, 50, 2000, 2**32 - 1))
        return struct.pack(f"!BBHQIH{len(sizes)}I", version, kind, code, call, argument, count, *sizes)

    def payload(self) -> list[bytes]:
        """What follows the first frame."""
        rng = self.rng
        return [bytes(rng.choice((0, 1, 16, 64, 1000))) for _ in range(rng.choice((0, 0, 1, 2, 64)))]

    def kind(self) -> int:
        """Mostly a request."""
        return int(Kind.REQUEST if self.rng.random() < 0.7 else self.rng.choice(list(Kind)))

    def spoil(self, data: bytes) -> bytes:
        """The same bytes with a few changes."""
        rng = self.rng
        spoilt = bytearray(data)
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            at = rng.randrange(len(spoilt) + 1)
            match rng.randrange(6):
                case 0 if at < len(spoilt):
                    spoilt[at] ^= 1 << rng.randrange(8)
                case 1 if at < len(spoilt):
                    spoilt[at] = rng.choice((0, 1, 0x7F, 0x80, 0x90, 0xC0, 0xC1, 0xC4, 0xCB, 0xDD, 0xDF, 0xFF))
                case 2:
                    del spoilt[at : at + rng.randrange(1, 9)]
                case 3:
                    spoilt[at:at] = rng.randbytes(rng.randrange(1, 9))
                case 4:
                    del spoilt[at:]
                case _:
                    other = rng.randrange(len(spoilt) + 1)
                    spoilt[at:at] = spoilt[other : other + 32]
        return bytes(spoilt)

    def spoil_tree(self, tree: Any) -> None:
        """Replace, remove or add one thing somewhere in dictionaries and lists."""
        rng = self.rng
        while isinstance(tree, dict | list) and tree:
            key = rng.choice(list(tree)) if isinstance(tree, dict) else rng.randrange(len(tree))
            inner = tree[key]
            if isinstance(inner, dict | list) and inner and rng.random() < 0.8:
                tree = inner
                continue
            if rng.random() < 0.2:
                del tree[key]
            else:
                tree[key] = rng.choice((*_ODD, *_NUMBERS, *_FLOATS, "x" * 1000))
            return

    def _value(self, hint: Any, odds: float) -> Any:
        """A value for one field; with these odds one that does not belong there."""
        rng = self.rng
        if rng.random() < odds:
            return rng.choice(_ODD)
        bounds: tuple[Any, ...] = ()
        if hasattr(hint, "__metadata__"):
            hint, *rest = get_args(hint)
            bounds = tuple(rest)
        if hint is bool:
            return rng.random() < 0.5
        if hint is int:
            return rng.choice((*_NUMBERS, *_edges(bounds)))
        if hint is float:
            return rng.choice((*_FLOATS, *map(float, _edges(bounds))))
        if hint in {bytes, str}:
            size = self._size(bounds)
            return rng.randbytes(size) if hint is bytes else "".join(rng.choices("ab0.\0é\U0001f600", k=size))
        if get_origin(hint) is tuple:
            return [self._value(get_args(hint)[0], odds) for _ in range(min(self._size(bounds), _MAX_LIST))]
        return [self._value(each, odds) for each in _fields_of(hint)]

    def _size(self, bounds: tuple[Any, ...]) -> int:
        for bound in bounds:
            if isinstance(bound, Exactly):
                return bound.count if self.rng.random() < 0.98 else bound.count + 1
            if isinstance(bound, Max):
                most = min(bound.count, 300)
                return self.rng.choice((0, 1, most, self.rng.randrange(most + 2)))
        return self.rng.randrange(9)


_FIELDS: dict[type, list[Any]] = {}


def _fields_of(cls: type) -> list[Any]:
    if cls not in _FIELDS:
        hints = get_type_hints(cls, include_extras=True)
        _FIELDS[cls] = [hints[field.name] for field in dataclasses.fields(cls)]  # type: ignore[arg-type]
    return _FIELDS[cls]


def _edges(bounds: tuple[Any, ...]) -> list[int]:
    found = [edge for bound in bounds if isinstance(bound, Between) for edge in (bound.low, bound.high)]
    return [int(edge) + step for edge in found for step in (-1, 0, 1)]
