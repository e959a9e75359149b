"""The experts of one grid that may be called at one moment."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from core.experts.announcement import AnnouncedExpert
from core.experts.beam_search import SearchIndex
from core.experts.uid import Grid


class GridView:
    """The experts of one grid that may be called now. Immutable."""

    def __init__(self, grid: Grid, experts: Sequence[AnnouncedExpert]) -> None:
        self.grid = grid
        self.experts = tuple(experts)

    def __len__(self) -> int:
        return len(self.experts)

    @cached_property
    def index(self) -> SearchIndex:
        """For searching them by gate scores; results are positions in `experts`."""
        return SearchIndex(self.grid.dims, [expert.place for expert in self.experts])

    @cached_property
    def position(self) -> dict[str, int]:
        """Where each uid stands in `experts`."""
        return {expert.uid: number for number, expert in enumerate(self.experts)}


def renewed(grid: Grid, usable: Iterable[AnnouncedExpert], before: GridView) -> GridView:
    """A view of the grid's usable experts; the earlier one (and its prepared index) where nothing changed."""
    mine = sorted((each for each in usable if each.uid.startswith(grid.prefix)), key=lambda each: each.place)
    same = len(mine) == len(before.experts) and all(
        (new.uid, new.contact, new.encodings) == (old.uid, old.contact, old.encodings)
        for new, old in zip(mine, before.experts, strict=True)
    )
    return before if same else GridView(grid, mine)
