"""The gate: scores for every coordinate of the grid, from one linear map (product keys)."""

import torch
from torch import nn

from core.experts.uid import Grid


class ProductKeyGate(nn.Module):
    """An expert's score is the sum of its coordinates' scores, so that d1 + d2 + … numbers rank d1 * d2 * … experts."""

    def __init__(self, in_features: int, grid: Grid) -> None:
        super().__init__()
        self.projection = nn.Linear(in_features, sum(grid.dims))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[N, in_features] -> [N, sum of dims]: the scores of all dimensions side by side."""
        return self.projection(x)  # type: ignore[no-any-return]


def responder_weights(scores: torch.Tensor, columns: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """How much each answer counts: a softmax over the scores of those experts that answered the same sample.

    scores: [N, S] of the gate; pairs (sample, expert) that were answered, in any order: rows [M], the sample;
    columns [M, D], the expert's scores. Returns [M], adding up to 1 for every sample that has an answer.
    """
    width = scores.shape[1]
    flat = scores.reshape(-1)
    logits = sum(
        (flat.index_select(0, rows * width + columns[:, dim]) for dim in range(columns.shape[1])),
        start=flat.new_zeros(rows.shape[0]),
    )
    # Subtracting each sample's largest score keeps exp() in range; it cancels out, so no gradient goes through it.
    peak = torch.full((scores.shape[0],), float("-inf"), device=scores.device, dtype=scores.dtype)
    peak.scatter_reduce_(0, rows, logits.detach(), "amax")
    shares = torch.exp(logits - peak.index_select(0, rows))
    totals = shares.new_zeros(scores.shape[0]).index_add(0, rows, shares)
    return shares / totals.index_select(0, rows)
