"""The Switch transformer's mixture (Fedus, Zoph, Shazeer, 2021) over remote experts: few experts, kept in balance."""

from typing import Any

import torch

from core.experts.uid import Grid
from core.moe.mixture import RemoteMixtureOfExperts


class RemoteSwitchMixtureOfExperts(RemoteMixtureOfExperts):
    """Sends each sample to its best expert and adds the answer, times the gate's probability of it, to the input.

    An expert's probability is the product of its coordinates' probabilities in every dimension, so what the gate is
    unsure of counts less; a sample that nobody answers is its input. `forward` returns the loss that keeps experts in
    balance beside the output: add a little of it to the training loss.

    grid_dropout: chance that a coordinate takes part in one forward pass; jitter_eps: while training, the gate sees
    its input times 1 ± so much; utilization_alpha: how slowly `grid_utilization` (buffer, [S]: the share of answers
    that fell on each coordinate of its dimension, uniform at first) follows. The other parameters are those of
    RemoteMixtureOfExperts.
    """

    grid_utilization: torch.Tensor

    def __init__(
        self,
        *,
        grid: Grid,
        k_best: int = 1,
        k_min: int = 1,
        utilization_alpha: float = 0.9,
        grid_dropout: float = 1.0,
        jitter_eps: float = 1e-2,
        **others: Any,
    ) -> None:
        super().__init__(grid=grid, k_best=k_best, k_min=k_min, **others)
        self.utilization_alpha = utilization_alpha
        self.grid_dropout = grid_dropout
        self.jitter_eps = jitter_eps
        self.register_buffer("grid_utilization", torch.cat([torch.full((dim,), 1 / dim) for dim in grid.dims]))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:  # type: ignore[override]
        """[…, in_features] -> the same shape, type and device; and the balancing loss, a scalar."""
        flat = x.reshape(-1, x.shape[-1])
        mixed, loss = self.switch(flat, flat)
        return x + mixed.reshape(x.shape), loss

    def switch(self, gated: torch.Tensor, *inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The mixture of whole samples, without the input, and the loss. gated: [N, in_features], what the gate sees;
        inputs: what experts take, as in `mix`."""
        if self.training and self.jitter_eps:
            # A new tensor: the caller's own must not change under its hands.
            gated = gated * torch.empty_like(gated).uniform_(1 - self.jitter_eps, 1 + self.jitter_eps)
        scores = self._drop(self.gate(gated))
        output = self.mix(scores, *inputs)
        return output, self._balance(scores)

    def weigh(self, scores: torch.Tensor, columns: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """The product of each answered expert's coordinates' probabilities; notes how often each was used."""
        probabilities = self._probabilities(scores)
        self._follow(columns)
        chosen = probabilities[rows.unsqueeze(1), columns]  # [M, D]
        return chosen.prod(dim=1)

    def _probabilities(self, scores: torch.Tensor) -> torch.Tensor:
        """[N, S] -> the same: a softmax over every dimension's coordinates."""
        return torch.cat([part.softmax(dim=1) for part in torch.split(scores, list(self.grid.dims), dim=1)], dim=1)

    def _drop(self, scores: torch.Tensor) -> torch.Tensor:
        """Rule random coordinates out, for the whole batch, but never all of a dimension."""
        if not self.training or self.grid_dropout >= 1:
            return scores
        kept = []
        for dim in self.grid.dims:
            mask = torch.rand(dim, device=scores.device) < self.grid_dropout
            mask[torch.randint(dim, (1,))] = True
            kept.append(mask)
        return scores.masked_fill(~torch.cat(kept), float("-inf"))

    def _balance(self, scores: torch.Tensor) -> torch.Tensor:
        """For every dimension, its size times the sum over coordinates of (share of answers) * (mean probability);
        these added up. The share is a count without gradient, the probability carries it: it leads away from what is
        used often. With all alike it is the number of dimensions."""
        dims = list(self.grid.dims)
        if not len(scores):
            return scores.sum()
        used = torch.split(self.grid_utilization.to(scores), dims)
        likely = torch.split(self._probabilities(scores).mean(dim=0), dims)
        return torch.stack([dim * (u * p).sum() for dim, u, p in zip(dims, used, likely, strict=True)]).sum()

    @torch.no_grad()
    def _follow(self, columns: torch.Tensor) -> None:
        """columns: [M, D], of all answers of this pass."""
        if not self.training:
            return
        counts = torch.bincount(columns.reshape(-1), minlength=sum(self.grid.dims))
        shares = (counts / columns.shape[0]).to(self.grid_utilization)
        self.grid_utilization = torch.lerp(self.grid_utilization, shares, 1 - self.utilization_alpha)
