"""A loss that keeps the gate from sending everything to a few experts."""

import torch

from core.experts.beam_search import EXACT_LIMIT, NOBODY, SearchIndex


def balance_loss(scores: torch.Tensor, index: SearchIndex, chosen: torch.Tensor) -> torch.Tensor:
    """The Switch transformer's auxiliary loss over the live experts: 1 when all are used alike, more when not.

    scores: [N, S] of the gate; chosen: [N, k] positions in `index`, NOBODY where there is none. It is
    L * sum over experts of (share of choices that fell on it) * (mean probability that the gate gives it); the first
    factor is a count without gradient, the second carries it. Above EXACT_LIMIT experts it is taken for each
    dimension's coordinates instead, and averaged: a matrix of all experts would be too large.
    """
    picks = chosen[chosen != NOBODY]
    if picks.numel() == 0 or index.size < 2:
        return scores.sum() * 0
    if index.size <= EXACT_LIMIT:
        return _imbalance(index.score_all(scores), picks)
    columns = index.columns
    losses = []
    for dim in range(len(index.dims)):
        alive, position = torch.unique(columns[:, dim], return_inverse=True)
        if alive.numel() > 1:
            losses.append(_imbalance(scores.index_select(1, alive.to(scores.device)), position[picks]))
    return torch.stack(losses).mean()


def _imbalance(scores: torch.Tensor, picks: torch.Tensor) -> torch.Tensor:
    """scores: [N, L]; picks: any number of positions below L."""
    count = scores.shape[1]
    shares = torch.bincount(picks, minlength=count).to(scores) / picks.numel()
    return count * (shares * scores.softmax(dim=1).mean(dim=0)).sum()
