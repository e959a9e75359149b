"""A stand-in for the remote mixture: all experts live in this process, the maths is the same."""

from typing import Any

import torch
from torch import nn

from core.experts.backend import ExpertBackend
from core.projects.manifest import LayerSpec


class LocalMixture(nn.Module):
    """Product-key gate, top k, softmax over the k; each expert trains at once in backward, by its own optimizer."""

    def __init__(self, layer: LayerSpec) -> None:
        super().__init__()
        self.layer = layer
        self.gate = nn.Linear(layer.expert.hidden, sum(layer.dims))
        self.experts = Experts(
            [ExpertBackend(uid, layer.expert, seed, torch.device("cpu")) for seed, uid in enumerate(layer.grid.uids())]
        )
        self.balance_loss = torch.zeros(())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = self.gate(x).split(self.layer.dims, dim=1)
        scores = parts[0]
        for part in parts[1:]:
            scores = (scores[:, :, None] + part[:, None, :]).flatten(1)
        best, chosen = scores.topk(self.layer.k_best, dim=1)
        experts = len(self.experts.backends)
        shares = torch.bincount(chosen.flatten(), minlength=experts) / chosen.numel()
        self.balance_loss = experts * (shares * scores.softmax(dim=1).mean(dim=0)).sum()
        order = chosen.flatten().argsort(stable=True)
        rows = order // self.layer.k_best
        outputs = _Ask.apply(x[rows], chosen.flatten()[order], self.experts)
        weights = best.softmax(dim=1).flatten()[order]
        return torch.zeros_like(x).index_add(0, rows, outputs * weights[:, None])


class Experts:
    """The experts of one layer, shared by all copies of its mixture."""

    def __init__(self, backends: list[ExpertBackend]) -> None:
        self.backends = backends

    def __deepcopy__(self, memo: dict[int, Any]) -> "Experts":
        return self


class _Ask(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, chosen: torch.Tensor, experts: Experts) -> torch.Tensor:
        counts = torch.bincount(chosen, minlength=len(experts.backends)).tolist()
        ctx.experts, ctx.counts = experts, counts
        ctx.save_for_backward(x)
        pairs = zip(experts.backends, x.split(counts), strict=True)
        return torch.cat([expert.forward(rows) for expert, rows in pairs if len(rows)])

    @staticmethod
    def backward(ctx: Any, gradients: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (x,) = ctx.saved_tensors
        parts = zip(ctx.experts.backends, x.split(ctx.counts), gradients.split(ctx.counts), strict=True)
        return torch.cat([expert.backward(rows, part) for expert, rows, part in parts if len(rows)]), None, None
