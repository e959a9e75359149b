"""Names of experts: a grid's prefix and one coordinate a dimension, as in `ffn0.3.17`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

from core.errors import ExpertError
from net.wire.limits import MAX_UID_CHARS

MAX_GRID_DIMS = 4
MAX_GRID_SIZE = 65536

_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,31}\.", re.ASCII)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}", re.ASCII)  # one spelling a number: no sign, no leading zero

Coordinates = tuple[int, ...]


def parse_coordinate(text: str) -> int | None:
    """The number, or None unless `text` is its only allowed spelling."""
    return int(text) if _NUMBER.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class Grid:
    """All experts of one layer. prefix: ends with a dot; dims: how many coordinates each dimension has.

    Raises ExpertError for a prefix or size that cannot be used.
    """

    prefix: str
    dims: tuple[int, ...]

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ExpertError(
                f"{self.prefix[:40]!r} is no grid prefix; use lower-case letters, digits and a final dot."
            )
        if not 1 <= len(self.dims) <= MAX_GRID_DIMS or min(self.dims) < 1 or prod(self.dims) > MAX_GRID_SIZE:
            raise ExpertError(f"A grid has 1 to {MAX_GRID_DIMS} dimensions and at most {MAX_GRID_SIZE} experts.")

    @property
    def size(self) -> int:
        """Number of experts."""
        return prod(self.dims)

    def coordinates(self) -> Iterator[Coordinates]:
        """Every place of the grid, in lexicographic order."""
        return product(*(range(dim) for dim in self.dims))

    def uids(self) -> Iterator[str]:
        """Every expert's name, in the order of `coordinates`."""
        return (self.uid(place) for place in self.coordinates())

    def uid(self, place: Coordinates) -> str:
        """The name of the expert at this place."""
        return self.prefix + ".".join(map(str, place))

    def parse(self, uid: str) -> Coordinates | None:
        """The place that `uid` names, or None when it is no expert of this grid (it may come from anyone)."""
        if len(uid) > MAX_UID_CHARS or not uid.startswith(self.prefix):
            return None
        parts = uid[len(self.prefix) :].split(".")
        if len(parts) != len(self.dims):
            return None
        place = []
        for part, dim in zip(parts, self.dims, strict=True):
            number = parse_coordinate(part)
            if number is None or number >= dim:
                return None
            place.append(number)
        return tuple(place)

    def contains(self, uid: str) -> bool:
        """Whether `uid` names an expert of this grid."""
        return self.parse(uid) is not None

    def rows(self) -> Iterator[str]:
        """Every row prefix: a uid without its last coordinate, with the final dot (`ffn0.3.`; 1-D: `ffn0.`)."""
        for place in product(*(range(dim) for dim in self.dims[:-1])):
            yield self.prefix + "".join(f"{number}." for number in place)


def row_of(uid: str) -> tuple[str, str]:
    """Split a valid uid into its row prefix and its last coordinate: `("ffn0.3.", "17")`."""
    row, _, last = uid.rpartition(".")
    return row + ".", last
