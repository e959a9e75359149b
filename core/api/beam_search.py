"""`MoEBeamSearcher`: the best live experts for scores of grid coordinates."""

from collections.abc import Sequence
from typing import Any

import torch

from core.api.dht import DHT, PeerID
from core.api.experts import ExpertInfo, RemoteExpert
from core.api.peer import ExpertPeer
from core.experts.announcement import AnnouncedExpert
from core.experts.beam_search import NOBODY, find_best
from core.experts.uid import Grid


class MoEBeamSearcher:
    """Finds experts of one grid among those that are announced, in a local view that follows the DHT.

    uid_prefix: a dot is added where it lacks one. grid_size: 1 to 4 dimensions. The search asks nobody: it is exact up
    to 1024 live experts, and a beam over live prefixes above. num_workers, negative_caching and cache_expiration are
    accepted: there is nothing to work on or to cache. kwargs are ignored.
    """

    def __init__(
        self,
        dht: DHT,
        uid_prefix: str,
        grid_size: Sequence[int],
        num_workers: int | None = None,  # noqa: ARG002 - Hivemind's
        negative_caching: bool = True,  # noqa: ARG002
        cache_expiration: float = 300,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        self.dht = dht
        self.uid_prefix = uid_prefix if uid_prefix.endswith(".") else f"{uid_prefix}."
        self.grid_size = tuple(grid_size)
        self.total_grid_size = sum(self.grid_size)
        self.grid = Grid(self.uid_prefix, self.grid_size)
        self._directory = ExpertPeer.of(dht).directory(self.grid)

    def find_best_experts(
        self, grid_scores: Sequence[Sequence[float]], beam_size: int, return_future: bool = False
    ) -> Any:
        """Up to `beam_size` live experts, best first. grid_scores: one row of scores a dimension."""
        batch = [torch.as_tensor(row, dtype=torch.float32).reshape(1, -1) for row in grid_scores]
        if return_future:
            return self.dht.thread.start(_done(self._search(batch, beam_size)[0]))
        return self._search(batch, beam_size)[0]

    def batch_find_best_experts(
        self, batch_grid_scores: Sequence[Any], beam_size: int, return_future: bool = False
    ) -> Any:
        """The same for every sample. batch_grid_scores: one array [batch, size] a dimension."""
        batch = [torch.as_tensor(each, dtype=torch.float32) for each in batch_grid_scores]
        if return_future:
            return self.dht.thread.start(_done(self._search(batch, beam_size)))
        return self._search(batch, beam_size)

    def _search(self, scores: list[torch.Tensor], beam_size: int) -> list[list[RemoteExpert]]:
        if tuple(each.shape[1] for each in scores) != self.grid_size:
            raise ValueError(f"Scores for a grid of {self.grid_size} are needed.")
        view = self._directory.alive(self.uid_prefix)
        found = find_best(torch.cat(scores, dim=1), view.index, beam_size).tolist()
        return [[self._module(view.experts[each]) for each in row if each != NOBODY] for row in found]

    def _module(self, expert: AnnouncedExpert) -> RemoteExpert:
        ExpertPeer.of(self.dht).known.remember(expert)
        return RemoteExpert(ExpertInfo(expert.uid, PeerID(expert.peer_id)), self.dht)


async def _done(result: Any) -> Any:
    return result
